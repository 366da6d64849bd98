"""How far one column has moved: effect sizes first, tests beside them."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.drift.baseline import ColumnBaseline, finite_of, has_order, unseen
from engine.drift.counts import (
    chi_square,
    jensen_shannon,
    population_stability,
    total_variation,
)
from engine.drift.samples import kolmogorov_smirnov, wasserstein
from engine.kinds import Kind
from engine.profile.columns import Column

# Marks of PSI by convention, no test; below so many rows a side it is mostly noise.
MODERATE, LARGE = 0.1, 0.25
LEAST_ROWS = 500

Verdict = Literal["stable", "moderate", "large", "too few rows", "not compared"]


@dataclass(frozen=True)
class NumberDrift:
    """Numbers and times, value by value; needs the rows of both sides."""

    ks: float  # largest distance of the distribution functions, in [0, 1]
    ks_p: float
    ks_is_exact: bool
    wasserstein: float  # in the column's unit; of times in microseconds
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
    labels: tuple[str, ...]  # of classes, the last one all others; empty for bins
    edges: tuple[float, ...]  # inner edges of bins; empty for classes
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
    p = np.asarray(baseline.counts, np.int64)
    q = baseline.count(column) if is_comparable else np.empty(0, np.int64)
    is_comparable = bool(is_comparable and q.sum())
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
        labels=baseline.categories,
        edges=baseline.edges,
        before=tuple(p.tolist()) if is_comparable else (),
        after=tuple(q.tolist()),
    )


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
        wasserstein=carried,
        wasserstein_sd=carried / baseline.sd if baseline.sd else None,
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
