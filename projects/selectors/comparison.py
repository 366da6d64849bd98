"""People's answers side by side, round by round, once they may be shown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, groupby

import numpy as np
from django.utils.translation import gettext as _

from charts.spans import Span, SpanScale, span_scale
from engine.value.distributions import Distribution
from engine.value.pooling import disagreement_share, overlap, pool
from projects.models import Estimate, Project, Quantity, Reconciliation
from projects.selectors.value import belief_of, latest
from projects.selectors.words import Wording

_ENDS = np.array([0.05, 0.95])
HARDLY = 0.25  # the overlap below which two people hardly agree at all
MUCH = 0.25  # the share of the spread from which on people are said to differ
MOVED = 0.05  # a change of that share worth saying


@dataclass(frozen=True)
class Row:
    """One bar: a person's range, everybody's together, or the settled one."""

    name: str
    note: str
    span: Span
    words: str
    is_pooled: bool = False
    comment: str = ""
    before: Span | None = None  # the same person's range of the round before
    words_before: str = ""


@dataclass(frozen=True)
class QuantitySideBySide:
    """What people said of one quantity, on one axis."""

    quantity: Quantity
    title: str
    rows: tuple[Row, ...]
    disagreement: float  # share of the spread that lies between people
    sentence: str
    moved: str  # how that share changed since the round before, or nothing
    reason: str  # why the settled range is what it is, or nothing

    @property
    def is_disputed(self) -> bool:
        """Whether people differ enough to say so."""
        return self.disagreement >= MUCH


def side_by_side(
    project: Project, *, upto: int, settled: bool = True
) -> list[QuantitySideBySide]:
    """Return each quantity that somebody answered, the widest difference first.

    Each person's newest range of the rounds up to `upto` counts; nothing is shown
    of a round that is not revealed. `settled` shows the settled ranges as well.
    """
    said = (
        Estimate.objects.filter(
            quantity__project=project, submitted_at__isnull=False, round__lte=upto
        )
        .select_related("stakeholder", "quantity__reconciliation__by")
        .order_by("quantity__position", "quantity_id", "stakeholder__name", "round")
    )
    found = []
    for quantity, rows in groupby(said, key=lambda row: row.quantity):
        everything = list(rows)
        known = _known(everything, upto=upto)
        if known:
            found.append(
                _Quantity(
                    project, quantity, known, everything, with_settled=settled
                ).shown()
            )
    return sorted(found, key=lambda each: -each.disagreement)


def _known(rows: Iterable[Estimate], *, upto: int) -> list[Estimate]:
    """Return each person's newest range; whoever does not know has none."""
    known = [row for row in latest(rows, upto=upto) if not row.is_unknown]
    return sorted(known, key=lambda row: row.stakeholder.name)


@dataclass(frozen=True)
class _Quantity:
    """One quantity with all that was said of it."""

    project: Project
    quantity: Quantity
    said: list[Estimate]  # what counts, a row a person
    everything: list[Estimate]  # of all rounds
    with_settled: bool

    def shown(self) -> QuantitySideBySide:
        beliefs = [self._belief(row) for row in self.said]
        settled = self._settled
        return QuantitySideBySide(
            quantity=self.quantity,
            title=self._words.label,
            rows=tuple(self._rows(beliefs)),
            disagreement=_share(beliefs),
            sentence=_sentence(self.said, beliefs),
            moved=self._moved(_share(beliefs)),
            reason=settled.reason if settled else "",
        )

    @property
    def _words(self) -> Wording:
        return Wording(self.quantity, self.project.currency)

    @property
    def _settled(self) -> Reconciliation | None:
        if not self.with_settled:
            return None
        return getattr(self.quantity, "reconciliation", None)

    @property
    def _before(self) -> Mapping[int, Estimate]:
        """What each person said in the round before the one that counts."""
        newest = {row.stakeholder_id: row.round for row in self.said}
        return {
            row.stakeholder_id: row
            for row in self.everything
            if not row.is_unknown and row.round < newest.get(row.stakeholder_id, 0)
        }

    def _belief(self, row: Estimate) -> Distribution:
        return belief_of(self.quantity, row.low, row.likely, row.high)

    def _rows(self, beliefs: Sequence[Distribution]) -> Iterable[Row]:
        before, settled = self._before, self._settled
        ranges: list[Estimate | Reconciliation] = [*self.said, *before.values()]
        if settled:
            ranges.append(settled)
        scale = span_scale([end for row in ranges for end in (row.low, row.high)])
        for row in self.said:
            yield self._person(row, before.get(row.stakeholder_id), scale)
        if len(self.said) > 1:
            yield self._together(beliefs, scale)
        if settled:
            yield Row(
                name=_("Settled"),
                note=_("by %(name)s") % {"name": settled.by} if settled.by else "",
                span=scale.span(settled.low, settled.likely, settled.high),
                words=self._words.range_said(settled.low, settled.high),
                is_pooled=True,
            )

    def _person(self, row: Estimate, before: Estimate | None, scale: SpanScale) -> Row:
        said = self._words.range_said
        return Row(
            name=row.stakeholder.name,
            note=str(row.get_source_display()),
            span=scale.span(row.low, row.likely, row.high),
            words=said(row.low, row.high),
            comment=row.comment,
            before=scale.span(before.low, before.likely, before.high)
            if before
            else None,
            words_before=_("round %(n)s: %(range)s")
            % {"n": before.round, "range": said(before.low, before.high)}
            if before
            else "",
        )

    def _together(self, beliefs: Sequence[Distribution], scale: SpanScale) -> Row:
        together = pool(beliefs)
        low, high = np.clip(
            together.table()(_ENDS),
            min(row.low for row in self.said),
            max(row.high for row in self.said),
        ).tolist()
        return Row(
            name=_("Together"),
            note=_("each counts the same"),
            span=scale.span(low, together.mean, high),
            words=self._words.range_said(low, high),
            is_pooled=True,
        )

    def _moved(self, share: float) -> str:
        upto = max(row.round for row in self.said) - 1
        beliefs = [self._belief(row) for row in _known(self.everything, upto=upto)]
        if len(beliefs) < 2:
            return ""
        before = _share(beliefs)
        if abs(share - before) < MOVED:
            return _("That is as it was in round %(n)s.") % {"n": upto}
        return _("In round %(n)s it was %(share)s %%.") % {
            "n": upto,
            "share": f"{100 * before:.0f}",
        }


def _share(beliefs: Sequence[Distribution]) -> float:
    return disagreement_share(beliefs) if len(beliefs) > 1 else 0.0


def _sentence(said: list[Estimate], beliefs: Sequence[Distribution]) -> str:
    if len(said) == 1:
        return _("Only %(name)s has answered this.") % {
            "name": said[0].stakeholder.name
        }
    share = _share(beliefs)
    percent = f"{100 * share:.0f}"
    if share < MUCH:
        return _("%(share)s %% of the spread is disagreement: people agree.") % {
            "share": percent
        }
    shared, one, other = _furthest_apart(said, beliefs)
    names = {"share": percent, "one": one, "other": other}
    if shared < HARDLY:
        return (
            _(
                "%(share)s %% of the spread is disagreement; %(one)s and %(other)s "
                "hardly overlap."
            )
            % names
        )
    return (
        _(
            "%(share)s %% of the spread is disagreement; %(one)s and %(other)s are "
            "furthest apart."
        )
        % names
    )


def _furthest_apart(
    said: list[Estimate], beliefs: Sequence[Distribution]
) -> tuple[float, str, str]:
    """Return the overlap of the two who are furthest apart, the lower named first.

    That is by the gap of their means in units of their spread: the overlap itself
    takes milliseconds a pair, and twenty people are 190 pairs.
    """

    def gap(pair: tuple[tuple[Distribution, Estimate], ...]) -> float:
        (low, _one), (high, _other) = pair
        apart = high.mean - low.mean
        return apart / (low.sd + high.sd) if low.sd + high.sd else apart

    ordered = sorted(zip(beliefs, said, strict=True), key=lambda pair: pair[0].mean)
    (low, one), (high, other) = max(combinations(ordered, 2), key=gap)
    shared = overlap(low, high)
    return shared, one.stakeholder.first_name, other.stakeholder.first_name
