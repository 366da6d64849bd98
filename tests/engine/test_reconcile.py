"""Two tables held against each other by key, with figures counted by hand."""

import json

import polars as pl
import pytest

from engine.errors import EngineError
from engine.progress import Silent
from engine.reconcile import DIFFERENCES_NAME, RESULT_NAME, Reconciliation, reconcile

LEFT = pl.DataFrame(
    {
        "id": [1, 2, 3, 4, None],
        "amount": [10.0, 20.0, 30.0, None, 50.0],
        "plan": ["a", "b", "c", "d", "e"],
    }
)
RIGHT = pl.DataFrame(
    {
        "id": [2, 3, 4, 5],
        "amount": [20.4, 33.0, None, 60.0],
        "plan": ["b", "x", None, "f"],
    }
)


def held(tmp_path, left=LEFT, right=RIGHT, **matching) -> Reconciliation:
    for name, table in (("l", left), ("r", right)):
        table.write_parquet(tmp_path / f"{name}.parquet")
    reconcile(
        left=str(tmp_path / "l.parquet"),
        right=str(tmp_path / "r.parquet"),
        matching={"keys": {"id": "id"}, **matching},
        folder=tmp_path,
        report=Silent(),
    )
    assert not (tmp_path / "spill").exists()
    return Reconciliation.from_json(json.loads((tmp_path / RESULT_NAME).read_text()))


def test_rows_are_missing_left_missing_right_or_changed(tmp_path):
    found = held(tmp_path, tolerances={"amount": 0.5})
    assert found.rows == (5, 4)
    assert found.without_key == (1, 0)
    assert (found.matched, found.missing_left, found.missing_right) == (3, 1, 1)
    # Row 2 is within the tolerance; 3 differs twice, 4 in its plan.
    assert found.changed_rows == 2
    assert {each.name: each.changed for each in found.columns} == {
        "amount": 1,
        "plan": 2,
    }
    assert {each.name: each.largest for each in found.columns} == {
        "amount": pytest.approx(3.0),
        "plan": None,
    }
    assert (found.violating, found.tested) == (4, 5)


def test_every_difference_is_written_and_the_first_are_shown(tmp_path):
    found = held(tmp_path)
    written = pl.read_parquet(tmp_path / DIFFERENCES_NAME)
    assert written.height == 2 + 2 + 2  # two missing, two amounts, two plans
    shown = {(each.what, each.key, each.column) for each in found.examples}
    assert shown >= {
        ("missing left", ("5",), ""),
        ("missing right", ("1",), ""),
        ("changed", ("3",), "plan"),
    }
    plan = next(each for each in found.examples if each.column == "plan")
    assert (plan.left, plan.right) == ("c", "x")


def test_keys_that_stand_twice_are_counted_and_not_compared(tmp_path):
    left = pl.concat([LEFT, LEFT.filter(pl.col("id") == 2)])
    found = held(tmp_path, left)
    assert found.ambiguous == (2, 1)
    assert found.matched == 2
    of_two = [each for each in found.examples if each.key == ("2",)]
    assert [(each.what, each.left, each.right) for each in of_two] == [
        ("duplicate key", "2", "1")
    ]
    written = pl.read_parquet(tmp_path / DIFFERENCES_NAME)
    assert written.filter(pl.col("what") == "duplicate key").height == 1


def test_many_rows_of_one_key_never_meet_each_other(tmp_path):
    many = pl.DataFrame({"id": [1] * 2000, "amount": [1.0] * 2000, "plan": "a"})
    found = held(tmp_path, many, many)
    assert (found.ambiguous, found.matched) == ((2000, 2000), 0)
    assert pl.read_parquet(tmp_path / DIFFERENCES_NAME).height == 1


def test_a_relative_tolerance_is_of_the_larger_value(tmp_path):
    # 33 - 30 is 3: a tenth of 33 holds it, a share of 0.09 does not.
    def changed(**tolerance):
        found = held(tmp_path, columns={"amount": "amount"}, **tolerance)
        return found.changed_rows

    assert changed(relative={"amount": 0.1}) == 0
    assert changed(relative={"amount": 0.09}) == 1
    assert changed(relative={"amount": 0.09}, tolerances={"amount": 3.0}) == 0


def test_infinities_are_equal_to_themselves(tmp_path):
    table = pl.DataFrame({"id": [1], "amount": [float("inf")], "plan": ["a"]})
    assert held(tmp_path, table, table).changed_rows == 0


def test_of_masked_columns_only_the_shape_is_told(tmp_path):
    found = held(tmp_path, masked=["plan", "id"])
    assert {each.key for each in found.examples} == {("•",)}
    shown = {(e.left, e.right) for e in found.examples if e.column == "plan"}
    assert shown == {("•", "•"), ("•", None)}
    written = pl.read_parquet(tmp_path / DIFFERENCES_NAME)
    assert set(written.filter(pl.col("cell") == "plan")["left_value"]) == {"•"}


def test_tables_that_agree_have_no_difference(tmp_path):
    found = held(tmp_path, LEFT, LEFT)
    assert found.violating == 0
    assert found.matched == 4
    assert pl.read_parquet(tmp_path / DIFFERENCES_NAME).is_empty()


def test_keys_and_columns_may_be_named_differently(tmp_path):
    right = RIGHT.rename({"id": "customer", "amount": "sum"})
    found = held(
        tmp_path, right=right, keys={"id": "customer"}, columns={"amount": "sum"}
    )
    assert [(each.name, each.right) for each in found.columns] == [("amount", "sum")]
    assert found.changed_rows == 2


def test_names_that_look_like_sql_are_names(tmp_path):
    odd = 'x"; DROP TABLE l_all; --'
    table = pl.DataFrame({"id": [1], odd: ["a"], "l0": [1]})
    found = held(tmp_path, table, table.with_columns(pl.lit("b").alias(odd)))
    assert {each.name: each.changed for each in found.columns} == {odd: 1, "l0": 0}


@pytest.mark.parametrize(
    ("matching", "words"),
    [
        ({"keys": {}}, "at least one key"),
        ({"keys": {"nr": "id"}}, "left table has no column “nr”"),
        ({"columns": {"plan": "colour"}}, "right table has no column “colour”"),
        ({"columns": {"plan": "amount"}}, "Read both as one kind"),
        ({"tolerances": {"plan": 1.0}}, "no compared column of numbers"),
        ({"relative": {"amount": -0.1}}, "give 0 or more"),
    ],
)
def test_what_cannot_be_held_together_is_said(tmp_path, matching, words):
    with pytest.raises(EngineError, match=words):
        held(tmp_path, **matching)
