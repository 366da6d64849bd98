"""A threshold that the value case asks for, and how it is said to a business reader."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from engine.numbers import two_digits
from engine.value.formula import parse
from projects.models import Project, RequirementVersion, ValueCase
from projects.selectors.shown import shown
from projects.selectors.value import current_case
from projects.selectors.words import translated

# How sure to be that the year does not end below zero.
CONFIDENCES = (0.5, 0.8, 0.9)
RATES = ("fpr", "recall")
AT_LEAST = RequirementVersion.Comparison.AT_LEAST
AT_MOST = RequirementVersion.Comparison.AT_MOST

# What can be derived where single cases are counted, and what is held for it.
HELD: Mapping[str, str] = {
    "recall": "fpr",
    "precision": "recall",
    "fpr": "recall",
    "roc_auc": "",
}

MAE = "mae"
ANY_METRIC = "any metric"  # the phrase of one that stands in a formula
SHARE = "share"

# Whom a case is about: those to be found, and the others, by value template.
CASE_WORDS: Mapping[str, tuple[str | Promise, str | Promise]] = {
    "churn": (_l("leavers"), _l("loyal customers")),
    "fraud": (_l("frauds"), _l("honest cases")),
    "triage": (_l("urgent cases"), _l("other cases")),
}
OTHERWISE = (_l("positive cases"), _l("others"))


def held_by(case: ValueCase) -> Mapping[str, str]:
    """Return the metrics a case has a threshold for, each with what is held for it.

    Those of single cases stand in for a case that has none: the engine says why not.
    """
    if case.forecast:
        return {MAE: ""}
    return dict.fromkeys(case.metrics, "") or HELD


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
    unit: str = SHARE
    by_formula: bool = False  # the metric stands in a formula itself

    @property
    def threshold(self) -> float | None:
        """The value, rounded so that the promised chance is kept."""
        return rounded(self.value, self.comparison, self.unit)

    @property
    def phrase(self) -> str:
        """Which sentence says it: the metric's own, or that of any in a formula."""
        return ANY_METRIC if self.by_formula else self.metric

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


def rounded(value: float | None, comparison: str, unit: str = SHARE) -> float | None:
    """Return a threshold with two digits, on the side that keeps the chance.

    Shares have whole hundredths, and thousandths below a tenth.
    """
    if not value:
        return value
    if unit == SHARE:
        scale = 100.0 if value >= 0.1 else 1000.0
    else:
        scale = 10.0 ** (1 - math.floor(math.log10(abs(value))))
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


def error_words(project: Project) -> str:
    """Return what errors of forecasts are counted in, such as "units"; "" if unknown."""
    forecast = current_case(project).forecast
    names = parse(forecast["under_today"]).names if forecast else ()
    asked = project.quantities.filter(name__in=names)
    amounts = (each for each in asked if not each.suffix.startswith("%"))
    return translated(next((each.suffix for each in amounts), ""))


def threshold_said(derived: Derivation, value: float | None, project: Project) -> str:
    """Return a threshold with its unit: 71 %, or 9.4 units."""
    if derived.phrase == MAE and value is not None:
        return f"{two_digits(value)}\N{NO-BREAK SPACE}{error_words(project)}".strip()
    return shown(value, derived.unit, project.currency)


def _words(
    derived: Derivation, project: Project, threshold: float | None = None
) -> dict[str, str]:
    threshold = derived.threshold if threshold is None else threshold
    found, others = case_words(project)
    words = {
        "n": in_hundred(threshold or 0.0),
        "m": in_hundred(next(iter(derived.at.values()), 0.0)),
        "found": found,
        "others": others,
        "futures": str(derived.nine_of_ten),
        "value": threshold_said(derived, threshold, project),
    }
    if derived.by_formula:
        named = project.metrics.filter(key=derived.metric).first()
        words["metric"] = named.title if named else derived.metric
        words["comparison"] = _at_words(derived)
    return words


def _at_words(derived: Derivation) -> str:
    return _("at least") if derived.comparison == AT_LEAST else _("at most")


# The requirement in words a business person would use, by phrase.
TITLES: Mapping[str, str | Promise] = {
    "recall": _l(
        "Finds at least %(n)s of 100 %(found)s, bothering at most %(m)s of 100 "
        "%(others)s"
    ),
    "precision": _l(
        "Of 100 it names, at least %(n)s are %(found)s, finding %(m)s of 100"
    ),
    "fpr": _l(
        "Bothers at most %(n)s of 100 %(others)s, finding at least %(m)s of 100 "
        "%(found)s"
    ),
    "roc_auc": _l("Ranks %(found)s above %(others)s in at least %(n)s of 100 pairs"),
    MAE: _l("Misses by at most %(value)s a forecast, on average"),
    ANY_METRIC: _l("%(metric)s of %(comparison)s %(value)s"),
}


def title_of(
    derived: Derivation, project: Project, threshold: float | None = None
) -> str:
    """Return the requirement in words a business person would use.

    They name the derived threshold, or the one that somebody set in its place.
    """
    return str(TITLES[derived.phrase]) % _words(derived, project, threshold)


def title_following(before: RequirementVersion, version: RequirementVersion) -> str:
    """Return a version's title, with its own threshold where the words name the old.

    Words that somebody wrote stay, and so do those in another language.
    """
    if not version.derivation or before.title != version.title:
        return version.title
    project = version.requirement.project
    names = before.derivation.keys() - {"threshold", "calculation"}
    kept = {name: before.derivation[name] for name in names}
    for by_formula in (False, True):
        derived = Derivation(**kept, ladder={}, unit=before.unit, by_formula=by_formula)
        if derived.phrase not in TITLES:
            continue
        if before.title == title_of(derived, project, before.threshold):
            return title_of(derived, project, version.threshold)
    return version.title


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
        return _nothing_pays(derived.phrase) % words, _remedy(derived.phrase)
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
        MAE: _(
            "Forecasts may miss by no more than %(value)s on average, with %(m)s %% of "
            "that too low."
        ),
        ANY_METRIC: _("%(metric)s must be %(comparison)s %(value)s."),
    }[derived.phrase]
    promise = _("Then it breaks even in %(futures)s of 10 possible futures.")
    return pattern % words, promise % words


def _remedy(phrase: str) -> str:
    if phrase in (MAE, ANY_METRIC):
        return _("Ask for less certainty, or lower the costs.")
    return _("Ask for less certainty, bother fewer, or lower the costs.")


def _nothing_pays(phrase: str) -> str:
    return {
        "recall": _(
            "Bothering %(m)s of 100 %(others)s, no share of %(found)s caught breaks even "
            "in %(futures)s of 10 futures."
        ),
        "roc_auc": _("No ranking breaks even in %(futures)s of 10 futures."),
        MAE: _(
            "Even forecasts that never miss break even in fewer than %(futures)s of 10 "
            "futures."
        ),
        ANY_METRIC: _("No %(metric)s breaks even in %(futures)s of 10 futures."),
    }.get(
        phrase,
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
    said: str  # the threshold with its unit
    is_asked: bool

    @property
    def key(self) -> str:
        """The confidence as the form takes it."""
        return f"{self.confidence:g}"


def ladder_of(derived: Derivation, project: Project) -> tuple[Rung, ...]:
    """Return what each confidence asks for, the least sure first."""
    found = []
    for confidence, value in derived.ladder.items():
        threshold = rounded(value, derived.comparison, derived.unit)
        said = threshold_said(derived, threshold, project)
        is_asked = confidence == derived.confidence
        futures = round(10 * confidence)
        found.append(Rung(confidence, futures, threshold, said, is_asked=is_asked))
    return tuple(found)


def metric_choices(project: Project, case: ValueCase) -> list[tuple[str, str]]:
    """Return what the money can be asked about, in words."""
    titles = dict(project.metrics.values_list("key", "title"))
    asked = {
        "recall": _("how many are caught"),
        "precision": _("how many of those named are right"),
        "fpr": _("how many others are bothered"),
        "roc_auc": _("how well it ranks"),
        MAE: _("how far forecasts miss"),
    }
    words = titles if case.metrics else titles | asked
    return [(key, words.get(key, key)) for key in held_by(case)]


def start_of(
    project: Project, case: ValueCase, before: Mapping[str, Any]
) -> dict[str, str]:
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
        **{name: rate for name, rate in before.get("at", {}).items() if name in RATES},
    }
    return {
        "metric": before.get("metric", next(iter(held_by(case)))),
        "confidence": f"{before.get('confidence', 0.9):g}",
        **{name: f"{100 * value:g}" for name, value in rates.items()},
    }
