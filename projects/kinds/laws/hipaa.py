"""The privacy and security rules of HIPAA, as questions."""

from django.utils.translation import gettext_lazy as _l

from projects.kinds.asking import When
from projects.kinds.question import Question, Template, yes

_PHI = (When("phi", ("yes",)), When("deidentified", ("no",)))
HIPAA = Template(
    "hipaa",
    "HIPAA",
    "45 CFR Parts 160 and 164",
    (
        Question(
            "phi",
            _l("Does a covered entity or business associate use protected health "
               "information here?"),
            "§ 160.103",
            is_fact=True,
        ),
        Question(
            "deidentified",
            _l("Is all of it de-identified, by expert determination or safe harbor?"),
            "§ 164.514(a)–(b)",
            is_fact=True,
            when=yes("phi"),
        ),
        Question(
            "permitted",
            _l("Is each use and disclosure permitted, or authorised by the person?"),
            "§ 164.502(a), 164.506, 164.508, 164.512",
            when=_PHI,
        ),
        Question(
            "minimum_necessary",
            _l("Is it limited to the minimum necessary?"),
            "§ 164.502(b), 164.514(d)",
            when=_PHI,
        ),
        Question(
            "associate",
            _l("Does a business associate handle it?"),
            "§ 160.103",
            is_fact=True,
            when=_PHI,
        ),
        Question(
            "associate_contract",
            _l("Is there a business associate contract?"),
            "§ 164.502(e), 164.504(e)",
            when=(*_PHI, When("associate", ("yes",))),
        ),
        Question(
            "risk_analysis",
            _l("Was a risk analysis made that covers this system?"),
            "§ 164.308(a)(1)(ii)(A)",
            when=_PHI,
        ),
        Question(
            "access_control",
            _l("Do only authorised people and programs have access?"),
            "§ 164.308(a)(4), 164.312(a)",
            when=_PHI,
        ),
        Question(
            "audit_controls",
            _l("Is activity in the system recorded and examined?"),
            "§ 164.312(b)",
            when=_PHI,
        ),
        Question(
            "transmission",
            _l("Is it protected from change, and on its way?"),
            "§ 164.312(c), (e)",
            when=_PHI,
        ),
        Question(
            "individual_access",
            _l("Can people see and amend what is in their designated record set?"),
            "§ 164.524, 164.526",
            when=_PHI,
        ),
        Question(
            "breach",
            _l("Is there a procedure to notify of a breach?"),
            "§ 164.400–414",
            when=_PHI,
        ),
        Question(
            "documentation",
            _l("Are policies and their records kept for six years?"),
            "§ 164.316(b)(2), 164.530(j)",
            when=_PHI,
        ),
    ),
)  # fmt: skip
