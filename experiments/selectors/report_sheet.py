"""A report as plain values: the page, the file and the shared link read the same."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from charts.marks import Axis, axis_for
from experiments.models import Experiment, Report
from experiments.selectors.board import Board, BoardLine, board_of
from experiments.selectors.curves import Picture
from experiments.selectors.report import Fact, facts_of


@dataclass(frozen=True)
class Line:
    """One model: what it is worth a year, or why that is not known."""

    name: str
    note: str  # its family
    tied: str  # the ranks it shares with others; empty without a tie
    primary: str
    not_priced: str
    low: float | None = None
    mean: float | None = None
    high: float | None = None

    @property
    def is_priced(self) -> bool:
        """Whether it is worth a known amount."""
        return self.mean is not None


@dataclass(frozen=True)
class Policy:
    """One way to act without a model."""

    label: str
    note: str
    low: float
    mean: float
    high: float


@dataclass(frozen=True)
class Drawn:
    """A figure as plotly reads it, with its title and what it shows in words."""

    figure: dict[str, Any]
    title: str
    text: str


@dataclass(frozen=True)
class Conclusion:
    """What somebody wrote and signed."""

    text: str
    by: str
    at: datetime
    digest: str


@dataclass(frozen=True)
class ReportSheet:
    """All that a report shows."""

    project: str
    name: str
    currency: str
    answer: str
    aside: str
    hypothesis: str
    motivation: str
    metric: str
    lines: tuple[Line, ...]
    policies: tuple[Policy, ...]
    board: Drawn | None
    pictures: tuple[Drawn, ...]
    facts: tuple[Fact, ...]
    conclusion: Conclusion | None

    @property
    def axis(self) -> Axis:
        """The scale that all ranges share."""
        rows: list[Line | Policy] = [*self.lines, *self.policies]
        ends = [
            x for row in rows for x in (row.low, row.mean, row.high) if x is not None
        ]
        return axis_for(ends or [0.0, 1.0], currency=self.currency)

    def to_json(self) -> dict[str, Any]:
        """Return plain values to keep."""
        found = asdict(self)
        if self.conclusion:
            found["conclusion"]["at"] = self.conclusion.at.isoformat()
        return found

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "ReportSheet":
        """Return the sheet that was kept."""
        said, board = kept["conclusion"], kept["board"]
        return cls(
            **{
                **kept,
                "lines": _rows(Line, kept["lines"]),
                "policies": _rows(Policy, kept["policies"]),
                "board": Drawn(**board) if board else None,
                "pictures": _rows(Drawn, kept["pictures"]),
                "facts": _rows(Fact, kept["facts"]),
                "conclusion": Conclusion(
                    **{**said, "at": datetime.fromisoformat(said["at"])}
                )
                if said
                else None,
            }
        )


def _rows(row: type[Any], kept: Iterable[dict[str, Any]]) -> tuple[Any, ...]:
    return tuple(row(**each) for each in kept)


def sheet_of(experiment: Experiment, board: Board | None = None) -> ReportSheet:
    """Return the report of an experiment as it stands now."""
    board = board or board_of(experiment)
    return ReportSheet(
        project=experiment.project.name,
        name=experiment.name,
        currency=experiment.project.currency,
        answer=board.answer,
        aside=board.aside,
        hypothesis=experiment.hypothesis,
        motivation=experiment.motivation,
        metric=board.metric,
        lines=tuple(_line(each) for each in board.lines),
        policies=tuple(
            Policy(str(row.label), str(row.note), row.low, row.mean, row.high)
            for row in board.policies
        ),
        board=_drawn([board.board])[0] if board.board else None,
        pictures=_drawn(board.pictures),
        facts=tuple(facts_of(board.protocol)) if board.protocol else (),
        conclusion=_conclusion(experiment.reports.first()),
    )


def _line(line: BoardLine) -> Line:
    run = line.run
    money = (run.money_low, run.money_mean, run.money_high) if run.is_priced else ()
    return Line(
        run.name,
        line.family,
        line.rank if line.tie != "none" else "",
        line.primary,
        run.not_priced,
        *money,
    )


def _drawn(pictures: Sequence[Picture]) -> tuple[Drawn, ...]:
    return tuple(
        Drawn(json.loads(each.figure.to_json()), each.title, each.text)
        for each in pictures
    )


def _conclusion(report: Report | None) -> Conclusion | None:
    if report is None:
        return None
    return Conclusion(
        report.conclusion, report.written_by_name, report.at, report.digest
    )
