"""What a reader should look at, worst first."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from engine.profile.columns import Column, words_of
from engine.profile.result import (
    ColumnProfile,
    Correlation,
    Problem,
    Severity,
    TargetSummary,
)
from engine.profile.sentences import sentence

_ORDER = {"error": 0, "warning": 1, "info": 2}
_MANY_MISSING = 0.05
_FEW_NEGATIVES = 0.05
_RARE_CLASS = 0.05
_NEAR_ONE = 0.95
_NEAR_CONSTANT = 0.995
_MAX_SPELLINGS = 2_000
_FEW_VALUES = 20  # below it an outlier is a class
_FEW_OUTLIERS = 0.01


def find_problems(
    columns: Sequence[Column | None],
    profiles: Sequence[ColumnProfile],
    *,
    duplicate_rows: int | None,
    correlations: Sequence[Correlation],
    target: TargetSummary | None,
) -> tuple[Problem, ...]:
    """Return every problem, ordered by severity, then by rows affected.

    Parameters
    ----------
    columns : sequence of Column or None
        None where a column's values were not all counted.
    """
    found: list[Problem] = []
    if duplicate_rows:
        found.append(problem("duplicate_rows", "warning", "", duplicate_rows))
    for column, profile in zip(columns, profiles, strict=True):
        found.extend(_of_column(column, profile))
    found.extend(_of_pairs(correlations))
    if target is not None:
        found.extend(_of_target(target))
    return tuple(
        sorted(found, key=lambda p: (_ORDER[p.severity], -p.rows, p.column, p.code))
    )


def problem(
    code: str, severity: Severity, column: str, rows: int, **values: Any
) -> Problem:
    """Return a problem with its sentence in English; values are what it tells."""
    told = {"n": rows, **values}
    return Problem(code, severity, column, rows, str(sentence(code, told)), told)


def _of_column(column: Column | None, profile: ColumnProfile) -> Iterator[Problem]:
    """Yield what one column shows by itself."""
    name, n_rows = profile.name, profile.count + profile.missing
    if not n_rows:
        return
    if not profile.count:
        yield problem("all_missing", "error", name, n_rows)
        return
    yield from _missing(profile)
    others = profile.count - profile.top[0].count if profile.top else profile.count
    if profile.constant:
        yield problem("constant", "warning", name, profile.count)
    elif others <= (1 - _NEAR_CONSTANT) * profile.count:
        value = profile.top[0].value
        yield problem("nearly_constant", "info", name, others, value=value)
    if profile.id_like:
        yield problem("id_like", "info", name, n_rows)
    yield from _numeric(profile)
    if column is not None:
        yield from _spellings(column, profile)


def _missing(profile: ColumnProfile) -> Iterator[Problem]:
    """Yield the problem of missing values."""
    if profile.missing:
        share = profile.missing_share
        severity: Severity = "warning" if share >= _MANY_MISSING else "info"
        yield problem("missing", severity, profile.name, profile.missing, share=share)


def _numeric(profile: ColumnProfile) -> Iterator[Problem]:
    """Yield what numbers show: infinities, a few below zero, and what lies far out."""
    numbers = profile.numbers
    if numbers is None:
        return
    if numbers.infinite:
        yield problem("infinite", "error", profile.name, numbers.infinite)
    if 0 < numbers.negatives <= _FEW_NEGATIVES * profile.count:
        yield problem("few_negative", "warning", profile.name, numbers.negatives)
    out = profile.outliers
    if out is None or profile.distinct <= _FEW_VALUES or out.low == out.high:
        return
    if 0 < (far := out.below + out.above) <= _FEW_OUTLIERS * profile.count:
        low, high = out.low, out.high
        yield problem("outliers", "info", profile.name, far, low=low, high=high)


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
        yield problem(
            "spellings" if len(odd) > 1 else "spelling",
            "warning",
            profile.name,
            sum(count for _, count in odd),
            odd=odd[0][0],
            usual=doubled[0][0][0],
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
                    yield problem(
                        "redundant",
                        "info",
                        matrix.names[i],
                        matrix.rows,
                        other=matrix.names[j],
                        r=r,
                    )


def _of_target(target: TargetSummary) -> Iterator[Problem]:
    """Yield what makes a target hard or too easy to learn."""
    if target.missing:
        yield problem("target_missing", "error", target.name, target.missing)
    total = sum(c.count for c in target.classes)
    if target.kind == "classes" and len(target.classes) < 2:
        yield problem("target_one_class", "error", target.name, total)
    elif target.kind == "classes" and target.classes[-1].count < _RARE_CLASS * total:
        rare = target.classes[-1]
        yield problem(
            "target_rare_class",
            "warning",
            target.name,
            rare.count,
            value=rare.value,
            share=rare.count / total,
        )
    yield from _leaks(target)


def _leaks(target: TargetSummary) -> Iterator[Problem]:
    """Yield columns that give the target away."""
    for relation in target.relations:
        if relation.suspicion:
            code = "leak" if relation.suspicion == "determines" else "leak_missing"
            yield problem(
                code, "warning", relation.column, relation.rows, target=target.name
            )
