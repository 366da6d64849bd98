"""All kinds of checks, and one declared check: its kind, parameters and weight."""

from dataclasses import dataclass
from typing import Any

from engine.checks.base import DIMENSIONS, SEVERITIES, Check, CheckProblem
from engine.checks.columns import (
    Aggregate,
    Arrival,
    FormatUniform,
    Freshness,
    InRange,
    InSet,
    Length,
    Matches,
    NoDuplicateRows,
    NoGaps,
    NoOutliers,
    NotMissing,
    NotNull,
    RowCount,
    Schema,
    TypeIs,
    Unique,
)
from engine.checks.tables import (
    AuthorityMatch,
    CompareColumns,
    CustomSql,
    Drift,
    ExpectedKeys,
    ForeignKey,
    ProductClose,
    ReconcileAggregate,
    ReconcileRows,
)
from engine.profile.records import from_json
from engine.words import gettext_noop as _

_ALL: tuple[type[Check], ...] = (
    NotNull,
    NotMissing,
    RowCount,
    ExpectedKeys,
    NoGaps,
    Unique,
    NoDuplicateRows,
    InSet,
    InRange,
    Matches,
    Length,
    TypeIs,
    Schema,
    Aggregate,
    NoOutliers,
    CompareColumns,
    ProductClose,
    ForeignKey,
    FormatUniform,
    ReconcileAggregate,
    ReconcileRows,
    AuthorityMatch,
    Freshness,
    Arrival,
    Drift,
    CustomSql,
)
KINDS: dict[str, type[Check]] = {each.kind: each for each in _ALL}


def check_of(kind: str, params: Any) -> Check:
    """Return the check of a kind with these parameters.

    Raises
    ------
    EngineError
        If the kind is unknown, or a parameter unknown, missing or wrong.
    """
    if kind not in KINDS:
        raise CheckProblem(
            _("There is no check “%(kind)s”; use one of %(kinds)s.")
            % {"kind": str(kind)[:60], "kinds": ", ".join(KINDS)}
        )
    made: Check = from_json(KINDS[kind], params, place=kind)
    if problem := made.problem():
        raise CheckProblem(problem)
    return made


@dataclass(frozen=True)
class Declared:
    """One check of a data set as it is run."""

    id: str
    kind: str
    params: dict[str, Any]
    dimension: str = ""  # empty: that of its kind
    severity: str = ""
    where: str = ""  # a condition in SQL; only its rows are looked at

    def check(self) -> Check:
        """Return the check; EngineError if it is none."""
        made = check_of(self.kind, self.params)
        for value, known in ((self.dimension, DIMENSIONS), (self.severity, SEVERITIES)):
            if value and value not in known:
                raise CheckProblem(
                    _("“%(value)s” is none of %(known)s.")
                    % {"value": value[:60], "known": ", ".join(known)}
                )
        if self.where:
            self._look_at_filter(made)
        return made

    def _look_at_filter(self, made: Check) -> None:
        if not made.takes_filter:
            raise CheckProblem(
                _("A check of this kind looks at the whole table; take the filter out.")
            )
        # What filters nothing needs no parser.
        from engine.checks.guard import filter_problem

        if problem := filter_problem(self.where):
            raise CheckProblem(problem)
