"""What the page of a data set says of its history, its alerts and what is done."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from charts.history import Panel, describe_history, history_chart
from core.access import Actor
from core.words import in_words
from dataquality.models import Alert, DataSet, Mitigation
from dataquality.selectors.arrivals import Expected, expected_next, newest_versions
from dataquality.selectors.columns import COUNTED, Picture
from dataquality.selectors.mitigations import mark_uses
from dataquality.selectors.scores import LABELS
from dataquality.selectors.trends import Trends, trends_of
from engine.history import LEAST_KNOWN, SHARE_FLOOR, Series, formula

COLUMNS_SHOWN = 5
RESOLVED_SHOWN = 10
MITIGATIONS_SHOWN = 100


@dataclass(frozen=True)
class Courses:
    """The history of a data set as two pictures."""

    scores: Picture | None
    amounts: Picture
    left: int  # columns with gaps that are not drawn
    formula: str
    is_judged: bool  # there are versions enough to say what is out of step


@dataclass(frozen=True)
class Watched:
    """What watches over a data set, and what is done about its gaps."""

    courses: Courses | None
    alerts: tuple[Alert, ...]  # that last
    calling: int  # of them wait for somebody
    resolved: tuple[Alert, ...]
    expected: Expected | None
    is_late: bool
    mitigations: tuple[Mitigation, ...]
    own: frozenset[int]  # mitigations whose state the reader may change


def watched(data_set: DataSet, actor: Actor) -> Watched:
    """Return what watches over a data set; a constant number of queries."""
    lasting = list(data_set.alerts.unresolved().select_related("acknowledged_by")[:100])
    resolved = data_set.alerts.exclude(resolved_at=None).order_by("-resolved_at")
    newest = newest_versions().filter(data_set=data_set).first()
    expected = expected_next(newest) if newest else None
    mitigations = list(data_set.mitigations.select_related("owner")[:MITIGATIONS_SHOWN])
    for alert in lasting:
        alert.data_set = data_set
    for row in mitigations:
        row.data_set = data_set
    mark_uses(data_set, mitigations)
    mine = Mitigation.objects.actionable_by(actor).filter(data_set=data_set)
    trends = trends_of(data_set)
    return Watched(
        courses=_courses(trends) if trends.has_course else None,
        alerts=tuple(lasting),
        calling=sum(each.is_calling for each in lasting),
        resolved=tuple(resolved[:RESOLVED_SHOWN]),
        expected=expected,
        is_late=expected is not None and expected.latest_at < timezone.now(),
        mitigations=tuple(mitigations),
        own=frozenset(mine.values_list("pk", flat=True)),
    )


def _courses(trends: Trends) -> Courses:
    scores = [
        Panel(
            name=str(LABELS[each.name]),
            values=_per_cent(each),
            odd=each.odd,
            most=100,
        )
        for each in trends.scores
        if any(value is not None for value in each.values)
    ]
    gaps = sorted(trends.missing, key=_interest, reverse=True)
    amounts = [
        Panel(_("Rows"), trends.rows.values, trends.rows.odd, decimals=0),
        *(
            Panel(
                _("%(column)s, missing") % {"column": each.name},
                _per_cent(each),
                each.odd,
                most=100,
                suffix=" %",
            )
            for each in gaps[:COLUMNS_SHOWN]
        ),
    ]
    return Courses(
        scores=_picture(trends, scores, _("Scores of 100")) if scores else None,
        amounts=_picture(trends, amounts, _("Rows and missing values")),
        left=max(len(gaps) - COLUMNS_SHOWN, 0),
        formula=in_words(formula(SHARE_FLOOR)),
        is_judged=len(trends.numbers) >= LEAST_KNOWN,
    )


def _interest(series: Series) -> tuple[bool, float, float]:
    """Order columns: what is out of step, then what moved, then what lacks most."""
    return bool(series.odd), series.spread, series.values[-1] or 0.0


def _per_cent(series: Series) -> tuple[float | None, ...]:
    return tuple(None if each is None else 100 * each for each in series.values)


def _picture(trends: Trends, panels: Sequence[Panel], title: str) -> Picture:
    return Picture(
        history_chart(trends.numbers, panels, COUNTED),
        title,
        describe_history(trends.numbers, panels),
    )
