"""People's answers side by side, once they may be shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from django.utils.translation import gettext as _

from charts.spans import Span, SpanScale, span_scale
from engine.value.distributions import Distribution, pert_from_quantiles
from engine.value.pooling import disagreement_share, overlap, pool
from projects.models import Estimate, Project, Quantity, Reconciliation
from projects.selectors.words import Wording

_ENDS = np.array([0.05, 0.95])
HARDLY = 0.25  # the overlap below which two people hardly agree at all
MUCH = 0.25  # the share of the spread from which on people are said to differ


@dataclass(frozen=True)
class Row:
    """One bar: a person's range, everybody's together, or the settled one."""

    name: str
    note: str
    span: Span
    words: str
    is_pooled: bool = False


@dataclass(frozen=True)
class QuantitySideBySide:
    """What people said of one quantity, on one axis."""

    quantity: Quantity
    title: str
    rows: tuple[Row, ...]
    disagreement: float  # share of the spread that lies between people
    sentence: str
    reason: str  # why the settled range is what it is, or nothing


def side_by_side(project: Project) -> list[QuantitySideBySide]:
    """Return each quantity that somebody answered, the widest difference first."""
    said = (
        Estimate.objects.filter(
            quantity__project=project, submitted_at__isnull=False, is_unknown=False
        )
        .select_related("stakeholder", "quantity__reconciliation__by")
        .order_by("quantity__position", "quantity_id", "stakeholder__name")
    )
    found = [
        _quantity(project, quantity, list(rows))
        for quantity, rows in groupby(said, key=lambda row: row.quantity)
    ]
    return sorted(found, key=lambda each: -each.disagreement)


def _quantity(
    project: Project, quantity: Quantity, said: list[Estimate]
) -> QuantitySideBySide:
    words = Wording(quantity, project.currency)
    beliefs = [pert_from_quantiles(row.low, row.likely, row.high) for row in said]
    together = pool(beliefs)
    low, high = np.clip(
        together.table()(_ENDS), min(r.low for r in said), max(r.high for r in said)
    ).tolist()
    settled = getattr(quantity, "reconciliation", None)
    ranges: list[Estimate | Reconciliation] = [*said, *([settled] if settled else [])]
    scale = span_scale([end for row in ranges for end in (row.low, row.high)])
    rows = [_person(row, words, scale) for row in said]
    if len(said) > 1:
        rows.append(
            Row(
                name=_("Together"),
                note=_("each counts the same"),
                span=scale.span(low, together.mean, high),
                words=words.range_said(low, high),
                is_pooled=True,
            )
        )
    if settled:
        rows.append(_settled(settled, words, scale))
    share = disagreement_share(beliefs) if len(beliefs) > 1 else 0.0
    return QuantitySideBySide(
        quantity=quantity,
        title=words.label,
        rows=tuple(rows),
        disagreement=share,
        sentence=_sentence(said, beliefs, share),
        reason=settled.reason if settled else "",
    )


def _person(row: Estimate, words: Wording, scale: SpanScale) -> Row:
    return Row(
        name=row.stakeholder.name,
        note=row.get_source_display(),
        span=scale.span(row.low, row.likely, row.high),
        words=words.range_said(row.low, row.high),
    )


def _settled(row: Reconciliation, words: Wording, scale: SpanScale) -> Row:
    return Row(
        name=_("Settled"),
        note=_("by %(name)s") % {"name": row.by} if row.by else "",
        span=scale.span(row.low, row.likely, row.high),
        words=words.range_said(row.low, row.high),
        is_pooled=True,
    )


def _sentence(
    said: list[Estimate], beliefs: Sequence[Distribution], share: float
) -> str:
    if len(said) == 1:
        return _("Only %(name)s has answered this.") % {
            "name": said[0].stakeholder.name
        }
    percent = f"{100 * share:.0f}"
    if share < MUCH:
        return _("%(share)s %% of the spread is disagreement: people agree.") % {
            "share": percent
        }
    ordered = sorted(zip(beliefs, said, strict=True), key=lambda pair: pair[0].mean)
    (least, one), (most, other) = ordered[0], ordered[-1]
    names = {
        "share": percent,
        "one": one.stakeholder.first_name,
        "other": other.stakeholder.first_name,
    }
    if overlap(least, most) < HARDLY:
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
