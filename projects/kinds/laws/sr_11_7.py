"""SR 11-7, the guidance on model risk management, as questions."""

from django.utils.translation import gettext_lazy as _l

from projects.kinds.question import Question, Template, yes

_MODEL = yes("model")
SR_11_7 = Template(
    "sr_11_7",
    "SR 11-7",
    "Federal Reserve SR 11-7 / OCC 2011-12, Guidance on Model Risk Management",
    (
        Question(
            "model",
            _l("Is it a model in the sense of the guidance, used by a bank it covers?"),
            "Section III",
            is_fact=True,
        ),
        Question(
            "stated_purpose",
            _l("Is there a clear statement of purpose, and is the design sound?"),
            "Section IV",
            when=_MODEL,
        ),
        Question(
            "data_assessed",
            _l("Are the quality and relevance of the data assessed and documented?"),
            "Section IV",
            when=_MODEL,
        ),
        Question(
            "tested",
            _l("Was it tested over a range of inputs, with its limits written down?"),
            "Section IV",
            when=_MODEL,
        ),
        Question(
            "uncertainty",
            _l("Do users know its uncertainty and act with due conservatism?"),
            "Section IV",
            when=_MODEL,
        ),
        Question(
            "independent",
            _l("Was it validated by people independent of development and use?"),
            "Section V",
            when=_MODEL,
        ),
        Question(
            "conceptual_soundness",
            _l("Did validation judge its conceptual soundness?"),
            "Section V",
            when=_MODEL,
        ),
        Question(
            "monitoring",
            _l("Is it monitored, with benchmarks and process checks?"),
            "Section V",
            when=_MODEL,
        ),
        Question(
            "outcomes",
            _l("Are its outputs compared with outcomes, by back-testing or the like?"),
            "Section V",
            when=_MODEL,
        ),
        Question(
            "yearly_review",
            _l("Is it reviewed at least once a year?"),
            "Section V",
            when=_MODEL,
        ),
        Question(
            "vendor",
            _l("Does it rest on a vendor’s model or data?"),
            "Section V",
            is_fact=True,
            when=_MODEL,
        ),
        Question(
            "vendor_validated",
            _l("Is the vendor’s product validated, and is there a plan without it?"),
            "Section V",
            when=yes("model", "vendor"),
        ),
        Question(
            "inventory",
            _l("Is it in the firm's inventory of models?"),
            "Section VI",
            when=_MODEL,
        ),
        Question(
            "ownership",
            _l("Are ownership, controls and compliance assigned by policy?"),
            "Section VI",
            when=_MODEL,
        ),
        Question(
            "documented",
            _l("Could somebody new understand it from its documentation?"),
            "Section VI",
            when=_MODEL,
        ),
        Question(
            "audited",
            _l("Does internal audit look at model risk management as a whole?"),
            "Section VI",
            when=_MODEL,
        ),
    ),
)
