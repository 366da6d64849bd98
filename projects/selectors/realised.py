"""What came true, quarter by quarter, against the band that was signed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from charts.realised import Period, Picture, draw
from charts.spans import Span, span_scale
from core.reading import read_together
from engine.numbers import money
from projects.models import Decision, GateKey, Project, RealisedValue, Signature
from projects.models.realised import is_quarter, quarter_from
from projects.models.value import ValueCase
from projects.selectors.words import Wording

OFFERED = 12  # quarters one may enter, the running one included


@dataclass(frozen=True)
class SignedBand:
    """What was signed first: the yearly gain, 9 times in 10 between low and high."""

    low: float
    mean: float
    high: float
    decision: Decision
    signed_at: datetime
    case_version: int


@read_together
def signed_bands(projects: Sequence[Project]) -> dict[int, SignedBand | None]:
    """Return the band that was signed first for each project; None without one.

    A go at the design or model gate that somebody approved and nobody rejected; what
    was signed later never replaces it, or each promise could be made to fit.
    """
    word = Signature.Word
    rows = (
        Decision.objects.filter(
            project__in=projects,
            gate__in=[GateKey.DESIGN, GateKey.MODEL],
            verdict=Decision.Verdict.GO,
            frozen_at__isnull=False,
            withdrawn_at=None,
            signatures__word__in=[word.APPROVE, word.CONDITIONS],
        )
        .exclude(pk__in=Signature.objects.filter(word=word.REJECT).values("decision"))
        .order_by("-frozen_at", "-pk")
        .distinct()
    )
    found: dict[int, SignedBand | None] = {each.pk: None for each in projects}
    for row in rows:  # the first to be frozen comes last and stays
        found[row.project_id] = _band(row) or found[row.project_id]
    return found


def signed_band(project: Project) -> SignedBand | None:
    """Return the band that was signed first; None while nothing is signed."""
    return signed_bands([project])[project.pk]


def _band(decision: Decision) -> SignedBand | None:
    try:
        frozen: dict[str, Any] = decision.content["value_case"]
        annual = frozen["result"]["annual"]
        ends = float(annual["p5"]), float(annual["mean"]), float(annual["p95"])
        version = int(frozen["version"])
    except (KeyError, TypeError, ValueError):
        return None
    assert decision.frozen_at is not None  # noqa: S101 - filtered above
    return SignedBand(*ends, decision, decision.frozen_at, version)


@dataclass(frozen=True)
class SoFar:
    """The net money that came true so far, and over which time."""

    total: float
    periods: int
    years: float


def realised_money(projects: Sequence[Project]) -> dict[int, SoFar]:
    """Return the net money of each project that has realised any."""
    rows = RealisedValue.objects.filter(
        project__in=projects, quantity=None, superseded_by=None
    )
    by_project: dict[int, list[RealisedValue]] = {}
    for row in rows:
        by_project.setdefault(row.project_id, []).append(row)
    return {pk: _so_far(mine) for pk, mine in by_project.items()}


def _so_far(rows: Sequence[RealisedValue]) -> SoFar:
    return SoFar(
        total=sum(row.value for row in rows),
        periods=len(rows),
        years=sum(row.years for row in rows),
    )


def period_words(start: date, end: date) -> str:
    """Return how a period is called: “Q3 2026”, or its days."""
    if is_quarter(start, end):
        return _("Q%(n)s %(year)s") % {
            "n": (start.month + 2) // 3,
            "year": start.year,
        }
    return _("%(start)s to %(end)s") % {
        "start": date_format(start, "j M Y"),
        "end": date_format(end, "j M Y"),
    }


@dataclass(frozen=True)
class Quarter:
    """One period of net money, against what was signed for that time."""

    row: RealisedValue
    name: str
    value: str
    measured: str  # its own band, or nothing
    signed: str  # the band of that time, or nothing
    standing: str  # inside, above, below, or nothing


@dataclass(frozen=True)
class QuantityLine:
    """One quantity: what was believed when it was signed, and what came true."""

    row: RealisedValue
    name: str
    period: str
    value: str
    believed: str
    standing: str
    span: Span
    truth: str  # where it lies on the span's scale


@dataclass(frozen=True)
class RealisedPage:
    """Everything the page of realised value shows."""

    project: Project
    band: SignedBand | None
    so_far: SoFar | None
    quarters: tuple[Quarter, ...]  # the newest first
    quantities: tuple[QuantityLine, ...]
    picture: Picture | None
    corrected: tuple[RealisedValue, ...]

    @property
    def total(self) -> str:
        """What came true altogether."""
        return money(self.so_far.total if self.so_far else 0.0, self.project.currency)

    @property
    def when(self) -> str:
        """Over which time: “in three quarters”."""
        if self.so_far is None:
            return ""
        rows = [quarter.row for quarter in self.quarters]
        n = self.so_far.periods
        count = {"n": number_word(n)}
        if all(is_quarter(row.starts_on, row.ends_on) for row in rows):
            return ngettext("in %(n)s quarter", "in %(n)s quarters", n) % count
        return ngettext("in %(n)s period", "in %(n)s periods", n) % count

    @property
    def standing(self) -> str:
        """Where it lies to what was signed for the same time; "" without either."""
        if self.band is None or self.so_far is None:
            return ""
        years = self.so_far.years
        return stands(self.so_far.total, self.band.low * years, self.band.high * years)

    @property
    def promise(self) -> str:
        """What was signed, for as long as was realised, or for a year."""
        if self.band is None:
            return ""
        years = self.so_far.years if self.so_far else 1.0
        said = {
            name: money(value * years, self.project.currency)
            for name, value in (
                ("low", self.band.low),
                ("mean", self.band.mean),
                ("high", self.band.high),
            )
        }
        pattern = (
            _(
                "Signed for that time: about %(mean)s on average, 9 times in 10 "
                "between %(low)s and %(high)s."
            )
            if self.so_far
            else _(
                "Signed: about %(mean)s a year on average, 9 times in 10 between "
                "%(low)s and %(high)s."
            )
        )
        return pattern % said


def number_word(n: int) -> str:
    """Return a small count as a word, as sentences carry it."""
    words = (
        _("no"), _("one"), _("two"), _("three"), _("four"), _("five"), _("six"),
        _("seven"), _("eight"), _("nine"), _("ten"), _("eleven"), _("twelve"),
    )  # fmt: skip
    return words[n] if n < len(words) else str(n)


def stands(value: float, low: float, high: float) -> str:
    """Return "inside", "above" or "below" a band; its ends belong to it."""
    if value < low:
        return "below"
    return "above" if value > high else "inside"


def realised_page(project: Project) -> RealisedPage:
    """Return what came true so far, against what was signed first."""
    rows = list(
        RealisedValue.objects.filter(project=project, superseded_by=None)
        .select_related("quantity", "entered_by")
        .order_by("-starts_on", "-at")
    )
    of_money = [row for row in rows if row.quantity_id is None]
    band = signed_band(project)
    return RealisedPage(
        project=project,
        band=band,
        so_far=_so_far(of_money) if of_money else None,
        quarters=tuple(_quarter(row, band, project.currency) for row in of_money),
        quantities=tuple(_quantity_lines(project, rows, band)),
        picture=_picture(of_money, band, project.currency),
        corrected=tuple(
            RealisedValue.objects.filter(~Q(superseded_by=None), project=project)
            .select_related("quantity", "entered_by", "superseded_by")
            .order_by("-at")
        ),
    )


def _quarter(row: RealisedValue, band: SignedBand | None, currency: str) -> Quarter:
    signed = standing = ""
    if band is not None:
        low, high = band.low * row.years, band.high * row.years
        signed = _between(low, high, currency)
        standing = stands(row.value, low, high)
    measured = (
        _between(row.low, row.high, currency)
        if row.low is not None and row.high is not None
        else ""
    )
    return Quarter(
        row=row,
        name=period_words(row.starts_on, row.ends_on),
        value=money(row.value, currency),
        measured=measured,
        signed=signed,
        standing=standing,
    )


def _between(low: float, high: float, currency: str) -> str:
    return _("%(low)s to %(high)s") % {
        "low": money(low, currency),
        "high": money(high, currency),
    }


def _picture(
    rows: Sequence[RealisedValue], band: SignedBand | None, currency: str
) -> Picture | None:
    if not rows:
        return None
    periods = [
        Period(
            name=period_words(row.starts_on, row.ends_on),
            value=row.value,
            low=band.low * row.years if band else None,
            high=band.high * row.years if band else None,
        )
        for row in reversed(rows)
    ]
    return draw(periods, currency=currency)


def _quantity_lines(
    project: Project, rows: Sequence[RealisedValue], band: SignedBand | None
) -> list[QuantityLine]:
    """Return each quantity's newest truth, in the order of the value case."""
    newest: dict[int, RealisedValue] = {}
    for row in reversed(rows):
        if row.quantity_id is not None:
            newest[row.quantity_id] = row
    believed = _believed(project, band) if newest else {}
    lines = [
        _quantity_line(row, believed.get(row.quantity.name), project.currency)
        for row in newest.values()
        if row.quantity is not None
    ]
    return sorted(lines, key=lambda line: (line.row.quantity.position, line.name))  # type: ignore[union-attr]  # each has one


def _believed(
    project: Project, band: SignedBand | None
) -> dict[str, tuple[float, float]]:
    """Return the 5 to 95 % range of each quantity in the case that was signed."""
    if band is None:
        return {}
    case = ValueCase.objects.filter(project=project, version=band.case_version).first()
    if case is None:
        return {}
    return {
        each.name: (
            float(each.distribution.ppf(0.05)),
            float(each.distribution.ppf(0.95)),
        )
        for each in case.to_engine().quantities
    }


def _quantity_line(
    row: RealisedValue, ends: tuple[float, float] | None, currency: str
) -> QuantityLine:
    assert row.quantity is not None  # noqa: S101 - net money has no such line
    words = Wording(row.quantity, currency)
    low, high = ends or (row.value, row.value)
    scale = span_scale([low, high, row.value])
    return QuantityLine(
        row=row,
        name=words.label,
        period=period_words(row.starts_on, row.ends_on),
        value=words.said(row.value),
        believed=words.range_said(low, high) if ends else "",
        standing=stands(row.value, low, high) if ends else "",
        span=scale.span(low, row.value, high),
        truth=scale.span(row.value, row.value, row.value).likely,
    )


def quarters_to_enter(today: date) -> list[tuple[date, date]]:
    """Return the quarters that have begun, the newest first."""
    year, quarter = today.year, (today.month - 1) // 3
    found = []
    for _n in range(OFFERED):
        start = date(year, 3 * quarter + 1, 1)
        found.append((start, quarter_from(start)))
        year, quarter = (year - 1, 3) if quarter == 0 else (year, quarter - 1)
    return found


def today() -> date:
    """Return the day in the reader's zone."""
    return timezone.localdate()
