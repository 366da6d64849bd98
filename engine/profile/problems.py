"""What a reader should look at, worst first."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from engine.numbers import plain
from engine.profile.association import cramers_v
from engine.profile.columns import Column, words_of
from engine.profile.result import (
    ColumnProfile,
    Correlation,
    Problem,
    Severity,
    TargetSummary,
)

_ORDER = {"error": 0, "warning": 1, "info": 2}
_MANY_MISSING = 0.05
_FEW_NEGATIVES = 0.05
_RARE_CLASS = 0.05
_NEAR_ONE = 0.95
_NEAR_CONSTANT = 0.995
_MAX_SPELLINGS = 2_000


def find_problems(
    columns: Sequence[Column],
    profiles: Sequence[ColumnProfile],
    *,
    duplicate_rows: int,
    correlations: Sequence[Correlation],
    target: TargetSummary | None,
) -> tuple[Problem, ...]:
    """Return every problem, ordered by severity, then by rows affected."""
    found: list[Problem] = []
    if duplicate_rows:
        found.append(
            Problem(
                "duplicate_rows",
                "warning",
                "",
                duplicate_rows,
                f"{_rows(duplicate_rows)} equal to an earlier row in every column.",
            )
        )
    for column, profile in zip(columns, profiles, strict=True):
        found.extend(_of_column(column, profile))
    found.extend(_of_pairs(correlations))
    if target is not None:
        found.extend(_of_target(target, columns, correlations))
    return tuple(
        sorted(found, key=lambda p: (_ORDER[p.severity], -p.rows, p.column, p.code))
    )


def _rows(n: int) -> str:
    """Return "1 row is" or "40 rows are"."""
    return "1 row is" if n == 1 else f"{plain(n)} rows are"


def _values(n: int) -> str:
    """Return "1 value is" or "40 values are"."""
    return "1 value is" if n == 1 else f"{plain(n)} values are"


def _of_column(column: Column, profile: ColumnProfile) -> Iterator[Problem]:
    """Yield what one column shows by itself."""

    def problem(code: str, severity: Severity, rows: int, sentence: str) -> Problem:
        return Problem(code, severity, profile.name, rows, sentence)

    n_rows = profile.count + profile.missing
    if not n_rows:
        return
    if not profile.count:
        yield problem("all_missing", "error", n_rows, "No value is present.")
        return
    yield from _missing(profile)
    if profile.constant:
        yield problem(
            "constant", "warning", profile.count, "Every value present is the same."
        )
    elif profile.top[0].count >= _NEAR_CONSTANT * profile.count:
        yield problem(
            "nearly_constant",
            "info",
            profile.count - profile.top[0].count,
            f"All but {plain(profile.count - profile.top[0].count)} values are "
            f"{profile.top[0].value!r}.",
        )
    if profile.id_like:
        yield problem(
            "id_like",
            "info",
            n_rows,
            "Every row has its own value: a name of rows, not a feature.",
        )
    yield from _numeric(profile)
    yield from _spellings(column, profile)


def _missing(profile: ColumnProfile) -> Iterator[Problem]:
    """Yield the problem of missing values."""
    if profile.missing:
        many = profile.missing_share >= _MANY_MISSING
        yield Problem(
            "missing",
            "warning" if many else "info",
            profile.name,
            profile.missing,
            f"{_values(profile.missing)} missing ({profile.missing_share:.1%}).",
        )


def _numeric(profile: ColumnProfile) -> Iterator[Problem]:
    """Yield what numbers show: infinities, and a few values below zero."""
    numbers = profile.numbers
    if numbers is None:
        return
    if numbers.infinite:
        yield Problem(
            "infinite",
            "error",
            profile.name,
            numbers.infinite,
            f"{_values(numbers.infinite)} infinite.",
        )
    if 0 < numbers.negatives <= _FEW_NEGATIVES * profile.count:
        yield Problem(
            "few_negative",
            "warning",
            profile.name,
            numbers.negatives,
            f"{_values(numbers.negatives)} below zero, the others are not.",
        )


def _spellings(column: Column, profile: ColumnProfile) -> Iterator[Problem]:
    """Yield spellings that differ only by case or spaces."""
    if profile.kind != "text" or profile.distinct > _MAX_SPELLINGS:
        return
    groups: dict[str, list[tuple[str, int]]] = defaultdict(list)
    words = words_of(column, profile.distinct)
    for word, count in zip(words, column.counts, strict=True):
        groups["".join(word.split()).casefold()].append((word, int(count)))
    doubled = [group for group in groups.values() if len(group) > 1]
    if doubled:
        # Words come most frequent first, so the others are the odd ones.
        odd = [pair for group in doubled for pair in group[1:]]
        rows = sum(count for _, count in odd)
        yield Problem(
            "spellings",
            "warning",
            profile.name,
            rows,
            f"{_values(rows)} spelt {odd[0][0]!r}"
            f"{' and the like' if len(odd) > 1 else ''}, which differs from "
            f"{doubled[0][0][0]!r} only by case or spaces.",
        )


def _of_pairs(correlations: Sequence[Correlation]) -> Iterator[Problem]:
    """Yield pairs of columns that say nearly the same."""
    for matrix in correlations:
        if matrix.method != "pearson":
            continue
        for i, row in enumerate(matrix.values):
            for j in range(i):
                r = row[j]
                if r is not None and abs(r) >= _NEAR_ONE:
                    yield Problem(
                        "redundant",
                        "info",
                        matrix.names[i],
                        matrix.rows,
                        f"Moves with {matrix.names[j]} (r = {r:.2f}).",
                    )


def _of_target(
    target: TargetSummary,
    columns: Sequence[Column],
    correlations: Sequence[Correlation],
) -> Iterator[Problem]:
    """Yield what makes a target hard or too easy to learn."""
    if target.missing:
        yield Problem(
            "target_missing",
            "error",
            target.name,
            target.missing,
            f"{_rows(target.missing)} without a target and cannot be learnt from.",
        )
    total = sum(c.count for c in target.classes)
    if target.kind == "classes" and len(target.classes) < 2:
        yield Problem(
            "target_one_class",
            "error",
            target.name,
            total,
            "The target has fewer than two classes: there is nothing to tell apart.",
        )
    elif target.kind == "classes" and target.classes[-1].count < _RARE_CLASS * total:
        rare = target.classes[-1]
        yield Problem(
            "target_rare_class",
            "warning",
            target.name,
            rare.count,
            f"Class {rare.value!r} is {rare.count / total:.1%} of the rows.",
        )
    yield from _leaks(target, columns, correlations)


def _leaks(
    target: TargetSummary,
    columns: Sequence[Column],
    correlations: Sequence[Correlation],
) -> Iterator[Problem]:
    """Yield columns that give the target away."""
    given = {c.name: c for c in columns}[target.name]
    for column in columns:
        share = 0.0
        if column.name == target.name or len(column.counts) < 2:
            continue
        if target.kind == "classes" and len(column.counts) <= _MAX_SPELLINGS // 40:
            sizes = len(given.counts), len(column.counts)
            share = cramers_v(given.codes, column.codes, *sizes) or 0.0
        elif target.kind == "quantity":
            share = _correlation(correlations, target.name, column.name)
        if share >= _NEAR_ONE:
            yield Problem(
                "leak",
                "warning",
                column.name,
                int(np.sum(column.codes >= 0)),
                f"Nearly determines the target {target.name}: is it known in time?",
            )


def _correlation(correlations: Sequence[Correlation], left: str, right: str) -> float:
    """Return |Spearman's r| of two columns, 0 where it was not computed."""
    for matrix in correlations:
        if matrix.method == "spearman" and {left, right} <= set(matrix.names):
            i, j = matrix.names.index(left), matrix.names.index(right)
            return abs(matrix.values[i][j] or 0.0)
    return 0.0
