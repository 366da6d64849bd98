"""Two tables held against each other, and one against what was kept of the other."""

import json

import numpy as np
import polars as pl
import pytest

from engine.drift import (
    DRIFT_NAME,
    Baseline,
    Drift,
    baseline_of,
    drift_from_baseline,
    drift_of_tables,
)
from engine.progress import Silent


def table(n=1000, *, shift=0.0, plan=("a", "b"), **more):
    rng = np.random.default_rng(7)
    return pl.DataFrame(
        {
            "id": [f"row {i}" for i in range(n)],
            "amount": rng.normal(100 + shift, 10, n),
            "plan": rng.choice(list(plan), n),
            "day": pl.date_range(pl.date(2026, 1, 1), pl.date(2030, 1, 1), eager=True)[
                :n
            ],
            **more,
        }
    )


def drift(tmp_path, old, new) -> Drift:
    paths = [tmp_path / name for name in ("old.parquet", "new.parquet")]
    for path, each in zip(paths, (old, new), strict=True):
        each.write_parquet(path)
    drift_of_tables(
        source=str(paths[1]), reference=str(paths[0]), folder=tmp_path, report=Silent()
    )
    return Drift.from_json(json.loads((tmp_path / DRIFT_NAME).read_text()))


def by_name(found: Drift):
    return {each.name: each for each in found.columns}


def test_a_table_has_not_moved_from_itself(tmp_path):
    found = by_name(drift(tmp_path, table(), table()))
    assert {each.verdict for name, each in found.items() if name != "id"} == {"stable"}
    assert found["amount"].numbers.ks == 0
    assert found["plan"].classes.cramers_v == 0


def test_what_moved_most_comes_first_and_names_of_rows_are_not_compared(tmp_path):
    found = drift(tmp_path, table(), table(shift=20))
    assert found.columns[0].name == "amount"
    moved = by_name(found)
    assert moved["amount"].verdict == "large"
    assert moved["amount"].numbers.wasserstein == pytest.approx(20)
    assert moved["id"].verdict == "not compared"
    assert sum(moved["amount"].before) == sum(moved["amount"].after) == 1000


def test_a_class_the_reference_never_had_is_named(tmp_path):
    found = by_name(drift(tmp_path, table(), table(plan=("a", "b", "c"))))
    assert found["plan"].classes.unseen == ("c",)
    assert found["plan"].labels == ("a", "b") or found["plan"].labels == ("b", "a")
    assert found["plan"].after[-1] > 0


def test_few_rows_raise_no_alarm(tmp_path):
    found = by_name(drift(tmp_path, table(20), table(20, shift=20)))
    assert found["amount"].psi > 0.25
    assert found["amount"].verdict == "too few rows"


def test_columns_that_came_went_or_hold_something_else_are_listed(tmp_path):
    old, new = table(gone=1, same=1), table(new=1, same="1")
    found = drift(tmp_path, old, new)
    assert (found.added, found.removed, found.changed) == (
        ("new",),
        ("gone",),
        ("same",),
    )


def test_an_empty_side_and_a_column_without_a_value_are_not_compared(tmp_path):
    hollow = table().with_columns(amount=pl.lit(None, pl.Float64))
    found = by_name(drift(tmp_path, table(), hollow))
    assert found["amount"].verdict == "not compared"
    assert found["amount"].missing == (0.0, 1.0)
    nothing = by_name(drift(tmp_path, table(), table().clear()))
    assert {each.verdict for each in nothing.values()} == {"not compared"}


def test_a_kept_baseline_gives_the_same_counts_without_the_old_rows(tmp_path):
    kept = Baseline.from_json(json.loads(json.dumps(baseline_of(table()).to_json())))
    alone = by_name(drift_from_baseline(table(shift=5), kept))
    whole = by_name(drift(tmp_path, table(), table(shift=5)))
    for name, each in alone.items():
        assert (each.psi, each.js, each.before, each.after) == (
            whole[name].psi,
            whole[name].js,
            whole[name].before,
            whole[name].after,
        )
        assert each.numbers is None
