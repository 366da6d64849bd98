"""How the questions of a law or guidance are asked, answered and counted.

They help to remember what to look at; they are no legal advice and no copy of the text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from projects.kinds.asking import DetailProblems, When
from projects.kinds.laws import CCPA, EU_AI_ACT, GDPR, HIPAA, SR_11_7
from projects.kinds.question import SAID_WORDS, Question, Said, Template

__all__ = [
    "NOTE_CHARS",
    "SAID_WORDS",
    "TEMPLATES",
    "Question",
    "Said",
    "Score",
    "Template",
    "asked",
    "checked_answers",
    "questions_of",
    "said_in",
    "score",
]

NOTE_CHARS = 1000
ANSWER_KEYS = {"answer", "note", "document"}

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
