"""How well people's ranges held what came true.

A person's own calibration is for that person alone; of the others only what all ranges
together say is shown. Both rest on the ranges people sent, in the newest round that was
revealed, and on what was realised of the same quantity last.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.access import Actor
from engine.numbers import two_digits
from engine.value import calibration as engine
from engine.value.calibration import BiasRatio, Stated
from projects.models import Estimate, Project, RealisedValue
from projects.selectors.realised import realised_money, signed_band
from projects.selectors.value import belief_of, latest, revealed_round

ENOUGH = 5  # fewer ranges tell nothing of who gave them


@dataclass(frozen=True)
class Scored:
    """One range and what came true, in the unit of the formula."""

    estimate: Estimate
    stated: Stated
    crps: float | None  # over the size of the truth; None if that is 0


@dataclass(frozen=True)
class CalibrationWords:
    """What ranges say of who gave them, in words and numbers."""

    scored: tuple[Scored, ...]
    result: engine.Calibration

    @property
    def total(self) -> int:
        """How many ranges have met their truth."""
        return self.result.coverage.total

    @property
    def is_enough(self) -> bool:
        """Whether they are enough to say anything."""
        return self.total >= ENOUGH

    @property
    def held(self) -> str:
        """How often the truth was inside."""
        counts = {"inside": self.result.coverage.inside, "n": self.total}
        return (
            ngettext(
                "%(inside)s of %(n)s time the truth was inside",
                "%(inside)s of %(n)s times the truth was inside",
                self.total,
            )
            % counts
        )

    @property
    def advice(self) -> str:
        """What to do about it, in one sentence."""
        if not self.is_enough:
            return _("Too few to tell: %(least)s are needed.") % {"least": ENOUGH}
        factor = self.result.widening
        if factor is None:
            return _("A range that was a single number missed: give ranges.")
        size = {"factor": two_digits(factor)}
        return self._verdict(factor) % size

    def _verdict(self, factor: float) -> str:
        if self.result.verdict == "too_narrow":
            return _("Ranges should be %(factor)s times as wide.")
        if self.result.verdict == "too_wide" and factor < 1:
            return _("Ranges could be %(factor)s times as wide.")
        if factor > 1:
            return _(
                "That may be chance; ranges %(factor)s times as wide would have held "
                "nine in ten."
            )
        return _("Ranges hold what they say.")

    @property
    def bias(self) -> str:
        """How what came true compares with what was called likely."""
        bias = self.result.bias
        if bias is None or bias.low is None or bias.high is None:
            return ""
        return _(
            "What came true was %(ratio)s times what was called likely; 9 times in 10 "
            "that lies between %(low)s and %(high)s."
        ) % {
            "ratio": two_digits(bias.ratio),
            "low": two_digits(bias.low),
            "high": two_digits(bias.high),
        }

    @property
    def crps(self) -> float | None:
        """The mean continuous ranked probability score over the size of the truth."""
        known = [each.crps for each in self.scored if each.crps is not None]
        return sum(known) / len(known) if known else None


def _words(estimates: Iterable[Estimate]) -> CalibrationWords | None:
    rows = list(estimates)
    truths = _truths({row.quantity_id for row in rows})
    scored = tuple(
        _scored(row, truths[row.quantity_id])
        for row in rows
        if row.quantity_id in truths
    )
    if not scored:
        return None
    return CalibrationWords(scored, engine.calibrate([e.stated for e in scored]))


def _truths(quantity_ids: set[int]) -> dict[int, float]:
    """Return what was realised last of each of these quantities."""
    rows = RealisedValue.objects.filter(
        quantity__in=quantity_ids, superseded_by=None
    ).order_by("starts_on", "at")
    return {row.quantity_id: row.value for row in rows if row.quantity_id}


def _scored(row: Estimate, truth: float) -> Scored:
    believed = belief_of(row.quantity, row.low, row.likely, row.high)
    return Scored(
        estimate=row,
        stated=Stated(row.low, row.likely, row.high, truth),
        crps=engine.crps(believed, truth) / abs(truth) if truth else None,
    )


def _known(project: Project, rows: Iterable[Estimate]) -> list[Estimate]:
    """Return each person's newest range of what is revealed; "I don't know" is none."""
    counted = latest(rows, upto=revealed_round(project))
    return [row for row in counted if not row.is_unknown]


def team_calibration(project: Project) -> CalibrationWords | None:
    """Return how well everybody's ranges of a project held, without names."""
    rows = Estimate.objects.filter(
        quantity__project=project, submitted_at__isnull=False
    ).select_related("quantity", "stakeholder")
    return _words(_known(project, rows.order_by("stakeholder_id", "quantity_id")))


def own_calibration(actor: Actor) -> CalibrationWords | None:
    """Return how well the reader's own ranges held, over all projects they see."""
    if actor.user is None:
        return None
    projects = Project.objects.visible_to(actor).filter(stakeholders__user=actor.user)
    found: list[Estimate] = []
    for project in projects.distinct():
        rows = Estimate.objects.filter(
            quantity__project=project,
            stakeholder__user=actor.user,
            submitted_at__isnull=False,
        ).select_related("quantity", "stakeholder")
        found += _known(project, rows.order_by("quantity_id"))
    return _words(found)


def bias_ratio(projects: Sequence[Project]) -> BiasRatio | None:
    """Return how what projects realised compares with what was signed for them.

    One pair a project that has both: net money realised, and the mean that was signed
    for the same time. Pairs with a loss on either side say nothing as a ratio and are
    left out. None without any pair.
    """
    signed, came = [], []
    realised = realised_money(projects)
    for project in projects:
        band, so_far = signed_band(project), realised.get(project.pk)
        if band is None or so_far is None:
            continue
        expected = band.mean * so_far.years
        if expected > 0 and so_far.total > 0:
            signed.append(expected)
            came.append(so_far.total)
    return engine.bias_ratio(signed, came) if signed else None
