"""Questions of a law or guidance, and the words they are answered by."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _l

from projects.kinds.asking import When, Words


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


def yes(*keys: str) -> tuple[When, ...]:
    """Return the condition that all these questions are answered by yes."""
    return tuple(When(key, ("yes",)) for key in keys)


def no(key: str) -> tuple[When, ...]:
    """Return the condition that a question is answered by no."""
    return (When(key, ("no",)),)
