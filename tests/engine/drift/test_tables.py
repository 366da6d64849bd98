"""Two tables held against each other, and one against what was kept of the other."""

import json

import numpy as np
import polars as pl
import pytest

from engine.drift import (
    BASELINE_NAME,
    DRIFT_NAME,
    Baseline,
    Drift,
    drift_of_table,
    tables,
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


def drift(tmp_path, old, new, **reference) -> Drift:
    """Return the drift from `old`, a table or nothing where a baseline is given."""
    paths = [tmp_path / name for name in ("old.parquet", "new.parquet")]
    new.write_parquet(paths[1])
    if old is not None:
        old.write_parquet(paths[0])
        reference["table"] = str(paths[0])
    drift_of_table(
        source=str(paths[1]), references=[reference], folder=tmp_path, report=Silent()
    )
    (content,) = json.loads((tmp_path / DRIFT_NAME).read_text())
    return Drift.from_json(content)


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


def test_a_constant_that_became_another_has_moved(tmp_path):
    old, new = table(price=1.5, day=None), table(price=2.5, day=None)
    moved, same = (by_name(drift(tmp_path, old, each))["price"] for each in (new, old))
    assert (moved.verdict, moved.js) == ("large", pytest.approx(1))
    assert (moved.labels, moved.before, moved.after) == (("1.5",), (1000, 0), (0, 1000))
    assert (same.verdict, same.psi) == ("stable", 0)


def test_figures_past_what_a_float_holds_are_left_out(tmp_path):
    old, new = (
        pl.DataFrame({"x": [5e-324, 1e308]}),
        pl.DataFrame({"x": [-1e308, 1e308]}),
    )
    (found,) = drift(tmp_path, old, new).columns
    assert found.numbers.wasserstein_sd is None
    (found,) = drift(tmp_path, new, old).columns
    assert found.name == "x"


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


def test_a_kept_baseline_gives_the_same_counts_without_the_old_rows(
    tmp_path, monkeypatch
):
    drift(tmp_path, None, table(), baseline=Baseline(0, ()).to_json())
    kept = json.loads((tmp_path / BASELINE_NAME).read_text())
    whole = by_name(drift(tmp_path, table(), table(shift=5)))
    alone = drift(tmp_path, None, table(shift=5), baseline=kept)
    monkeypatch.setattr(tables, "WITH_VALUES", 999)
    long = drift(tmp_path, table(), table(shift=5), baseline=kept)

    assert alone == long
    assert alone.rows == (1000, 1000)
    for name, each in by_name(alone).items():
        assert (each.psi, each.js, each.before, each.after) == (
            whole[name].psi,
            whole[name].js,
            whole[name].before,
            whole[name].after,
        )
        assert each.numbers is None
    assert whole["amount"].numbers is not None


def test_long_texts_are_no_classes(tmp_path):
    words = ["x" * 300, "y"] * 500
    found = by_name(drift(tmp_path, table(word=words), table(word=words)))
    assert found["word"].verdict == "not compared"
