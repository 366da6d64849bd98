"""How far one column has moved: effect sizes first, tests beside them."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.drift.baseline import (
    ColumnBaseline,
    finite_of,
    has_order,
    kept_finite,
    unseen,
)
from engine.drift.counts import (
    CountArray,
    chi_square,
    jensen_shannon,
    population_stability,
    total_variation,
)
from engine.drift.samples import kolmogorov_smirnov, wasserstein
from engine.kinds import Kind
from engine.profile.columns import Column, label

# Marks of PSI by convention, no test; below so many rows a side it is mostly noise.
MODERATE, LARGE = 0.1, 0.25
LEAST_ROWS = 500

_NOTHING: CountArray = np.empty(0, np.int64)

Verdict = Literal["stable", "moderate", "large", "too few rows", "not compared"]


@dataclass(frozen=True)
class NumberDrift:
    """Numbers and times, value by value; needs the rows of both sides."""

    ks: float  # largest distance of the distribution functions, in [0, 1]
    ks_p: float
    ks_is_exact: bool
    # In the column's unit; of times in microseconds; None past what a float holds.
    wasserstein: float | None
    wasserstein_sd: float | None  # in standard deviations of the reference


@dataclass(frozen=True)
class ClassDrift:
    """Classes, by their counts."""

    chi2: float
    chi2_p: float
    degrees: int
    cramers_v: float  # in [0, 1]
    total_variation: float  # in [0, 1]
    unseen: tuple[str, ...]  # classes the reference never had


@dataclass(frozen=True)
class ColumnDrift:
    """How one column moved between two tables."""

    name: str
    kind: Kind
    present: tuple[int, int]  # values in the reference, values now
    missing: tuple[float, float]  # shares
    verdict: Verdict
    psi: float | None
    js: float | None  # Jensen-Shannon distance, in [0, 1]
    numbers: NumberDrift | None
    classes: ClassDrift | None
    # Of classes, the last one all others; of a constant, its one value; empty for bins.
    labels: tuple[str, ...]
    edges: tuple[float, ...]  # inner edges of bins; empty where there are labels
    before: tuple[int, ...]
    after: tuple[int, ...]

    @property
    def effect(self) -> float:
        """How much moved, in [0, 1]: what columns are ordered by."""
        return self.js or 0.0


def column_drift(
    baseline: ColumnBaseline, column: Column, *, reference: Column | None = None
) -> ColumnDrift:
    """Return how far a column has moved from its baseline.

    The rows of the reference, where they are still there, add what needs every value.
    """
    present = int(column.counts.sum())
    is_comparable = (
        baseline.is_compared
        and baseline.present > 0
        and present > 0
        and has_order(column) == bool(baseline.edges)
    )
    p, q = _counts(baseline, column) if is_comparable else (_NOTHING, _NOTHING)
    is_comparable = bool(q.sum())
    value = _constant(baseline)
    psi = population_stability(p, q) if is_comparable else None
    return ColumnDrift(
        name=column.name,
        kind=column.kind,
        present=(baseline.present, present),
        missing=(
            _share(baseline.missing, baseline.present + baseline.missing),
            _share(column.rows - present, column.rows),
        ),
        verdict=_verdict(psi, least=min(baseline.present, present)),
        psi=psi,
        js=jensen_shannon(p, q) if is_comparable else None,
        numbers=_numbers(baseline, column, reference) if is_comparable else None,
        classes=_classes(baseline, column, p, q) if is_comparable else None,
        labels=(value,) if value else baseline.categories,
        edges=() if value else baseline.edges,
        before=tuple(p.tolist()) if is_comparable else (),
        after=tuple(q.tolist()),
    )


def _counts(baseline: ColumnBaseline, column: Column) -> tuple[CountArray, CountArray]:
    """Return how many values lie where, before and now."""
    if not baseline.is_constant:
        return np.asarray(baseline.counts, np.int64), baseline.count(column)
    # Of a constant every decile is the same, so that larger values would not show.
    values = finite_of(column)
    same = np.count_nonzero(values == baseline.edges[0])
    return (
        np.array([sum(baseline.counts), 0], np.int64),
        np.array([same, len(values) - same], np.int64),
    )


def _constant(baseline: ColumnBaseline) -> str:
    """Return the one value that a column of numbers or times had, or nothing."""
    return label(baseline.edges[0], baseline.kind) if baseline.is_constant else ""


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _verdict(psi: float | None, *, least: int) -> Verdict:
    if psi is None:
        return "not compared"
    if psi < MODERATE:
        return "stable"
    if least < LEAST_ROWS:
        return "too few rows"
    return "large" if psi >= LARGE else "moderate"


def _numbers(
    baseline: ColumnBaseline, column: Column, reference: Column | None
) -> NumberDrift | None:
    if reference is None or not baseline.edges:
        return None
    old, new = finite_of(reference), finite_of(column)
    tested = kolmogorov_smirnov(old, new)
    carried = wasserstein(old, new)
    return NumberDrift(
        ks=tested.statistic,
        ks_p=tested.p,
        ks_is_exact=tested.is_exact,
        wasserstein=kept_finite(carried),
        wasserstein_sd=kept_finite(carried / baseline.sd) if baseline.sd else None,
    )


def _classes(
    baseline: ColumnBaseline,
    column: Column,
    p: np.ndarray[tuple[int], np.dtype[np.int64]],
    q: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> ClassDrift | None:
    if baseline.edges:
        return None
    tested = chi_square(p, q)
    return ClassDrift(
        chi2=tested.statistic,
        chi2_p=tested.p,
        degrees=tested.degrees,
        cramers_v=tested.cramers_v,
        total_variation=total_variation(p, q),
        unseen=tuple(unseen(column, baseline)),
    )
