"""What the other columns say about the one to be predicted, and what says too much."""

from collections.abc import Iterator, Sequence

import numpy as np

from engine.profile.association import MAX_CATEGORIES, cramers_v, ranks_of, spearman
from engine.profile.columns import Column, label, words_of
from engine.profile.result import (
    ColumnProfile,
    TargetRelation,
    TargetSummary,
    ValueCount,
)

MAX_CLASSES = 20
DETERMINES = 0.95


def target_summary(
    name: str | None,
    columns: Sequence[Column],
    profiles: Sequence[ColumnProfile],
    *,
    counted: Column | None = None,
) -> TargetSummary | None:
    """Return the summary of the target, if there is one.

    Parameters
    ----------
    columns : sequence of Column
        All rows of the table, or a sample of them.
    counted : Column, optional
        All values of the target, where `columns` are a sample.
    """
    if name is None:
        return None
    position = next(i for i, profile in enumerate(profiles) if profile.name == name)
    column, profile = columns[position], profiles[position]
    quantity = profile.kind in ("date", "datetime") or (
        profile.numbers is not None and profile.distinct > MAX_CLASSES
    )
    relations = _relations(column, columns, quantity=quantity)
    return TargetSummary(
        name=name,
        kind="quantity" if quantity else "classes",
        classes=() if quantity else _classes(counted or column),
        missing=profile.missing,
        relations=tuple(sorted(relations, key=lambda r: (-r.strength, r.column))),
    )


def _classes(column: Column) -> tuple[ValueCount, ...]:
    """Return the classes, most frequent first, at most a hundred."""
    order = np.argsort(-column.counts, kind="stable")[:100]
    if column.values is None:
        names = words_of(column, len(order))
    else:
        names = [label(column.values[i], column.kind) for i in order]
    return tuple(
        ValueCount(name, int(column.counts[i]))
        for name, i in zip(names, order, strict=True)
    )


def _relations(
    target: Column, columns: Sequence[Column], *, quantity: bool
) -> Iterator[TargetRelation]:
    """Yield how much each other column says about the target."""
    for column in columns:
        if column.name == target.name:
            continue
        found = _relation(target, column, quantity=quantity)
        tells = _gaps_tell(target, column, quantity=quantity)
        if found is None:
            if tells < DETERMINES:
                continue
            found = ("cramers_v", tells)
        method, strength = found
        rows = int(((target.codes >= 0) & (column.codes >= 0)).sum())
        suspicion = "determines" if strength >= DETERMINES else ""
        if tells >= DETERMINES:
            suspicion = "missing"
        yield TargetRelation(column.name, method, strength, rows, suspicion)  # type: ignore[arg-type]


def _relation(
    target: Column, column: Column, *, quantity: bool
) -> tuple[str, float] | None:
    """Return (method, strength) of two columns; None where there is none to speak of."""
    if len(column.counts) < 2 or len(target.counts) < 2:
        return None
    has_order = column.values is not None and column.kind != "boolean"
    is_class = len(column.counts) <= MAX_CATEGORIES
    strength: float | None
    if quantity and has_order:
        return "spearman", abs(spearman(target, column) or 0.0)
    if quantity:
        if not is_class:
            return None
        strength = _correlation_ratio(column, target)
        return None if strength is None else ("correlation_ratio", strength)
    if len(target.counts) > MAX_CATEGORIES:
        return None
    if is_class:
        sizes = len(target.counts), len(column.counts)
        strength = cramers_v(target.codes, column.codes, *sizes)
        return None if strength is None else ("cramers_v", strength)
    if has_order:
        strength = _correlation_ratio(target, column)
        return None if strength is None else ("correlation_ratio", strength)
    return None


def _correlation_ratio(classes: Column, numbers: Column) -> float | None:
    """Return eta of mid-ranks: the root of the share of variance that classes explain."""
    both = (classes.codes >= 0) & (numbers.codes >= 0)
    codes = classes.codes[both]
    ranks = ranks_of(numbers.codes[both], len(numbers.counts))
    spread = float(((ranks - ranks.mean()) ** 2).sum()) if len(ranks) else 0.0
    if spread <= 0:
        return None
    n = np.bincount(codes)
    sums = np.bincount(codes, weights=ranks - ranks.mean())
    between = float((sums[n > 0] ** 2 / n[n > 0]).sum())
    return float(np.sqrt(min(between / spread, 1.0)))


def _gaps_tell(target: Column, column: Column, *, quantity: bool) -> float:
    """Return Cramér's V of being missing with the classes, 0 where it is no question."""
    gaps = column.codes < 0
    if quantity or len(target.counts) > MAX_CATEGORIES or not gaps.any() or gaps.all():
        return 0.0
    codes = gaps.astype(np.int64)
    return cramers_v(target.codes, codes, len(target.counts), 2) or 0.0
