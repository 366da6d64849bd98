"""The portfolio's table as lines of a CSV file that no spreadsheet runs."""

from collections.abc import Iterator, Sequence

from engine.export import escaped
from projects.selectors.portfolio.rows import PortfolioRow

HEAD = (
    "project",
    "name",
    "stage",
    "gain_mean",
    "gain_p5",
    "gain_p95",
    "currency",
    "p_pays_back",
    "cost",
    "people",
    "at_risk",
    "musts_met",
    "musts",
    "next_gate",
    "not_counted",
)


def csv_rows(rows: Sequence[PortfolioRow], currency: str) -> Iterator[list[str]]:
    """Yield a header and one line a project, amounts in full precision."""
    yield list(HEAD)
    for each in rows:
        yield [_text(value) for value in _values(each, currency)]


def _values(row: PortfolioRow, currency: str) -> tuple[object, ...]:
    figures = row.figures
    return (
        row.project.slug,
        row.project.name,
        row.progress.stage.value,
        figures and figures.mean,
        figures and figures.low,
        figures and figures.high,
        currency,
        row.p_pays_back,
        figures and figures.cost,
        row.people,
        figures and figures.at_risk,
        row.met,
        row.musts,
        row.progress.next_gate and row.progress.next_gate.value,
        row.left_out and row.left_out.value,
    )


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float | int):
        return repr(value)
    return escaped(str(value))
