from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from engine.errors import EngineError
from engine.progress import Silent
from engine.training import catalogue, persist
from engine.training.explain import permutation_importance
from engine.training.predictions import read_predictions
from engine.training.trial import prepare, run_trial
from tests.engine.training.conftest import binary_protocol, write

ROWS = 400
RNG = np.random.default_rng(11)


@pytest.fixture(scope="module")
def messy(tmp_path_factory):
    """Numbers, words, dates and flags, each with holes; one column nearly empty."""
    signal = RNG.normal(size=ROWS)

    def holed(values):
        holes = RNG.random(ROWS) < 0.1
        return [None if h else v for h, v in zip(holes, values, strict=True)]

    days = RNG.permutation(ROWS) % 90
    start = datetime(2024, 1, 1, tzinfo=UTC)
    nearly = np.full(ROWS, np.nan)
    nearly[[3, 77]] = [1.0, 2.0]
    columns = {
        "amount": holed((signal + RNG.normal(size=ROWS)).tolist()),
        "count": holed((10 * signal).astype(int).tolist()),
        "plan": holed(np.where(signal < 0, "basic", "full").tolist()),
        "city": holed([f"city {i}" for i in RNG.integers(0, 60, ROWS)]),
        "day": holed([date(2024, 1, 1) + timedelta(days=int(d)) for d in days]),
        "moment": [start + timedelta(hours=i) for i in range(ROWS)],
        "flag": holed((signal > 1).tolist()),
        "nearly": nearly,
        "household": [f"h{i // 4}" for i in range(ROWS)],
        "target": np.where(signal + RNG.normal(size=ROWS) > 0.3, "yes", "no").tolist(),
    }
    return write(tmp_path_factory.mktemp("messy"), columns)


@pytest.mark.parametrize("family", catalogue.FAMILIES)
def test_holes_words_dates_and_flags_pass_through_every_family(family, messy, tmp_path):
    rules = binary_protocol(messy, positive="yes")
    result = run_trial(
        folder=tmp_path,
        report=Silent(),
        table=str(messy),
        protocol=rules.to_json(),
        family=family,
        params={},
        seed=1,
    )
    least = 0.5 if family == "baseline" else 0.6
    assert result["cv"]["roc_auc"]["value"] >= least
    model = persist.load(tmp_path / "model.skops", family=family)
    frame = prepare(messy, rules).features.frame
    holdout = read_predictions(tmp_path / "holdout.parquet")
    again = model.predict_proba(frame.iloc[holdout.rows])[:, 1]
    assert np.array_equal(again, holdout.scores)


@pytest.mark.parametrize(
    "changes",
    [
        {"splitter": "group", "group_column": "household"},
        {"splitter": "stratified_group", "group_column": "household", "repeats": 2},
        {"splitter": "time", "time_column": "moment"},
        {"splitter": "kfold"},
    ],
)
def test_every_splitter_trains_to_the_end(changes, messy, tmp_path):
    rules = binary_protocol(messy, positive="yes", **changes)
    result = run_trial(
        folder=tmp_path,
        report=Silent(),
        table=str(messy),
        protocol=rules.to_json(),
        family="tree",
        params={},
        seed=1,
    )
    assert result["rows"]["fits"] == 5 * rules.repeats
    for name in (rules.group_column, rules.time_column):
        assert not any(name and f.startswith(name) for f in result["features"])


def test_features_that_never_vary_in_a_fold_stop_with_the_remedy(tmp_path):
    rare = np.zeros(ROWS)
    rare[0] = 1
    columns = {"target": ["yes", "no"] * (ROWS // 2), "rare": rare}
    path = write(tmp_path, columns)
    rules = binary_protocol(path, positive="yes")
    with pytest.raises(EngineError, match=r"fold \d: .*use fewer folds"):
        run_trial(
            folder=tmp_path,
            report=Silent(),
            table=str(path),
            protocol=rules.to_json(),
            family="boosting",
            params={},
            seed=1,
        )


def test_only_the_feature_a_model_reads_is_important():
    frame = pd.DataFrame(
        {"read": RNG.normal(size=300), "ignored": RNG.normal(size=300)}
    )
    labels = (frame["read"] > 0).to_numpy().astype(int)

    def predict(rows):
        return 1 / (1 + np.exp(-rows["read"].to_numpy()))

    found = permutation_importance(
        predict,
        frame,
        labels,
        task="binary",
        metric="roc_auc",
        rng=np.random.default_rng(1),
    )
    assert [item.feature for item in found] == ["read", "ignored"]
    # Shuffled, a perfect ranking (1.0) becomes chance (0.5).
    assert found[0].mean == pytest.approx(0.5, abs=0.06)
    assert (found[1].mean, found[1].sd) == (0, 0)


def test_importance_of_an_error_is_positive_too():
    frame = pd.DataFrame({"x": RNG.normal(size=200)})
    found = permutation_importance(
        lambda rows: rows["x"].to_numpy(),
        frame,
        frame["x"].to_numpy(),
        task="regression",
        metric="mae",
        rng=np.random.default_rng(1),
    )
    assert found[0].mean > 0.5
