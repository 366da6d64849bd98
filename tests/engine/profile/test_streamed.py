"""A table of any size: parts in any order are the whole, within what is marked."""

import datetime as dt
import itertools
import json
import pickle
import random
from functools import reduce

import numpy as np
import polars as pl
import pytest

from engine.profile import Profile, profile_table
from engine.profile.streamed import (
    files,
    finish,
    layout_of,
    merge,
    profile_partition,
)
from engine.profile.streamed import layout as layout_module
from engine.progress import Silent

ROWS = 60_000
MARKED = {"distinct", "top", "numbers.quantiles", "outliers", "text.patterns"}


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Return the path of a table of every kind, some columns of it too rich to count."""
    rng = np.random.default_rng(5)
    gaps = rng.random(ROWS) < 0.1
    fine = np.where(gaps, np.nan, 1e6 + rng.gamma(2, 3, ROWS))
    fine[7] = np.inf
    start = dt.datetime(2024, 1, 1)  # noqa: DTZ001 — as tables keep times
    columns = {
        "id": np.arange(ROWS),
        "fine": fine,
        "steep": fine * 2 + rng.normal(size=ROWS),
        "few": rng.integers(-3, 40, ROWS),
        "word": pl.Series([f"Row {n}" if n % 9 else "NA" for n in range(ROWS)]),
        "class": rng.choice(["a", "b", "c"], ROWS),
        "flag": rng.random(ROWS) < 0.3,
        "at": [start + dt.timedelta(minutes=7 * n) for n in range(ROWS)],
        "day": [(start + dt.timedelta(days=n % 90)).date() for n in range(ROWS)],
        "none": pl.Series([None] * ROWS, dtype=pl.Float64),
    }
    frame = pl.DataFrame(columns)
    # Two hundred rows stand there twice.
    frame = pl.concat([frame[:-200], frame[:200]])
    path = tmp_path_factory.mktemp("table") / "table.parquet"
    frame.write_parquet(path, row_group_size=7_000)
    return path


@pytest.fixture(scope="module")
def profile(table, tmp_path_factory):
    """Return a function from a plan to the table's profile."""

    def run(**plan):
        folder = tmp_path_factory.mktemp("profile")
        head = profile_table(
            source=str(table), folder=folder, report=Silent(), plan=plan
        )
        assert [path.name for path in folder.iterdir()] == ["profile.json"]
        return Profile.from_json((folder / head["profile"]).read_text("utf-8"))

    return run


@pytest.fixture(scope="module")
def whole(profile):
    """Return the profile in memory."""
    return profile(target="class")


def _same(found, whole, *, but=()):
    """Assert that two columns agree in everything that is not marked."""
    one, other = found.to_json(), whole.to_json()
    for mine, theirs in zip(one["columns"], other["columns"], strict=True):
        for name in {"approximate", "errors", *but}:
            del mine[name], theirs[name]
        assert _close(mine, theirs), (mine, theirs)


def _close(mine, theirs):
    if isinstance(mine, dict):
        return all(_close(mine[key], theirs[key]) for key in theirs)
    if isinstance(mine, (list, tuple)):
        same = len(mine) == len(theirs)
        return same and all(map(_close, mine, theirs))
    return mine == (pytest.approx(theirs, rel=1e-9) if type(mine) is float else theirs)


def test_a_table_beyond_memory_has_the_same_exact_profile(profile, whole):
    found = profile(target="class", memory_rows=1000)
    assert (found.method, found.exact, whole.method) == ("spilled", True, "memory")
    _same(found, whole)
    assert found.duplicate_rows == whole.duplicate_rows == 200
    assert found.missingness == whole.missingness
    # The sample is the whole table here.
    assert found.sampled_rows == 0
    assert _close(found.to_json()["together"], whole.to_json()["together"])
    assert found.target == whole.target
    assert _close(found.to_json()["problems"], whole.to_json()["problems"])
    assert found.personal == whole.personal
    for mine, theirs in zip(found.correlations, whole.correlations, strict=True):
        assert mine.method == theirs.method
        cells = [np.array(m.values, float) for m in (mine, theirs)]
        assert np.allclose(*cells, atol=1e-9, equal_nan=True)


def test_an_approximate_profile_marks_its_figures_and_keeps_their_errors(
    profile, whole
):
    found = profile(memory_rows=1000, approximate=True)
    assert (found.method, found.exact) == ("streamed", False)
    rich = {c.name for c in found.columns if c.approximate}
    assert rich == {"id", "fine", "steep", "word", "at"}
    for column in found.columns:
        assert {e.field for e in column.errors} == set(column.approximate) <= MARKED
        exact = whole.column(column.name)
        error = {e.field: e.error for e in column.errors}
        allowed = error.get("distinct", 0) * exact.distinct
        assert abs(column.distinct - exact.distinct) <= allowed
        assert (column.count, column.missing) == (exact.count, exact.missing)
        assert (column.histogram, column.times) == (exact.histogram, exact.times)
    mine, theirs = found.column("steep").numbers, whole.column("steep").numbers
    for name in ("mean", "sd", "skewness", "kurtosis", "minimum", "maximum"):
        assert getattr(mine, name) == pytest.approx(getattr(theirs, name), rel=1e-9)


def test_the_error_of_quantiles_holds_in_the_tails_too(table, profile):
    found = profile(memory_rows=1000, approximate=True).column("fine")
    values = pl.read_parquet(table)["fine"].fill_nan(None).drop_nulls().to_numpy()
    values = np.sort(values[np.isfinite(values)])
    error = next(e.error for e in found.errors if e.field == "numbers.quantiles")
    assert error < 0.001
    told = found.numbers
    for share, value in (
        *((0.01, told.q01), (0.05, told.q05), (0.25, told.q25), (0.5, told.median)),
        *((0.75, told.q75), (0.95, told.q95), (0.99, told.q99)),
    ):
        assert np.searchsorted(values, value) / len(values) == pytest.approx(
            share, abs=1.5 * error
        )


def test_parts_merged_in_any_order_are_the_whole(table):
    frame, layout = pl.read_parquet(table), layout_of(str(table), target="class")
    cuts = [0, 1, 11_000, 30_000, 30_001, ROWS]
    parts = [
        profile_partition(frame[a:b], layout, a) for a, b in itertools.pairwise(cuts)
    ]
    one = finish(profile_partition(frame, layout, 0))
    for seed in (1, 2):
        random.Random(seed).shuffle(parts)
        # A worker hands its part over as bytes.
        sent = [pickle.loads(pickle.dumps(part)) for part in parts]  # noqa: S301
        found = finish(reduce(merge, sent))
        left = merge(merge(sent[0], sent[1]), sent[2])
        tree = finish(merge(left, merge(sent[3], sent[4])))
        for each in (found, tree):
            quantiles = ("numbers", "outliers")
            _same(each, one, but=quantiles)
            assert each.duplicate_rows == one.duplicate_rows
            assert each.missingness == one.missingness
            assert _close(each.to_json()["together"], one.to_json()["together"])
            mine, theirs = each.column("fine").numbers, one.column("fine").numbers
            assert mine.kurtosis == pytest.approx(theirs.kurtosis, rel=1e-9)
            assert mine.median == pytest.approx(theirs.median, rel=1e-3)


def test_a_sample_is_the_same_rows_however_the_table_is_parted(table):
    layout = layout_of(str(table))
    small = type(layout)(layout.rows, layout.columns, sample_rows=5_000)
    chosen = small.sampled(0, ROWS)
    parts = [small.sampled(0, 777), small.sampled(777, ROWS - 777)]
    assert np.array_equal(chosen, np.concatenate(parts))
    assert chosen.sum() == pytest.approx(5_000, rel=0.1)


def test_an_empty_table_is_streamed_too(tmp_path):
    path = tmp_path / "empty.parquet"
    pl.DataFrame(
        {"a": pl.Series([], dtype=pl.Int64), "b": pl.Series([], dtype=pl.String)}
    ).write_parquet(path)
    plan = {"memory_rows": -1}
    head = profile_table(source=str(path), folder=tmp_path, report=Silent(), plan=plan)
    json.dumps(head, allow_nan=False)
    assert (head["rows"], head["columns"], head["duplicate_rows"]) == (0, 2, 0)


def test_a_batch_of_rows_is_in_memory_at_a_time_and_no_more_is_kept(table, monkeypatch):
    monkeypatch.setattr(layout_module, "_BATCH_ROWS", 4_000)
    layout = layout_of(str(table))
    layout = type(layout)(layout.rows, layout.columns, sample_rows=1_000)
    states = files.states_of(str(table), layout, range(9), Silent())
    sizes, total = [], None
    for state in states:
        assert state.rows <= layout.batch_rows == 4_000
        total = state if total is None else merge(total, state)
        kept = len(pickle.dumps(total)) - 8 * total.rows  # a hash for each row
        sizes.append(kept)
    assert total.rows == ROWS
    assert sizes[-1] < 1.5 * sizes[len(sizes) // 2]
