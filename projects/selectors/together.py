"""What it is worth to find several numbers out, all of them together."""

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext as _

from engine.numbers import money
from engine.value.joint import JointWorth, joint_digest, joint_worth
from projects.models import Calculation, Project, ValueCase
from projects.selectors.analysis import DRAWS
from projects.selectors.words import wordings


def kept_together(case: ValueCase, names: Collection[str]) -> Calculation | None:
    """Return the kept worth of these by today's engine, if there is one."""
    digest = joint_digest(case.content, names, draws=DRAWS, seed=case.seed)
    rows = Calculation.objects.filter(
        project=case.project_id, kind=Calculation.Kind.ANALYSIS, digest=digest
    )
    return rows.select_related("by").first()


def together_of(case: ValueCase, names: Collection[str]) -> JointWorth:
    """Return the worth of finding all of `names` out, computed now.

    Raises
    ------
    EngineError
        If the value case cannot be computed, or the names are none of its own.
    """
    return joint_worth(case.to_engine(), names, draws=DRAWS, seed=case.seed)


@dataclass(frozen=True)
class Together:
    """The worth of finding several numbers out, in words."""

    case: ValueCase
    analysis: JointWorth  # under the name by which every kept analysis is shown
    kept: Calculation | None
    worth: str
    labels: tuple[str, ...]
    alone: tuple[tuple[str, str], ...]  # label and worth of each, the greatest first
    sentence: str  # how that compares with the sum


def together(project: Project, case: ValueCase, names: Collection[str]) -> Together:
    """Return the worth of these, from the kept calculation where there is one.

    Raises
    ------
    EngineError
        If the value case cannot be computed, or the names are none of its own.
    """
    kept = kept_together(case, names)
    found = JointWorth.from_json(kept.result) if kept else together_of(case, names)
    words = wordings(list(project.quantities.all()), project.currency)
    ranked = sorted(found.alone.items(), key=lambda item: -item[1])
    return Together(
        case=case,
        analysis=found,
        kept=kept,
        worth=money(found.evppi, project.currency),
        labels=tuple(words[name].label for name, _worth in ranked),
        alone=tuple(
            (words[name].label, money(worth, project.currency))
            for name, worth in ranked
        ),
        sentence=_compared(found, project.currency),
    )


def _compared(found: JointWorth, currency: str) -> str:
    """Return how the joint worth compares with the sum of the single ones."""
    total = sum(found.alone.values())
    apart = abs(found.evppi - total)
    if apart <= 0.01 * found.evppi:
        return _("That is what they are worth one by one.")
    pattern = (
        _("That is %(apart)s less than one by one: each leaves less to find out.")
        if found.evppi < total
        else _("That is %(apart)s more than one by one: they decide only together.")
    )
    return pattern % {"apart": money(apart, currency)}
