import json
import os
import subprocess
import sys
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as reference

from engine.errors import EngineError
from engine.progress import Silent
from engine.training import catalogue, persist
from engine.training.predictions import Predictions, read_predictions
from engine.training.protocol import Protocol, trial_key
from engine.training.trial import prepare, run_trial
from tests.engine.training.conftest import binary_protocol

ROOT = Path(__file__).parents[3]
CELLS = {"tp": 160, "fn": 0, "fp": -20, "tn": 0, "prevalence": 0.265}
QUICK = {
    "baseline": {},
    "linear": {},
    "tree": {},
    "forest": {"n_estimators": 50},
    "boosting": {"max_iter": 20},
    "neural": {"max_iter": 5},
}


@dataclass
class Listening:
    shares: list[float] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    metrics: list[tuple[str, float, int]] = field(default_factory=list)

    def progress(self, share, note=""):
        self.shares.append(share)

    def log(self, line):
        self.lines.append(line)

    def metric(self, key, value, step=0):
        self.metrics.append((key, value, step))


def trial(folder, path, rules: Protocol, family: str, report=None, **changes):
    settings: dict[str, Any] = {"params": QUICK[family], "seed": 1} | changes
    return run_trial(
        folder=folder,
        report=report or Silent(),
        table=str(path),
        protocol=rules.to_json(),
        family=family,
        **settings,
    )


def other_protocol(path, task: str) -> Protocol:
    if task == "multiclass":
        return binary_protocol(path, task=task, positive="", primary_metric="macro_f1")
    return binary_protocol(
        path,
        task=task,
        positive="",
        splitter="kfold",
        primary_metric="rmse",
        direction="lower",
    )


@pytest.mark.parametrize("family", catalogue.FAMILIES)
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_every_family_runs_on_every_task_and_comes_back_from_its_file(
    family, task, cancer, iris, diabetes, tmp_path
):
    path = {"binary": cancer, "multiclass": iris, "regression": diabetes}[task]
    rules = (
        binary_protocol(path, folds=3)
        if task == "binary"
        else other_protocol(path, task)
    )
    result = trial(tmp_path, path, rules, family)
    assert set(result["holdout"]) <= set(result["cv"])
    assert len(json.dumps(result, allow_nan=False)) < 200_000
    model = persist.load(tmp_path / "model.skops", family=family)
    prepared = prepare(path, rules)
    frame = prepared.features.frame.iloc[prepared.split.holdout]
    stored = read_predictions(tmp_path / "holdout.parquet")
    again = model.predict(frame) if task == "regression" else model.predict_proba(frame)
    if task == "binary":
        again = again[:, 1]
    assert np.array_equal(again, stored.scores)


@pytest.fixture(scope="module")
def priced(churn, tmp_path_factory):
    folder = tmp_path_factory.mktemp("priced")
    report = Listening()
    rules = binary_protocol(churn, target="churn", positive="Yes")
    result = trial(folder, churn, rules, "linear", report, cells=CELLS)
    return folder, result, report, rules


def test_churn_model_is_as_good_as_known_ones(priced):
    _, result, _, _ = priced
    # A linear model on wa_churn reaches AP .65 and ROC AUC .84 in cross-validation.
    assert result["cv"]["average_precision"]["value"] == pytest.approx(0.65, abs=0.015)
    assert result["cv"]["roc_auc"]["value"] == pytest.approx(0.845, abs=0.01)
    band = result["holdout"]["average_precision"]
    assert band["low"] < band["value"] < band["high"]


def test_holdout_figures_follow_from_the_stored_predictions(priced):
    folder, result, _, _ = priced
    stored = read_predictions(folder / "holdout.parquet")
    assert result["holdout"]["roc_auc"]["value"] == pytest.approx(
        reference.roc_auc_score(stored.labels, stored.scores)
    )
    flags = stored.scores >= result["threshold"]["value"]
    tn, fp, fn, tp = reference.confusion_matrix(stored.labels, flags).ravel()
    assert result["counts"]["holdout"] == {"tp": tp, "fn": fn, "fp": fp, "tn": tn}
    assert result["digests"]["holdout_predictions"] == stored.digest()


def test_threshold_is_chosen_by_money_out_of_fold(priced):
    folder, result, _, _ = priced
    assert result["threshold"]["rule"] == "money"
    stored = read_predictions(folder / "oof.parquet").averaged()

    def earned(threshold):
        flags = stored.scores >= threshold
        tpr = flags[stored.labels == 1].mean()
        fpr = flags[stored.labels == 0].mean()
        return 1000 * (0.265 * tpr * 160 - 0.735 * fpr * 20)

    best = max(earned(t) for t in np.unique(stored.scores))
    assert result["money"]["oof_per_1000"] == pytest.approx(best)
    assert result["money"]["everybody_per_1000"] == pytest.approx(27_700)
    assert result["money"]["nobody_per_1000"] == 0
    band = result["money"]["holdout_per_1000"]
    assert band["low"] < band["value"] < band["high"]


def test_every_training_row_is_predicted_out_of_fold_once(priced):
    folder, _, _, _ = priced
    stored = read_predictions(folder / "oof.parquet")
    assert len(np.unique(stored.rows)) == len(stored.rows) == 5_634
    holdout = read_predictions(folder / "holdout.parquet")
    assert not set(stored.rows) & set(holdout.rows)
    assert stored.scores.dtype == np.float64


def test_each_fold_is_reported_while_it_happens(priced):
    _, result, report, _ = priced
    values = {(k, step): v for k, v, step in report.metrics}
    for fold in result["folds"]:
        for key, value in fold["metrics"].items():
            assert values[key, fold["fold"]] == value
    assert report.shares == sorted(report.shares)
    assert report.shares[-1] == 1.0
    assert any("rownames" in line for line in report.lines)


def test_contract_matters_to_who_leaves(priced):
    _, result, _, _ = priced
    names = [item["feature"] for item in result["importance"]]
    assert {"tenure", "contract"} & set(names[:4])
    assert len(names) == 12
    means = [item["mean"] for item in result["importance"]]
    assert means == sorted(means, reverse=True)


def test_record_names_what_the_numbers_depend_on(priced):
    _, result, _, rules = priced
    packages = result["environment"]["packages"]
    assert {"scikit-learn", "numpy", "scipy", "skops"} <= set(packages)
    assert all(pool["threads"] == 1 for pool in result["environment"]["thread_pools"])
    assert result["protocol_digest"] == rules.digest()
    assert result["latency"]["calls"] > 0
    assert result["model"]["bytes"] > 1_000
    assert result["trial_key"] == trial_key(
        rules.digest(), "linear", result["params"], 1
    )


# Trees do no matrix products, so not even another BLAS kernel may change them.
@pytest.mark.parametrize(
    ("families", "settings"),
    [
        (["linear", "neural"], {"PYTHONHASHSEED": "123"}),
        (["forest", "boosting"], {"OPENBLAS_CORETYPE": "Sandybridge"}),
    ],
)
def test_another_process_gives_the_same_digests(families, settings, cancer, tmp_path):
    rules = binary_protocol(cancer, folds=3)
    here = [trial(tmp_path, cancer, rules, each)["digests"] for each in families]
    script = (
        "import json, sys, pathlib\n"
        "from engine.progress import Silent\n"
        "from engine.training.trial import run_trial\n"
        "folder = pathlib.Path(sys.argv[2])\n"
        "for given in json.loads(sys.argv[1]):\n"
        "    result = run_trial(folder=folder, report=Silent(), **given)\n"
        "    print(json.dumps(result['digests']))\n"
    )
    given = [
        {
            "table": str(cancer),
            "protocol": rules.to_json(),
            "family": each,
            "params": QUICK[each],
            "seed": 1,
        }
        for each in families
    ]
    answer = subprocess.run(
        [sys.executable, "-c", script, json.dumps(given), str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | settings,
    )
    assert [json.loads(line) for line in answer.stdout.splitlines()] == here


def test_another_seed_gives_other_predictions(cancer, tmp_path):
    rules = binary_protocol(cancer, folds=3, seeds=(1, 2))
    first = trial(tmp_path, cancer, rules, "neural")
    second = trial(tmp_path, cancer, rules, "neural", seed=2)
    name = "oof_predictions"
    assert first["digests"][name] != second["digests"][name]
    assert first["digests"]["fold_index"] == second["digests"]["fold_index"]


def test_repeats_are_averaged_before_the_threshold(cancer, tmp_path):
    rules = binary_protocol(cancer, folds=3, repeats=2)
    result = trial(tmp_path, cancer, rules, "tree")
    stored = read_predictions(tmp_path / "oof.parquet")
    assert len(stored.rows) == 2 * len(stored.averaged().rows)
    assert len(result["folds"]) == 6
    assert sum(result["counts"]["oof"].values()) == len(stored.averaged().rows)


def test_averaging_by_hand():
    found = Predictions(
        np.array([4, 2, 4]), np.array([1, 0, 1]), np.array([0.2, 0.5, 0.4]), np.zeros(3)
    ).averaged()
    assert found.rows.tolist() == [2, 4]
    assert found.labels.tolist() == [0, 1]
    assert found.scores == pytest.approx([0.5, 0.3])


def test_warnings_go_to_the_log_and_not_to_the_terminal(cancer, tmp_path, recwarn):
    report = Listening()
    rules = binary_protocol(cancer, folds=3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = trial(tmp_path, cancer, rules, "neural", report)
    assert any("ConvergenceWarning" in line for line in report.lines)
    assert len(result["warnings"]) == len(set(result["warnings"]))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"family": "magic"}, "no family 'magic'"),
        ({"params": {"colour": 1}}, "no parameter 'colour'; it has: C"),
        ({"params": {"C": 1e9}}, "choose between 0.001 and 100"),
        ({"params": {"C": "big"}}, "give a number"),
        ({"params": {"C": True}}, "give a number"),
        ({"params": {"class_weight": "mine"}}, "choose among equal, balanced"),
        ({"seed": 99}, "seed 99 is not one of the protocol's"),
        ({"threads": 0}, "choose between 1 and 64"),
    ],
)
def test_what_a_trial_cannot_use_is_named(changes, words, cancer, tmp_path):
    settings = {"family": "linear", "params": {}, "seed": 1} | changes
    with pytest.raises(EngineError, match=words):
        run_trial(
            folder=tmp_path,
            report=Silent(),
            table=str(cancer),
            protocol=binary_protocol(cancer).to_json(),
            **settings,
        )


def test_half_a_layer_is_refused():
    with pytest.raises(EngineError, match="whole number"):
        catalogue.resolve("neural", "binary", {"depth": 1.5})
    assert catalogue.resolve("neural", "binary", {"depth": 2.0})["depth"] == 2


def test_money_has_no_place_in_regression(diabetes, tmp_path):
    rules = other_protocol(diabetes, "regression")
    with pytest.raises(EngineError, match="cells belong to a binary task"):
        trial(tmp_path, diabetes, rules, "linear", cells=CELLS)


def test_misses_of_a_regression_follow_from_the_stored_predictions(diabetes, tmp_path):
    result = trial(tmp_path, diabetes, other_protocol(diabetes, "regression"), "linear")
    stored = read_predictions(tmp_path / "holdout.parquet")
    errors = stored.scores - stored.labels
    misses = result["misses"]
    assert misses["test_rows"] == len(errors)
    assert misses["over"] == pytest.approx(np.maximum(errors, 0).mean())
    assert misses["under"] == pytest.approx(np.maximum(-errors, 0).mean())
    assert misses["over_sd"] == pytest.approx(np.maximum(errors, 0).std())
    assert misses["under"] + misses["over"] == pytest.approx(
        result["holdout"]["mae"]["value"]
    )


def test_classifier_has_no_misses(priced):
    assert priced[1]["misses"] == {}
