"""Gaps that a protocol has filled: learnt inside the fold, kept with the model."""

import numpy as np
import pandas as pd
import pytest

from engine.errors import EngineError
from engine.progress import Silent
from engine.training import persist
from engine.training.cells import MISSING
from engine.training.fill import Fill
from engine.training.impute import strategies_for
from engine.training.protocol import Protocol
from engine.training.table import file_digest
from engine.training.trial import prepare, run_trial
from tests.engine.training.conftest import write

NAN = float("nan")


def filled(column, values, strategy, **others):
    frame = pd.DataFrame({column: values, **others})
    numeric = list(frame.select_dtypes("number").columns)
    return Fill({column: strategy}, numeric).fit_transform(frame)[column].tolist()


def test_each_strategy_gives_the_value_it_names():
    numbers = [1.0, 1.0, 2.0, 9.0, NAN]
    assert filled("a", numbers, "median")[-1] == 1.5
    assert filled("a", numbers, "most_frequent")[-1] == 1.0
    assert np.isnan(filled("a", numbers, "category")[-1])
    words = ["x", "y", "y", MISSING]
    assert filled("t", words, "most_frequent")[-1] == "y"
    assert filled("t", words, "category")[-1] == MISSING


def test_a_model_predicts_a_gap_from_the_other_numbers():
    other = np.arange(40.0)
    values = 3 * other + 2
    values[7] = NAN
    found = filled("a", values, "model", b=other, c=np.resize([1.0, NAN], 40))
    assert found[7] == pytest.approx(23, abs=0.1)
    assert found[:7] == values[:7].tolist()


def test_what_fills_a_gap_is_learnt_from_the_training_rows_alone():
    fill = Fill({"a": "median"}, ["a"]).fit(pd.DataFrame({"a": [1.0, 2.0, 3.0]}))
    others = fill.transform(pd.DataFrame({"a": [1000.0, NAN]}))
    assert others["a"].tolist() == [1000.0, 2.0]


@pytest.mark.parametrize("strategy", ["median", "most_frequent", "model"])
def test_a_column_that_a_fold_knows_nothing_of_becomes_zero(strategy):
    assert filled("a", [NAN] * 3, strategy, b=[1.0, 2.0, 3.0]) == [0.0] * 3


def test_times_are_not_filled_and_words_have_no_median():
    assert strategies_for("datetime") == strategies_for("date") == ()
    assert "median" not in strategies_for("text")
    assert strategies_for("boolean") == strategies_for("number")


@pytest.fixture(scope="module")
def gaps(tmp_path_factory):
    """A table in which a third of the ages and of the plans is not known."""
    rng = np.random.default_rng(3)
    age = rng.normal(50, 10, 300)
    old = age + rng.normal(0, 5, 300) > 50
    unknown = rng.random(300) < 0.3
    return write(
        tmp_path_factory.mktemp("gaps"),
        {
            "age": [
                None if gone else each for each, gone in zip(age, unknown, strict=True)
            ],
            "pulse": age / 2 + rng.normal(0, 1, 300),
            "plan": [("a", "b", None)[n] for n in rng.integers(0, 3, 300)],
            "since": pd.to_datetime(["2024-05-01", "2025-02-03"] * 150),
            "target": ["malignant" if each else "benign" for each in old],
        },
    )


def rules(path, **impute):
    return Protocol(
        task="binary",
        target="target",
        positive="malignant",
        data_digest=file_digest(path),
        primary_metric="roc_auc",
        folds=3,
        impute=impute,
    )


@pytest.mark.parametrize("family", ["linear", "boosting", "forest"])
def test_a_trial_fills_inside_its_folds_and_its_model_does_so_again(
    gaps, tmp_path, family
):
    asked = rules(gaps, age="model", plan="most_frequent")
    trial = {"table": str(gaps), "family": family, "params": {}, "seed": 1}
    result = run_trial(
        folder=tmp_path, report=Silent(), protocol=asked.to_json(), **trial
    )
    assert result["holdout"]["roc_auc"]["value"] > 0.8
    model = persist.load(tmp_path / "model.skops", family=family)
    fill = model.named_steps["fill"]
    frame = prepare(gaps, asked).features.frame.head(50)
    assert frame["age"].isna().any()
    assert not fill.transform(frame)["age"].isna().any()
    again = run_trial(
        folder=tmp_path, report=Silent(), protocol=asked.to_json(), **trial
    )
    assert result["digests"] == again["digests"]


@pytest.mark.parametrize(
    ("impute", "said"),
    [
        ({"plan": "median"}, "holds text"),
        ({"since": "median"}, "no number or text"),
        ({"nothing": "median"}, "correct the name"),
    ],
)
def test_what_cannot_be_filled_is_named_with_the_remedy(gaps, impute, said):
    with pytest.raises(EngineError, match=said):
        prepare(gaps, rules(gaps, **impute))


@pytest.mark.parametrize(
    ("impute", "said"),
    [
        ({"age": "mean"}, "choose one of median"),
        ({"target": "median"}, "the target"),
        ("median", "for each column"),
    ],
)
def test_rules_that_fill_wrongly_are_refused(gaps, impute, said):
    with pytest.raises(EngineError, match=said):
        Protocol.from_json({**rules(gaps).to_json(), "impute": impute})


def test_rules_that_fill_nothing_keep_the_digest_they_had(gaps):
    assert "impute" not in rules(gaps).to_json()
    asked = rules(gaps, age="median")
    assert asked.digest() != rules(gaps).digest()
    assert Protocol.from_json(asked.to_json()) == asked
    assert hash(asked)
