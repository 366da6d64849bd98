"""Laws and guidance as questions, each with the passage it comes from.

They help to remember what to look at; they are no legal advice and no copy of the text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.kinds.asking import DetailProblems, When, Words

_l = gettext_lazy
NOTE_CHARS = 1000
ANSWER_KEYS = {"answer", "note", "document"}


class Said(StrEnum):
    """What a person answers; a question without an answer is open."""

    YES = "yes"
    NO = "no"
    NOT_APPLICABLE = "na"


SAID_WORDS: Mapping[str, Words] = {
    Said.YES: _l("yes"),
    Said.NO: _l("no"),
    Said.NOT_APPLICABLE: _l("does not apply"),
}


@dataclass(frozen=True)
class Question:
    """One question. A duty is met by yes; a fact only decides what else is asked."""

    key: str
    words: Words
    passage: str
    is_fact: bool = False
    when: tuple[When, ...] = ()

    def applies(self, said: Mapping[str, str], details: Mapping[str, Any]) -> bool:
        """Whether the answers so far make this a question."""
        return all(
            bool(details.get(each.key.removeprefix("details.")))
            if each.key.startswith("details.")
            else said.get(each.key) in each.values
            for each in self.when
        )

    def is_met_by(self, answer: str) -> bool:
        """Whether an answer settles it as it should be."""
        if self.is_fact:
            return answer in {Said.YES, Said.NO}
        return answer == Said.YES


@dataclass(frozen=True)
class Template:
    """One law or guidance as questions."""

    key: str
    title: Words
    source: str
    questions: tuple[Question, ...]


def _yes(*keys: str) -> tuple[When, ...]:
    return tuple(When(key, ("yes",)) for key in keys)


def _no(key: str) -> tuple[When, ...]:
    return (When(key, ("no",)),)


# Asked whatever the template, once the field of the requirement is filled in.
OF_FIELDS = (
    Question(
        "slices_compared",
        _l("Were the errors compared over the fairness slices named above?"),
        "",
        when=(When("details.slices", ()),),
    ),
    Question(
        "retention_kept",
        _l("Is what is older than the retention period really deleted?"),
        "",
        when=(When("details.retention_days", ()),),
    ),
)

_PERSONAL = _yes("personal_data")
GDPR = Template(
    "gdpr",
    "GDPR",
    "Regulation (EU) 2016/679",
    (
        Question(
            "personal_data",
            _l("Is personal data used, for training or for predictions?"),
            "Art. 4(1)",
            is_fact=True,
        ),
        Question(
            "lawful_basis",
            _l("Is the lawful basis of each purpose known and written down?"),
            "Art. 5(2), 6(1)",
            when=_PERSONAL,
        ),
        Question(
            "purpose",
            _l("Is the purpose compatible with the one the data was collected for?"),
            "Art. 5(1)(b), 6(4)",
            when=_PERSONAL,
        ),
        Question(
            "minimisation",
            _l("Is the data limited to what the purpose needs?"),
            "Art. 5(1)(c)",
            when=_PERSONAL,
        ),
        Question(
            "storage_limit",
            _l("Is it settled when the data is erased or made anonymous?"),
            "Art. 5(1)(e)",
            when=_PERSONAL,
        ),
        Question(
            "special",
            _l(
                "Does the data reveal special categories, such as health, beliefs or "
                "ethnic origin?"
            ),
            "Art. 9(1)",
            is_fact=True,
            when=_PERSONAL,
        ),
        Question(
            "special_basis",
            _l("Does one of the exceptions for special categories apply?"),
            "Art. 9(2)",
            when=_yes("personal_data", "special"),
        ),
        Question(
            "informed",
            _l("Are the people concerned informed, in plain language?"),
            "Art. 12–14",
            when=_PERSONAL,
        ),
        Question(
            "rights",
            _l("Can they get access, correction and erasure, and object?"),
            "Art. 15–18, 21",
            when=_PERSONAL,
        ),
        Question(
            "automated",
            _l(
                "Are decisions with legal or similarly significant effects taken "
                "solely by the model?"
            ),
            "Art. 22(1)",
            is_fact=True,
            when=_PERSONAL,
        ),
        Question(
            "automated_allowed",
            _l("Is the automated decision necessary for a contract, authorised by law "
               "or explicitly consented to?"),
            "Art. 22(2)",
            when=_yes("personal_data", "automated"),
        ),
        Question(
            "intervention",
            _l("Can people have a human step in, state their view and contest it?"),
            "Art. 22(3)",
            when=_yes("personal_data", "automated"),
        ),
        Question(
            "logic",
            _l("Are they told about the logic involved and its consequences?"),
            "Art. 13(2)(f), 14(2)(g), 15(1)(h)",
            when=_yes("personal_data", "automated"),
        ),
        Question(
            "dpia",
            _l(
                "Has an impact assessment been made, or is it recorded why none is "
                "required?"
            ),
            "Art. 35",
            when=_PERSONAL,
        ),
        Question(
            "security",
            _l("Is the data protected in a way that fits the risk?"),
            "Art. 32",
            when=_PERSONAL,
        ),
        Question(
            "records",
            _l("Is the processing in the record of processing activities?"),
            "Art. 30",
            when=_PERSONAL,
        ),
        Question(
            "processor",
            _l("Does somebody else process the data on our behalf?"),
            "Art. 4(8)",
            is_fact=True,
            when=_PERSONAL,
        ),
        Question(
            "processor_contract",
            _l("Is there a contract with them that has the required terms?"),
            "Art. 28(3)",
            when=_yes("personal_data", "processor"),
        ),
        Question(
            "transfer",
            _l("Does the data leave the European Economic Area?"),
            "Art. 44",
            is_fact=True,
            when=_PERSONAL,
        ),
        Question(
            "transfer_ground",
            _l("Is there an adequacy decision, a safeguard or a derogation for that?"),
            "Art. 45–49",
            when=_yes("personal_data", "transfer"),
        ),
    ),
)  # fmt: skip

_SCOPE = _yes("in_scope")
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
            when=_yes("in_scope", "sold"),
        ),
        Question(
            "minors",
            _l("Is it sold or shared for people under 16 only after they, or a parent, "
               "opted in?"),
            "§ 1798.120(c)",
            when=_yes("in_scope", "sold"),
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
            when=_yes("in_scope", "sensitive"),
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
            when=_yes("phi"),
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

_AI = _yes("ai_system")
_HIGH = _yes("ai_system", "high_risk")
_PROVIDER = _yes("ai_system", "high_risk", "provider")
_DEPLOYER = _yes("ai_system", "high_risk", "deployer")
EU_AI_ACT = Template(
    "eu_ai_act",
    "EU AI Act",
    "Regulation (EU) 2024/1689",
    (
        Question(
            "ai_system",
            _l("Is it an AI system in the sense of the Act, used in the Union?"),
            "Art. 2, 3(1)",
            is_fact=True,
        ),
        Question(
            "not_prohibited",
            _l("Was it checked that it is none of the prohibited practices?"),
            "Art. 5",
            when=_AI,
        ),
        Question(
            "literacy",
            _l("Do the people who run and use it know enough about AI?"),
            "Art. 4",
            when=_AI,
        ),
        Question(
            "high_risk",
            _l("Is it high-risk: a safety component under Annex I, or a use in "
               "Annex III?"),
            "Art. 6",
            is_fact=True,
            when=_AI,
        ),
        Question(
            "not_high_risk_recorded",
            _l("If Annex III names the use, is it documented why it is not high-risk?"),
            "Art. 6(3)–(4)",
            when=(*_AI, *_no("high_risk")),
        ),
        Question(
            "provider",
            _l("Are we the provider: do we put it to use under our own name?"),
            "Art. 3(3), 25",
            is_fact=True,
            when=_HIGH,
        ),
        Question(
            "deployer",
            _l("Are we the deployer: do we use it under our authority?"),
            "Art. 3(4)",
            is_fact=True,
            when=_HIGH,
        ),
        Question(
            "risk_management",
            _l("Is there a risk management system over the whole life cycle?"),
            "Art. 9",
            when=_PROVIDER,
        ),
        Question(
            "data_governance",
            _l("Are the data sets relevant, representative and examined for biases?"),
            "Art. 10",
            when=_PROVIDER,
        ),
        Question(
            "technical_documentation",
            _l("Is the technical documentation drawn up?"),
            "Art. 11, Annex IV",
            when=_PROVIDER,
        ),
        Question(
            "logging",
            _l("Does the system log events automatically?"),
            "Art. 12",
            when=_PROVIDER,
        ),
        Question(
            "instructions",
            _l("Do the instructions let deployers understand and use its output?"),
            "Art. 13",
            when=_PROVIDER,
        ),
        Question(
            "oversight",
            _l("Can people oversee it, and stop it?"),
            "Art. 14",
            when=_PROVIDER,
        ),
        Question(
            "robust",
            _l("Is it accurate, robust and secure enough for its purpose, and is that "
               "declared?"),
            "Art. 15",
            when=_PROVIDER,
        ),
        Question(
            "quality_management",
            _l("Is there a quality management system?"),
            "Art. 17",
            when=_PROVIDER,
        ),
        Question(
            "conformity",
            _l("Is conformity assessed and declared, with the CE marking?"),
            "Art. 43, 47, 48",
            when=_PROVIDER,
        ),
        Question(
            "registered",
            _l("Is it registered in the EU database where that is required?"),
            "Art. 49",
            when=_PROVIDER,
        ),
        Question(
            "post_market",
            _l("Is it monitored after launch, and are serious incidents reported?"),
            "Art. 72, 73",
            when=_PROVIDER,
        ),
        Question(
            "deployer_duties",
            _l("Is it used as instructed, overseen by competent people, and are logs "
               "kept?"),
            "Art. 26",
            when=_DEPLOYER,
        ),
        Question(
            "fundamental_rights",
            _l("Is the fundamental rights impact assessment made where required?"),
            "Art. 27",
            when=_DEPLOYER,
        ),
        Question(
            "meets_people",
            _l("Does it talk to people directly, or make up text, images, sound or "
               "video?"),
            "Art. 50",
            is_fact=True,
            when=_AI,
        ),
        Question(
            "disclosed",
            _l("Are people told that they deal with AI, and is such content marked?"),
            "Art. 50",
            when=_yes("ai_system", "meets_people"),
        ),
    ),
)  # fmt: skip

_MODEL = _yes("model")
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
            when=_yes("model", "vendor"),
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

TEMPLATES: Mapping[str, Template] = {
    each.key: each for each in (GDPR, CCPA, HIPAA, EU_AI_ACT, SR_11_7)
}


def questions_of(template: str) -> tuple[Question, ...]:
    """Return every question of a template, those of the fields last."""
    found = TEMPLATES.get(template)
    return (*found.questions, *OF_FIELDS) if found else ()


def said_in(details: Mapping[str, Any]) -> dict[str, str]:
    """Return the answers given so far, by question."""
    answers = details.get("answers") or {}
    return {key: each.get("answer", "") for key, each in answers.items()}


def asked(details: Mapping[str, Any]) -> tuple[Question, ...]:
    """Return the questions that the answers so far make necessary."""
    said, found = said_in(details), []
    live: dict[str, str] = {}
    for question in questions_of(details.get("template", "")):
        # A question that is no longer asked decides nothing any more.
        if question.applies(live, details):
            found.append(question)
            live[question.key] = said.get(question.key, "")
    return tuple(found)


@dataclass(frozen=True)
class Score:
    """How far a template's questions are answered as they should be."""

    met: int
    applicable: int
    open: int
    against: int

    @property
    def share(self) -> float:
        """The share that is met; open ones count as not met."""
        return self.met / self.applicable if self.applicable else 1.0


def score(details: Mapping[str, Any]) -> Score:
    """Return how many of the questions asked are met, open and answered against."""
    said = said_in(details)
    rows = [(each, said.get(each.key, "")) for each in asked(details)]
    counted = [(each, word) for each, word in rows if word != Said.NOT_APPLICABLE]
    met = sum(each.is_met_by(word) for each, word in counted)
    still_open = sum(not word for _question, word in counted)
    return Score(met, len(counted), still_open, len(counted) - met - still_open)


def checked_answers(template: str, answers: Any) -> dict[str, dict[str, Any]]:
    """Return a template's answers, each with its note and document.

    Raises
    ------
    DetailProblems
        If a question is unknown, or an answer cannot be used.
    """
    if not isinstance(answers, Mapping):
        raise DetailProblems(
            {"answers": _("Give an object with an answer for each question.")}
        )
    known = {each.key for each in questions_of(template)}
    problems: dict[str, str] = {}
    found = {}
    for key, given in answers.items():
        try:
            if key not in known:
                raise ValueError(
                    _("The template asks no such question. Leave it out, or choose its "
                      "template.")
                )  # fmt: skip
            found[key] = _answer(given)
        except ValueError as problem:
            problems[f"answers.{str(key)[:60]}"] = str(problem)
    if problems:
        raise DetailProblems(problems)
    return {key: each for key, each in found.items() if each}


def _answer(given: Any) -> dict[str, Any]:
    if not isinstance(given, Mapping) or not set(given) <= ANSWER_KEYS:
        raise ValueError(
            _("Give an object of “answer”, and if you like “note” and “document”.")
        )
    answer, note = given.get("answer", ""), given.get("note", "")
    if answer not in ("", *Said):
        raise ValueError(
            _("“%(value)s” is no answer. Give yes, no or na.")
            % {"value": str(answer)[:60]}
        )
    if not isinstance(note, str) or len(note) > NOTE_CHARS or "\0" in note:
        raise ValueError(
            _("Write a note of at most %(n)s characters.") % {"n": NOTE_CHARS}
        )
    if answer == Said.NOT_APPLICABLE and not note.strip():
        raise ValueError(_("Say in the note why it does not apply."))
    document = _document(given.get("document"))
    kept = {"answer": str(answer), "note": note.strip(), "document": document}
    return {name: value for name, value in kept.items() if value}


def _document(given: Any) -> dict[str, str] | None:
    if given in (None, "", {}):
        return None
    if (
        not isinstance(given, Mapping)
        or set(given) != {"name", "digest"}
        or not all(isinstance(each, str) and each for each in given.values())
        or len(given["name"]) > 255
        or len(given["digest"]) > 64
    ):
        raise ValueError(_("A document is named by its “name” and its “digest”."))
    return {"name": given["name"], "digest": given["digest"]}
