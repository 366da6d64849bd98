"""Scores as a reader sees them: of 100, against what was agreed."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from core.reading import read_together
from core.words import in_words
from dataquality.models import CheckResult, Profile
from engine.checks import DIMENSIONS
from projects.models import Project, RequirementVersion
from projects.selectors.requirements import versions_in_force

LEADING = DIMENSIONS[:4]
LABELS = {
    "accuracy": pgettext_lazy("dimension", "Accuracy"),
    "completeness": pgettext_lazy("dimension", "Completeness"),
    "consistency": pgettext_lazy("dimension", "Consistency"),
    "timeliness": pgettext_lazy("dimension", "Timeliness"),
    "validity": pgettext_lazy("dimension", "Validity"),
    "uniqueness": pgettext_lazy("dimension", "Uniqueness"),
}


@dataclass(frozen=True)
class ScoreShown:
    """One dimension of data quality, of 100; None is "not assessed"."""

    label: str
    value: float | None
    agreed: float | None
    dimension: str = ""
    n: int = 0
    formula: str = ""
    note: str = ""

    @property
    def is_failing(self) -> bool:
        """Whether it is below what was agreed."""
        return (
            self.value is not None
            and self.agreed is not None
            and self.value < self.agreed
        )

    @property
    def words(self) -> str:
        """The value in digits that never round a lapse away: 99.9 is not 100."""
        if self.value is None:
            return _("not assessed")
        if 99 <= self.value < 100:
            return f"{min(self.value, 99.9):.1f}"
        return f"{self.value:.0f}"


def agreed_scores(project: Project) -> dict[str, float]:
    """Return by dimension the least score, of 100, that a requirement asks for."""
    agreed: dict[str, float] = {}
    for version in versions_in_force(project):
        dimension = version.metric_key.removesuffix("_score")
        if (
            dimension in DIMENSIONS
            and version.metric_key.endswith("_score")
            and version.threshold is not None
            and version.comparison == RequirementVersion.Comparison.AT_LEAST
        ):
            least = 100 * version.threshold
            agreed[dimension] = max(least, agreed.get(dimension, 0.0))
    return agreed


def shown_scores(
    profile: Profile | None, agreed: dict[str, float]
) -> tuple[ScoreShown, ...]:
    """Return the six scores of a profile; without one, none is assessed."""
    found = {each.dimension: each for each in profile.dimensions()} if profile else {}
    rows = []
    for name in DIMENSIONS:
        score = found.get(name)
        value = score.value if score else None
        rows.append(
            ScoreShown(
                label=str(LABELS[name]),
                value=None if value is None else 100 * value,
                agreed=agreed.get(name),
                dimension=name,
                n=score.n if score else 0,
                formula=in_words(score.formula) if score else "",
                note=in_words(score.note) if score else "",
            )
        )
    return tuple(rows)


@read_together
def _results(profiles: Sequence[Profile]) -> dict[int, list[CheckResult]]:
    found: dict[int, list[CheckResult]] = {each.pk: [] for each in profiles}
    for row in CheckResult.objects.filter(profile__in=profiles).select_related(
        "declared_check"
    ):
        found[row.profile_id].append(row)
    return found


def results_of(profile: Profile) -> list[CheckResult]:
    """Return how each check in force did, the most broken first."""
    return _results([profile])[profile.pk]


def must_keep(profile: Profile | None) -> int:
    """Return how many checks of severity error a version does not keep."""
    if profile is None:
        return 0
    return sum(each.fails_requirement for each in results_of(profile))


def finding(scores: tuple[ScoreShown, ...], *, broken: int = 0) -> str:
    """Return what the four leading scores say together, in words.

    Without an agreed level nobody can call a score good or bad. Data that breaks a
    check of severity error is never called good.
    """
    leading = scores[:4]
    judged = [
        each for each in leading if each.agreed is not None and each.value is not None
    ]
    bad = [_bad(each.dimension) for each in judged if each.is_failing]
    good = [_good(each.dimension) for each in judged if not each.is_failing]
    if bad and good:
        return _("Data is %(good)s enough, but %(bad)s") % {
            "good": _and(good),
            "bad": _and(bad),
        }
    if bad:
        return _("Data is %(bad)s") % {"bad": _and(bad)}
    if broken and (good or all(each.value == 100 for each in leading)):
        return ngettext(
            "Data fails a requirement: a check that must hold does not",
            "Data fails a requirement: %(n)s checks that must hold do not",
            broken,
        ) % {"n": broken}
    if good:
        return _("Data is %(good)s enough") % {"good": _and(good)}
    return _unjudged([each for each in leading if each.value is not None])


def _unjudged(assessed: list[ScoreShown]) -> str:
    if not assessed:
        return _("Data is here, but not assessed yet")
    weakest = min(assessed, key=lambda each: each.value or 0.0)
    if weakest.value == 100:
        return _("Data keeps every check")
    return _("Data is weakest in %(dimension)s, %(value)s of 100") % {
        "dimension": weakest.label.lower(),
        "value": weakest.words,
    }


def _good(dimension: str) -> str:
    return {
        "accuracy": _("accurate"),
        "completeness": _("complete"),
        "consistency": _("consistent"),
        "timeliness": _("fresh"),
    }[dimension]


def _bad(dimension: str) -> str:
    return {
        "accuracy": _("not accurate enough"),
        "completeness": _("incomplete"),
        "consistency": _("inconsistent"),
        "timeliness": _("late"),
    }[dimension]


def _and(words: list[str]) -> str:
    if len(words) < 2:
        return "".join(words)
    return _("%(first)s and %(last)s") % {
        "first": ", ".join(words[:-1]),
        "last": words[-1],
    }
