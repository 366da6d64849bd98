"""What the problems of a version cost, or what it takes to say so."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from core.reading import read_once
from core.words import in_words
from dataquality.models import DataSet, DataSetVersion, Mitigation
from dataquality.selectors.arrivals import monitor_of
from dataquality.selectors.problems import ProblemShown
from engine.errors import EngineError
from engine.numbers import money, plain
from engine.value.decisions import Amount, PriceOfRows, price_of_rows
from engine.value.distributions import belief
from projects.models import Project, ValueCase
from projects.selectors.value import answers, current_case

# What says that rows are wrong or incomplete; other problems are about the column.
ABOUT_ROWS = frozenset(
    {
        "duplicate_rows",
        "missing",
        "all_missing",
        "infinite",
        "few_negative",
        "spelling",
        "spellings",
    }
)
GAPS = frozenset({"missing", "all_missing"})


@dataclass(frozen=True)
class RowPrice:
    """What an affected row of a data set costs; `why_not` where nobody can say."""

    currency: str
    price: PriceOfRows | None = None
    why_not: str = ""
    chance: tuple[float, float, float] | None = None
    source: str = ""
    case: ValueCase | None = None

    @property
    def is_forecast(self) -> bool:
        """Whether a row is that of a forecast."""
        return self.case is not None and self.case.to_engine().is_forecast

    @property
    def wrong_words(self) -> str:
        """What a wrong decision costs."""
        return self.money(self.price.wrong_decision) if self.price else self.why_not

    def money(self, amount: Amount) -> str:
        """Return an amount as "€1.2k to €8k, about €3k"."""
        low, mid, high = (
            money(each, self.currency) for each in (amount.low, amount.mid, amount.high)
        )
        if low == high:
            return mid
        return _("%(low)s to %(high)s, about %(mid)s") % {
            "low": low,
            "high": high,
            "mid": mid,
        }


@dataclass(frozen=True)
class PricedProblem:
    """A problem with what it costs and what is done about it."""

    problem: ProblemShown
    cost: Amount | None
    words: str  # the cost, or why there is none
    is_gap: bool  # of values, so that something can be done about it
    mitigations: tuple[Mitigation, ...]


@dataclass(frozen=True)
class Damage:
    """The problems of one version in money."""

    lines: tuple[PricedProblem, ...]
    row: RowPrice
    rows_low: int  # at least so many rows are affected
    rows_high: int
    total: Amount | None
    year: Amount | None  # if each row that comes in a year were as bad

    @property
    def total_words(self) -> str:
        """What all problems together cost."""
        return self.row.money(self.total) if self.total else self.row.why_not

    @property
    def steps(self) -> tuple[tuple[str, str], ...]:
        """How the money is computed, one step a line."""
        return _steps(self)


def row_price(data_set: DataSet) -> RowPrice:
    """Return what an affected row of a data set costs, by the project's value case."""
    project = data_set.project
    monitor = monitor_of(data_set)
    nothing = RowPrice(currency=project.currency)
    if monitor.affects is None:
        return _because(
            nothing, _("nobody has said how likely a bad row turns a decision")
        )
    if not any(each.state == "sent" for each in answers(project)):
        return _because(nothing, _("nobody has estimated the value of the project yet"))
    case = current_case(project)
    try:
        price = _price(project, case, monitor.affects)
    except EngineError as problem:
        return _because(nothing, in_words(problem))
    return RowPrice(
        currency=project.currency,
        price=price,
        chance=monitor.affects,
        source=monitor.affects_source,
        case=case,
    )


def _because(nothing: RowPrice, reason: str) -> RowPrice:
    return RowPrice(currency=nothing.currency, why_not=reason)


@read_once
def _price(
    project: Project, case: ValueCase, chance: tuple[float, float, float]
) -> PriceOfRows:
    return price_of_rows(case.to_engine(), belief("pert", *chance), seed=case.seed)


def damage_of(version: DataSetVersion, problems: list[ProblemShown]) -> Damage:
    """Return what these problems of a version cost, each and together.

    Problems may lie in the same rows: at least those of the greatest one are
    affected, at most the sum of all.
    """
    row = row_price(version.data_set)
    planned: dict[str, list[Mitigation]] = {}
    for each in version.data_set.mitigations.select_related("owner"):
        if each.state != Mitigation.State.DROPPED:
            each.data_set = version.data_set
            planned.setdefault(each.column, []).append(each)
    counted = [each.rows for each in problems if _is_about_rows(each)]
    rows = version.rows or 0
    low = min(max(counted, default=0), rows)
    high = min(sum(counted), rows)
    return Damage(
        lines=tuple(_line(each, row, planned) for each in problems),
        row=row,
        rows_low=low,
        rows_high=high,
        total=_between(row.price.row, low, high) if row.price else None,
        year=_between(row.price.year, low / rows, high / rows)
        if row.price and rows
        else None,
    )


def _is_about_rows(problem: ProblemShown) -> bool:
    return problem.is_rule or problem.code in ABOUT_ROWS


def _is_rule_of_gaps(problem: ProblemShown) -> bool:
    """Whether a rule says that a column is filled."""
    return problem.is_rule and bool(problem.column)


def _line(
    problem: ProblemShown, row: RowPrice, planned: dict[str, list[Mitigation]]
) -> PricedProblem:
    is_gap = problem.code in GAPS or _is_rule_of_gaps(problem)
    cost = None
    if not _is_about_rows(problem):
        words = _("not priced: it is about the column, no single row is wrong by it")
    elif row.price is None:
        words = _("not priced: %(reason)s") % {"reason": row.why_not}
    else:
        cost = row.price.row.times(problem.rows)
        words = row.money(cost)
    mitigations = tuple(planned.get(problem.column, ())) if is_gap else ()
    return PricedProblem(problem, cost, words, is_gap, mitigations)


def _between(amount: Amount, low: float, high: float) -> Amount:
    """Return the amount for somewhere between `low` and `high` times of it."""
    return Amount(low * amount.low, (low + high) / 2 * amount.mid, high * amount.high)


def _steps(damage: Damage) -> tuple[tuple[str, str], ...]:
    row = damage.row
    if row.price is None or row.chance is None or damage.total is None:
        return ()
    low, likely, high = (f"{100 * each:.3g}" for each in row.chance)
    chance = _("%(low)s to %(high)s %%, likely %(likely)s %%") % {
        "low": low,
        "likely": likely,
        "high": high,
    }
    wrong = (
        _("A forecast as far off as today’s loses")
        if row.is_forecast
        else _("A wrong decision costs")
    )
    rows = plain(damage.rows_high)
    if damage.rows_low < damage.rows_high:
        rows = _("%(low)s to %(high)s") % {"low": plain(damage.rows_low), "high": rows}
    return (
        (_("Rows affected"), rows),
        (_("Chance that a bad row turns its decision"), chance),
        (wrong, row.money(row.price.wrong_decision)),
        (_("An affected row costs: chance × that"), row.money(row.price.row)),
        (_("All of this version: rows × that"), row.money(damage.total)),
        (
            _("A year, if every row that comes were as likely bad"),
            row.money(damage.year) if damage.year else _("not priced"),
        ),
    )


def cost_as_json(amount: Amount | None) -> dict[str, Any] | None:
    """Return an amount for the API; None is "not priced"."""
    return amount.to_json() if amount else None
