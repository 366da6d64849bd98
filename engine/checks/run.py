"""All checks of a data set against one of its versions."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from engine.checks.base import Check
from engine.checks.catalogue import Declared
from engine.checks.failing import failing_of, keep_file, keep_rows
from engine.checks.guard import clean_filter
from engine.checks.joins import OF_MORE
from engine.checks.plans import DATA_HERE, Counted, Rows
from engine.checks.result import Assessment, Found, State
from engine.checks.room import MEMORY_MB, NUMBERED, SECONDS, Room, need, open_room
from engine.checks.scores import scores_of
from engine.checks.sql import OF_ONE_TABLE, Compiler, instant
from engine.errors import EngineError
from engine.profile.records import from_json
from engine.progress import Reporter
from engine.version import ENGINE_VERSION
from engine.words import Sentence

COMPILERS: Mapping[type[Check], Compiler] = {**OF_ONE_TABLE, **OF_MORE}


@dataclass(frozen=True)
class Asked:
    """The checks of a data set, and what they are run with."""

    checks: tuple[Declared, ...] = ()
    tables: dict[str, str] = field(default_factory=dict)  # name to Parquet path
    as_of: str = "2000-01-01T00:00:00Z"  # ISO 8601; what ages are measured at
    delivered_at: str = ""
    deliveries: tuple[str, ...] = ()  # of all versions until this one
    previous: str = ""  # path of the version before
    personal: tuple[str, ...] = ()  # columns whose values are masked
    memory_mb: int = MEMORY_MB
    seconds: float = SECONDS  # for each query


@dataclass(frozen=True)
class _Done:
    """A check that was run, and the condition that it put on cells."""

    found: Found
    rows: Rows | None = None
    where: str = ""


def run_checks(
    *, source: str, folder: Path, report: Reporter, asked: dict[str, Any]
) -> dict[str, Any]:
    """Run the checks on a canonical table; return JSON of `Assessment`.

    What breaks a check is left in the folder as Parquet. A check that cannot be run
    is told as an error, and the others still count.

    Parameters
    ----------
    source : str
        Path of a Parquet table that `read_table` wrote.
    asked : dict
        See `Asked`.

    Raises
    ------
    EngineError
        If what is asked is malformed.
    """
    wanted = from_json(Asked, asked, place="checks")
    with open_room(
        source,
        folder,
        tables=wanted.tables,
        memory_mb=wanted.memory_mb,
        as_of=instant(wanted.as_of),
        delivered_at=wanted.delivered_at,
        deliveries=wanted.deliveries,
        previous=wanted.previous,
        seconds=wanted.seconds,
        masked=frozenset(wanted.personal),
    ) as room:
        done = []
        for number, declared in enumerate(wanted.checks):
            report.progress(number / len(wanted.checks), declared.kind)
            done.append(_run(declared, room))
        (rows,) = room.one(f"SELECT count(*) FROM {NUMBERED}")  # noqa: S608 — ours
        cells = _cells(done, room)
    report.progress(1.0, "Assessed")
    results = tuple(each.found for each in done)
    return Assessment(
        rows=rows,
        as_of=wanted.as_of,
        scores=scores_of(results, cells),
        results=results,
        engine_version=ENGINE_VERSION,
    ).to_json()


def _run(declared: Declared, room: Room) -> _Done:
    """Return what one check found; an error is a result as well."""
    try:
        check = declared.check()
    except EngineError as error:
        words = Sentence(f"{declared.kind}")
        return _Done(_error(declared, None, words, error))
    try:
        need(room.data, check.columns())
        where = clean_filter(declared.where) if declared.where else ""
        data = f"(SELECT * FROM {NUMBERED} WHERE {where})" if where else NUMBERED  # noqa: S608 — checked
        plan = COMPILERS[type(check)](check, room, data)
        if isinstance(plan, Rows):
            found = _of_rows(declared, check, plan, room, data)
            return _Done(found, plan if plan.column else None, where)
        return _Done(_of_counts(declared, check, plan, room))
    except (EngineError, duckdb.Error) as error:
        return _Done(_error(declared, check, check.words(), error))


def _error(
    declared: Declared, check: Check | None, words: str, error: Exception
) -> Found:
    note = error.args[0] if isinstance(error, EngineError) else str(error)[:300]
    return Found(**_named(declared, check), state="error", words=words, note=note)


def _named(declared: Declared, check: Check | None) -> dict[str, Any]:
    dimension = check.dimension if check else "validity"
    severity = check.severity if check else "error"
    return {
        "id": declared.id,
        "kind": declared.kind,
        "dimension": declared.dimension or dimension,
        "severity": declared.severity or severity,
    }


def _of_rows(
    declared: Declared, check: Check, plan: Rows, room: Room, data: str
) -> Found:
    source = plan.source.replace(DATA_HERE, data)
    tested, violating, value, earned = room.one(
        f"SELECT count(*) FILTER ({plan.tested}), count(*) FILTER (({plan.tested}) "  # noqa: S608 — quoted
        f"AND ({plan.broken})), {plan.value}, {plan.earned} FROM {source}"
    )
    kept, file = 0, ""
    examples: tuple[int, ...] = ()
    if violating:
        file = f"failing-{declared.id}.parquet"
        query = failing_of(plan, source, room)
        kept, examples = keep_rows(query, room, room.folder / file, numbered=True)
    return Found(
        **_named(declared, check),
        state=_state(check, tested, violating),
        words=plan.words or check.words(),
        note=plan.note,
        tested=tested,
        violating=violating,
        value=_finite(value),
        earned=tested - violating if earned is None else float(earned),
        is_cells=bool(plan.column),
        example_rows=examples,
        failing=file,
        failing_rows=kept,
    )


def _of_counts(declared: Declared, check: Check, plan: Counted, room: Room) -> Found:
    kept, file = 0, ""
    examples: tuple[int, ...] = ()
    if plan.violating and (plan.failing or plan.failing_file):
        file = f"failing-{declared.id}.parquet"
        path = room.folder / file
        if plan.failing:
            kept, examples = keep_rows(plan.failing, room, path, numbered=plan.numbered)
        else:
            kept = keep_file(plan, room, path)
    right = plan.tested - plan.violating
    return Found(
        **_named(declared, check),
        state=_state(check, plan.tested, plan.violating),
        words=check.words(),
        note=plan.note,
        tested=plan.tested,
        violating=plan.violating,
        value=_finite(plan.value),
        earned=right if plan.earned is None else plan.earned,
        example_rows=examples,
        failing=file,
        failing_rows=kept,
    )


def _finite(value: float | None) -> float | None:
    """Return a number that was measured, or None for one that JSON cannot hold."""
    return None if value is None or not math.isfinite(value) else float(value)


def _state(check: Check, tested: int, violating: int) -> State:
    # 1 % of 300 is 3.0000000000000004 of them in binary fractions.
    allowed = check.allowed * tested + 1e-9
    return "failed" if violating > allowed else "kept"


def _cells(done: Sequence[_Done], room: Room) -> dict[str, tuple[int, int]]:
    """Return by column the cells tested for validity, and those that break any check."""
    by_column: dict[str, list[_Done]] = {}
    for each in done:
        if each.rows and each.found.dimension == "validity":
            by_column.setdefault(each.rows.column, []).append(each)
    return {name: _cells_of(own, room) for name, own in by_column.items()}


def _cells_of(own: Sequence[_Done], room: Room) -> tuple[int, int]:
    if len(own) == 1:
        return own[0].found.tested, own[0].found.violating
    tests, breaks = [], []
    for each in own:
        assert each.rows is not None  # noqa: S101 — the caller looked
        test = f"({each.rows.tested})" + (f" AND ({each.where})" if each.where else "")
        tests.append(f"({test})")
        breaks.append(f"({test} AND ({each.rows.broken}))")
    tested, bad = room.one(
        f"SELECT count(*) FILTER ({' OR '.join(tests)}), "  # noqa: S608 — quoted
        f"count(*) FILTER ({' OR '.join(breaks)}) FROM {NUMBERED}"
    )
    return tested, bad
