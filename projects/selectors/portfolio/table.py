"""The portfolio's table: what was asked for, in which order, and what it adds up to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from charts.marks import Axis, axis_for
from core.access import Actor
from engine.numbers import money, plain
from projects.models import CurrencyRate
from projects.selectors.portfolio.rates import Rates, rates_on
from projects.selectors.portfolio.rows import (
    LeftOut,
    PortfolioRow,
    Total,
    rows_of,
    seen_projects,
    total_of,
)
from projects.selectors.portfolio.stages import STAGE_HOW, STAGE_WORDS, Stage

Key = Callable[[PortfolioRow], Any]
# What a row is sorted by; None (nothing known) always comes last.
SORTS: dict[str, Key] = {
    "name": lambda row: row.project.name.casefold(),
    "stage": lambda row: row.progress.order,
    "gain": lambda row: row.figures.mean if row.figures else None,
    "chance": lambda row: row.p_pays_back,
    "cost": lambda row: row.figures.cost if row.figures else None,
    "people": lambda row: row.people,
    "risk": lambda row: row.figures.at_risk if row.figures else None,
    "musts": lambda row: row.met / row.musts if row.musts else None,
    "gate": lambda row: row.progress.gate_words or None,
}
FIRST = "gain"
MAX_QUERY = 120
MOST_IN_COLUMN = 12


@dataclass(frozen=True)
class Asked:
    """What of the portfolio is looked at, as the address says it."""

    query: str = ""
    stage: Stage | None = None
    sort: str = FIRST
    descending: bool = True

    @classmethod
    def of(cls, params: Mapping[str, str]) -> "Asked":
        """Return what an address asks for; what it cannot mean is left out."""
        sort = params.get("sort", f"-{FIRST}")
        key = sort.removeprefix("-")
        stage = params.get("stage", "")
        return cls(
            query=params.get("q", "").strip()[:MAX_QUERY],
            stage=Stage(stage) if stage in list(Stage) else None,
            sort=key if key in SORTS else FIRST,
            descending=sort.startswith("-") or key not in SORTS,
        )

    @property
    def is_filtered(self) -> bool:
        """Whether some projects may be hidden."""
        return bool(self.query or self.stage)

    def holds(self, row: PortfolioRow) -> bool:
        """Whether a row is asked for."""
        words = f"{row.project.name} {row.project.problem}".casefold()
        if self.query.casefold() not in words:
            return False
        return self.stage in {None, row.progress.stage}

    def ordered(self, rows: Sequence[PortfolioRow]) -> list[PortfolioRow]:
        """Return the rows in the order asked for, what is unknown last."""
        key = SORTS[self.sort]
        known = [each for each in rows if key(each) is not None]
        unknown = [each for each in rows if key(each) is None]
        return [*sorted(known, key=key, reverse=self.descending), *unknown]


@dataclass(frozen=True)
class Portfolio:
    """The projects asked for, what they add up to, and what is left out."""

    asked: Asked
    rows: tuple[PortfolioRow, ...]  # asked for, in order
    of: int  # how many there are at all
    total: Total
    currency: str
    rates: tuple[CurrencyRate, ...]  # that the sums rest on

    @property
    def counted(self) -> list[PortfolioRow]:
        """The rows that enter the sums."""
        return [each for each in self.rows if each.is_counted]

    @property
    def axis(self) -> Axis:
        """The scale all range bars share."""
        ends = [
            end
            for each in self.rows
            if each.figures
            for end in (each.figures.low, each.figures.high)
        ]
        return axis_for(ends, currency=self.currency)

    @property
    def answer(self) -> str:
        """What they are worth together, in one sentence."""
        total = self.total
        if not total.counted:
            return _("Nothing here can be added up yet.")
        words = ngettext(
            "%(n)s project brings about %(money)s a year,",
            "%(n)s projects bring about %(money)s a year together,",
            total.counted,
        )
        return words % {
            "n": plain(total.counted),
            "money": money(total.gain.mean, self.currency),
        }

    @property
    def aside(self) -> str:
        """How sure that is."""
        if not self.total.counted:
            return ""
        return _("9 times in 10 between %(low)s and %(high)s.") % {
            "low": money(self.total.gain.p5, self.currency),
            "high": money(self.total.gain.p95, self.currency),
        }

    @property
    def notes(self) -> list[str]:
        """What the sum rests on: who loses, what is left out, which rates."""
        losing = self.total.losing
        found = []
        if losing:
            found.append(
                ngettext(
                    "%(n)s of them loses money on average.",
                    "%(n)s of them lose money on average.",
                    losing,
                )
                % {"n": losing}
            )
        found += [_rate_words(each, self.currency) for each in self.rates]
        return found

    @property
    def excluded(self) -> list["Excluded"]:
        """What is listed and not counted, by reason, with what mends it."""
        groups = [
            Excluded(reason, tuple(r for r in self.rows if r.left_out is reason))
            for reason in LeftOut
        ]
        return [each for each in groups if each.rows]


@dataclass(frozen=True)
class Excluded:
    """Projects that are not counted, for one reason."""

    reason: LeftOut
    rows: tuple[PortfolioRow, ...]

    @property
    def words(self) -> str:
        """Why, and what to do."""
        n = len(self.rows)
        if self.reason is LeftOut.EXAMPLE:
            return _("The worked example is shown and not counted.")
        if self.reason is LeftOut.NO_ESTIMATE:
            return ngettext(
                "%(n)s is not counted: nobody has estimated it. Estimate it first.",
                "%(n)s are not counted: nobody has estimated them. Estimate them first.",
                n,
            ) % {"n": n}
        currencies = ", ".join(sorted({each.project.currency for each in self.rows}))
        return ngettext(
            "%(n)s is not counted: there is no rate for %(currency)s. A portal admin "
            "types it under Manage, Rates.",
            "%(n)s are not counted: there is no rate for %(currency)s. A portal admin "
            "types it under Manage, Rates.",
            n,
        ) % {"n": n, "currency": currencies}

    @property
    def wants_rate(self) -> bool:
        """Whether a rate would mend it."""
        return self.reason is LeftOut.NO_RATE


def _rate_words(row: CurrencyRate, reporting: str) -> str:
    return _("1 %(currency)s is %(rate)s %(reporting)s since %(day)s.") % {
        "currency": row.currency,
        "rate": plain(float(row.rate)),
        "reporting": reporting,
        "day": date_format(row.valid_from, "j F Y"),
    }


def portfolio(actor: Actor, asked: Asked, *, today: date) -> Portfolio:
    """Return what somebody asks of their portfolio."""
    rates = rates_on(today)
    every = rows_of(seen_projects(actor).order_by("name", "pk"), rates)
    return assembled(every, asked, rates)


def assembled(every: Sequence[PortfolioRow], asked: Asked, rates: Rates) -> Portfolio:
    """Return the rows asked for, with what they add up to."""
    rows = asked.ordered([each for each in every if asked.holds(each)])
    counted = {each.project.currency for each in rows if each.is_counted}
    return Portfolio(
        asked=asked,
        rows=tuple(rows),
        of=len(every),
        total=total_of(rows),
        currency=rates.reporting,
        rates=tuple(rates.used_for(counted)),
    )


@dataclass(frozen=True)
class Tab:
    """One view of the portfolio."""

    name: str
    url: str
    current: bool
    count: int | None = None


def tabs(current: str, query: str) -> list[Tab]:
    """Return the views of the portfolio; filters go along."""
    views = (
        ("portfolio", _("Table")),
        ("portfolio_bubbles", _("Bubbles")),
        ("portfolio_board", _("Board")),
        ("portfolio_optimiser", _("Optimiser")),
        ("platforms", _("Platforms")),
    )
    kept = f"?{query}" if query else ""
    filtered = {"portfolio", "portfolio_bubbles", "portfolio_board"}
    return [
        Tab(
            name=name,
            url=reverse(f"projects:{view}") + (kept if view in filtered else ""),
            current=view == current,
        )
        for view, name in views
    ]


def stage_choices() -> list[tuple[str, str]]:
    """Return the stages one can filter by."""
    return [(each.value, str(words)) for each, words in STAGE_WORDS.items()]


@dataclass(frozen=True)
class Column:
    """The projects of one stage."""

    stage: Stage
    rows: tuple[PortfolioRow, ...]
    total: Total

    @property
    def title(self) -> str:
        """The stage."""
        return str(STAGE_WORDS[self.stage])

    @property
    def how(self) -> str:
        """What brings a project there."""
        return str(STAGE_HOW[self.stage])

    @property
    def shown(self) -> tuple[PortfolioRow, ...]:
        """The first ones, in the order asked for."""
        return self.rows[:MOST_IN_COLUMN]

    @property
    def more(self) -> int:
        """How many are not shown."""
        return max(len(self.rows) - MOST_IN_COLUMN, 0)


def board(rows: Sequence[PortfolioRow]) -> list[Column]:
    """Return the rows by stage, in the order of stages."""
    return [
        Column(stage, tuple(found), total_of(found))
        for stage in Stage
        for found in [[each for each in rows if each.progress.stage is stage]]
    ]
