"""The California Consumer Privacy Act, as questions."""

from django.utils.translation import gettext_lazy as _l

from projects.kinds.question import Question, Template, yes

_SCOPE = yes("in_scope")
CCPA = Template(
    "ccpa",
    "CCPA",
    "California Civil Code § 1798.100 ff., as amended by the CPRA",
    (
        Question(
            "in_scope",
            _l("Is personal information of Californian consumers used by a business "
               "that the Act covers?"),
            "§ 1798.140",
            is_fact=True,
        ),
        Question(
            "notice",
            _l("Are consumers told at collection what is collected, and why?"),
            "§ 1798.100(a)",
            when=_SCOPE,
        ),
        Question(
            "kept_for",
            _l("Are they told how long each category is kept, or by what criteria?"),
            "§ 1798.100(a)(3)",
            when=_SCOPE,
        ),
        Question(
            "proportionate",
            _l("Is the use necessary and proportionate to the purpose disclosed?"),
            "§ 1798.100(c)",
            when=_SCOPE,
        ),
        Question(
            "know",
            _l("Can consumers learn what is held about them?"),
            "§ 1798.110",
            when=_SCOPE,
        ),
        Question(
            "delete",
            _l("Can they have it deleted?"),
            "§ 1798.105",
            when=_SCOPE,
        ),
        Question(
            "correct",
            _l("Can they have it corrected?"),
            "§ 1798.106",
            when=_SCOPE,
        ),
        Question(
            "sold",
            _l("Is personal information sold, or shared for advertising?"),
            "§ 1798.120",
            is_fact=True,
            when=_SCOPE,
        ),
        Question(
            "opt_out",
            _l("Can consumers opt out of sale and sharing by a clear link or signal?"),
            "§ 1798.120, 1798.135",
            when=yes("in_scope", "sold"),
        ),
        Question(
            "minors",
            _l("Is it sold or shared for people under 16 only after they, or a parent, "
               "opted in?"),
            "§ 1798.120(c)",
            when=yes("in_scope", "sold"),
        ),
        Question(
            "sensitive",
            _l("Is sensitive personal information used?"),
            "§ 1798.140(ae)",
            is_fact=True,
            when=_SCOPE,
        ),
        Question(
            "limit",
            _l("Can consumers limit its use to what they asked for?"),
            "§ 1798.121",
            when=yes("in_scope", "sensitive"),
        ),
        Question(
            "no_retaliation",
            _l("Is nobody treated worse for using these rights?"),
            "§ 1798.125",
            when=_SCOPE,
        ),
        Question(
            "providers",
            _l("Do contracts bind service providers and contractors?"),
            "§ 1798.100(d)",
            when=_SCOPE,
        ),
        Question(
            "reasonable_security",
            _l("Are security measures reasonable for the information held?"),
            "§ 1798.100(e)",
            when=_SCOPE,
        ),
        Question(
            "decision_technology",
            _l("Was it checked what the regulations on automated decision-making ask "
               "of this use?"),
            "§ 1798.185",
            when=_SCOPE,
        ),
    ),
)  # fmt: skip
