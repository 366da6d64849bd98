from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from engine.errors import EngineError
from engine.training import guards
from engine.training.cells import MISSING
from engine.training.protocol import Protocol
from engine.training.table import (
    candidate_features,
    read_features,
    read_labels,
    read_table,
)
from engine.training.trial import prepare
from tests.engine.training.conftest import binary_protocol, write

ROWS = 60
RNG = np.random.default_rng(2)
CLASSES = ["yes", "no", "no"] * 20


def table(**columns) -> pa.Table:
    return pa.table({"target": CLASSES} | columns)


def findings(**columns):
    content = table(**columns)
    rules = labelled(content)
    return {
        f.column: (f.kind, f.action)
        for f in guards.inspect_columns(content, list(columns), rules)
    }


def labelled(content):
    rules = Protocol(
        task="binary",
        target="target",
        positive="yes",
        primary_metric="roc_auc",
        data_digest="0" * 64,
    )
    return read_labels(content, rules)


def test_identifiers_constants_and_empty_columns_are_excluded():
    found = findings(
        number=range(ROWS),
        name=[f"customer {i}" for i in range(ROWS)],
        same=["x"] * ROWS,
        nothing=pa.nulls(ROWS, pa.float64()),
        weight=RNG.normal(size=ROWS),
        size=[1, 2, 3, 4] * 15,
    )
    assert found == {
        "number": ("identifier", "excluded"),
        "name": ("identifier", "excluded"),
        "same": ("constant", "excluded"),
        "nothing": ("empty", "excluded"),
    }


def test_a_column_half_empty_with_one_value_still_tells_something():
    assert findings(seen=[1.0, None] * 30) == {}


def test_a_renamed_copy_of_the_target_is_refused():
    copy = [1 if name == "yes" else 0 for name in CLASSES]
    assert findings(status=copy)["status"] == ("target_copy", "refused")
    almost = [1 - copy[0], *copy[1:]]
    assert findings(status=almost) == {}


def test_training_on_a_target_copy_stops_with_the_remedy(tmp_path):
    copy = [name.upper() for name in CLASSES]
    path = write(tmp_path, {"target": CLASSES, "b": copy, "w": RNG.normal(size=ROWS)})
    with pytest.raises(EngineError, match=r"'b' tells the target exactly.*exclude"):
        prepare(path, binary_protocol(path, positive="yes"))


def test_a_scaled_copy_of_a_regression_target_is_refused(tmp_path):
    values = RNG.normal(size=ROWS)
    path = write(tmp_path, {"target": values, "cents": 100 * values + 3})
    rules = binary_protocol(
        path,
        task="regression",
        splitter="kfold",
        primary_metric="rmse",
        direction="lower",
    )
    with pytest.raises(EngineError, match="'cents' tells the target"):
        prepare(path, rules)


def test_row_names_never_reach_the_model(churn):
    rules = binary_protocol(churn, target="churn", positive="Yes")
    prepared = prepare(churn, rules)
    assert "rownames" not in prepared.features.frame
    kinds = {(f.column, f.kind) for f in prepared.findings}
    assert ("rownames", "identifier") in kinds
    # wa_churn holds customers that differ in nothing but their row number.
    assert ("", "duplicates") in kinds


def test_duplicates_across_folds_are_found(tmp_path):
    half = RNG.normal(size=ROWS // 2)
    columns = {"target": CLASSES[:30] * 2, "w": np.concatenate([half, half])}
    path = write(tmp_path, columns)
    prepared = prepare(path, binary_protocol(path, positive="yes", folds=3))
    assert [f.kind for f in prepared.findings] == ["duplicates"]


def test_infinity_becomes_missing_and_is_said(tmp_path):
    values = RNG.normal(size=ROWS)
    values[3] = np.inf
    path = write(tmp_path, {"target": CLASSES, "w": values})
    prepared = prepare(path, binary_protocol(path, positive="yes"))
    assert np.isnan(prepared.features.frame["w"][3])
    assert [f.kind for f in prepared.findings] == ["infinite"]


def test_columns_become_numbers_words_and_calendar_parts():
    content = pa.table(
        {
            "flag": [True, None],
            "word": ["a", None],
            "day": [date(2024, 2, 29), date(1970, 1, 2)],
        }
    )
    frame = read_features(content, content.column_names).frame
    assert frame["flag"].tolist()[0] == 1
    assert np.isnan(frame["flag"][1])
    assert frame["word"].tolist() == ["a", MISSING]
    assert frame["day (year)"].tolist() == [2024, 1970]
    assert frame["day (month)"].tolist() == [2, 1]
    # 29 February 2024 was a Thursday; Monday is 0.
    assert frame["day (weekday)"].tolist() == [3, 4]
    assert frame["day (days since 1970)"].tolist() == [19782, 1]


@pytest.mark.parametrize(
    ("target", "changes", "words"),
    [
        (["yes", None] * 30, {}, "missing in 30 of 60 rows, first in row 2"),
        (["yes"] * 60, {}, "every row holds 'yes'"),
        (["yes", "no", "maybe"] * 20, {}, "are not two"),
        (CLASSES, {"positive": "Yes"}, "never occurs; choose among no, yes"),
        (CLASSES, {"target": "left"}, "column 'left' of the protocol"),
        (CLASSES, {"data_digest": "0" * 64}, "use the protocol's data set version"),
        (CLASSES, {"excluded": ("w",)}, "no column is left"),
        (
            CLASSES,
            {
                "task": "regression",
                "primary_metric": "mae",
                "direction": "lower",
                "splitter": "kfold",
            },
            "are no numbers",
        ),
    ],
)
def test_tables_that_cannot_be_learnt_from_name_place_and_remedy(
    tmp_path, target, changes, words
):
    path = write(tmp_path, {"target": target, "w": RNG.normal(size=ROWS)})
    with pytest.raises(EngineError, match=words):
        prepare(path, binary_protocol(path, **({"positive": "yes"} | changes)))


def test_lists_are_refused_by_name(tmp_path):
    path = write(tmp_path, {"target": CLASSES, "tags": [[1], [2, 3], [1]] * 20})
    with pytest.raises(EngineError, match="'tags'"):
        prepare(path, binary_protocol(path, positive="yes"))


def test_the_positive_class_is_number_one(tmp_path):
    path = write(tmp_path, {"target": [0, 1, 1] * 20, "w": RNG.normal(size=ROWS)})
    rules = binary_protocol(path, positive="0")
    content = read_table(path, rules)
    labels = read_labels(content, rules)
    assert labels.classes == ("1", "0")
    assert labels.values[:3].tolist() == [1, 0, 0]
    assert candidate_features(content, rules) == ["w"]
