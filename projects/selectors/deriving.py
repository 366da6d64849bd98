"""A threshold that the value case asks for, and how it is said to a business reader."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from projects.models import Project, RequirementVersion

# How sure to be that the year does not end below zero.
CONFIDENCES = (0.5, 0.8, 0.9)
AT_LEAST = RequirementVersion.Comparison.AT_LEAST
AT_MOST = RequirementVersion.Comparison.AT_MOST

# What is held while another rate is derived.
HELD: Mapping[str, str] = {
    "recall": "fpr",
    "precision": "recall",
    "fpr": "recall",
    "roc_auc": "",
}

# Whom a case is about: those to be found, and the others, by value template.
CASE_WORDS: Mapping[str, tuple[str | Promise, str | Promise]] = {
    "churn": (_l("leavers"), _l("loyal customers")),
    "fraud": (_l("frauds"), _l("honest cases")),
    "triage": (_l("urgent cases"), _l("other cases")),
}
OTHERWISE = (_l("positive cases"), _l("others"))


@dataclass(frozen=True)
class Derivation:
    """What a metric must reach so that the case breaks even as surely as asked.

    None where no value does, however good the model.
    """

    metric: str
    comparison: str
    at: Mapping[str, float]  # what is held fixed, such as {"fpr": 0.1}
    confidence: float
    value: float | None  # at `confidence`
    ladder: Mapping[float, float | None]  # by confidence
    draws: int
    seed: int
    value_case: str  # digest of the case it was derived from
    case_version: int
    inputs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def threshold(self) -> float | None:
        """The value, rounded so that the promised chance is kept."""
        return rounded(self.value, self.comparison)

    @property
    def nine_of_ten(self) -> int:
        """In how many of ten futures it breaks even at least."""
        return round(10 * self.confidence)

    def kept(self) -> dict[str, Any]:
        """Return what a requirement's version keeps of it."""
        return {
            "metric": self.metric,
            "comparison": self.comparison,
            "at": dict(self.at),
            "confidence": self.confidence,
            "value": self.value,
            "threshold": self.threshold,
            "value_case": self.value_case,
            "case_version": self.case_version,
            "seed": self.seed,
            "draws": self.draws,
        }


def rounded(value: float | None, comparison: str) -> float | None:
    """Return a threshold in whole hundredths, on the side that keeps the chance."""
    if value is None:
        return None
    scale = 100 if value >= 0.1 else 1000
    # A float such as 0.7000000000000001 must not become 0.71.
    exact = round(value * scale, 9)
    whole = math.ceil(exact) if comparison == AT_LEAST else math.floor(exact)
    return whole / scale


def case_words(project: Project) -> tuple[str, str]:
    """Return what the cases to be found and the others are called."""
    found, others = CASE_WORDS.get(project.template, OTHERWISE)
    return str(found), str(others)


def in_hundred(share: float) -> str:
    """Return a share as a count of 100, such as 71 or 2.5."""
    return f"{100 * share:.3g}"


def _words(derived: Derivation, project: Project) -> dict[str, str]:
    found, others = case_words(project)
    return {
        "n": in_hundred(derived.threshold or 0.0),
        "m": in_hundred(next(iter(derived.at.values()), 0.0)),
        "found": found,
        "others": others,
        "futures": str(derived.nine_of_ten),
    }


def title_of(derived: Derivation, project: Project) -> str:
    """Return the requirement in words a business person would use."""
    pattern = {
        "recall": _(
            "Finds at least %(n)s of 100 %(found)s, bothering at most %(m)s of 100 "
            "%(others)s"
        ),
        "precision": _(
            "Of 100 it names, at least %(n)s are %(found)s, finding %(m)s of 100"
        ),
        "fpr": _(
            "Bothers at most %(n)s of 100 %(others)s, finding at least %(m)s of 100 "
            "%(found)s"
        ),
        "roc_auc": _("Ranks %(found)s above %(others)s in at least %(n)s of 100 pairs"),
    }[derived.metric]
    return pattern % _words(derived, project)


def source_of(derived: Derivation) -> str:
    """Return where the threshold comes from, in one line."""
    return _("Value case %(version)s: breaks even in %(n)s of 10 futures") % {
        "version": derived.case_version,
        "n": derived.nine_of_ten,
    }


def said_of(derived: Derivation, project: Project) -> tuple[str, str]:
    """Return the threshold as the sentence of a page, and what it promises."""
    words = _words(derived, project)
    if derived.threshold is None:
        return _nothing_pays(derived.metric) % words, _(
            "Ask for less certainty, bother fewer, or lower the costs."
        )
    pattern = {
        "recall": _(
            "It must catch at least %(n)s of 100 %(found)s while bothering no more than "
            "%(m)s of 100 %(others)s."
        ),
        "precision": _(
            "Of 100 it names, at least %(n)s must be %(found)s, while it catches %(m)s "
            "of 100."
        ),
        "fpr": _(
            "It may bother no more than %(n)s of 100 %(others)s while catching %(m)s of "
            "100 %(found)s."
        ),
        "roc_auc": _(
            "It must rank %(found)s above %(others)s in at least %(n)s of 100 pairs."
        ),
    }[derived.metric]
    promise = _("Then it breaks even in %(futures)s of 10 possible futures.")
    return pattern % words, promise % words


def _nothing_pays(metric: str) -> str:
    return {
        "recall": _(
            "Bothering %(m)s of 100 %(others)s, no share of %(found)s caught breaks even "
            "in %(futures)s of 10 futures."
        ),
        "roc_auc": _("No ranking breaks even in %(futures)s of 10 futures."),
    }.get(
        metric,
        _(
            "Catching %(m)s of 100 %(found)s, no share of false alarms breaks even in "
            "%(futures)s of 10 futures."
        ),
    )


@dataclass(frozen=True)
class Rung:
    """What one confidence asks for."""

    confidence: float
    futures: int  # of ten
    threshold: float | None
    is_asked: bool

    @property
    def key(self) -> str:
        """The confidence as the form takes it."""
        return f"{self.confidence:g}"


def ladder_of(derived: Derivation) -> tuple[Rung, ...]:
    """Return what each confidence asks for, the least sure first."""
    return tuple(
        Rung(
            each,
            round(10 * each),
            rounded(value, derived.comparison),
            is_asked=each == derived.confidence,
        )
        for each, value in derived.ladder.items()
    )


def start_of(project: Project, before: Mapping[str, Any]) -> dict[str, str]:
    """Return what is asked at first: as derived before, or as the case assumes.

    Rates are in per cent, as text.
    """
    assumed = {
        each.name: each.default_likely
        for each in project.quantities.filter(name__in=("fpr", "recall", "tpr"))
    }
    rates = {
        "fpr": assumed.get("fpr", 0.1),
        "recall": assumed.get("recall", assumed.get("tpr", 0.7)),
        **before.get("at", {}),
    }
    return {
        "metric": before.get("metric", "recall"),
        "confidence": f"{before.get('confidence', 0.9):g}",
        **{name: f"{100 * value:g}" for name, value in rates.items()},
    }
