"""One trial: all folds, the threshold, one look at the holdout, the model kept."""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from engine import digests
from engine.errors import EngineError
from engine.progress import Reporter
from engine.training import (
    catalogue,
    environment,
    estimators,
    guards,
    latency,
    persist,
    preprocess,
)
from engine.training.cells import as_text, is_text, numbers
from engine.training.compare import corrected_t
from engine.training.crossfit import (
    CrossFit,
    cross_fit,
    fit,
    predict_scores,
    warnings_into,
)
from engine.training.explain import permutation_importance
from engine.training.impute import Strategy, check_features
from engine.training.metrics import (
    COUNTS,
    METRIC_VERSION,
    FloatArray,
    Interval,
    affordable_draws,
    intervals,
    measure,
    resample,
    specs,
)
from engine.training.predictions import Predictions, write_predictions
from engine.training.protocol import Protocol, trial_key
from engine.training.splitting import Split, split
from engine.training.table import (
    Features,
    Labels,
    candidate_features,
    file_digest,
    read_features,
    read_labels,
    read_table,
)
from engine.training.threshold import NEUTRAL, Cells, best_threshold, cells_from
from engine.value.regression import Misses, misses_json
from engine.version import ENGINE_VERSION


@dataclass(frozen=True)
class Prepared:
    """Everything a protocol fixes before a model is chosen."""

    features: Features
    labels: Labels
    split: Split
    findings: tuple[guards.Finding, ...]
    impute: Mapping[str, Strategy]  # but for columns that nothing is learnt from


def prepare(table: Path, protocol: Protocol) -> Prepared:
    """Return features, labels, split and findings for a stored table.

    Raises
    ------
    EngineError
        If table and protocol do not fit, or a column copies the target.
    """
    content = read_table(table, protocol)
    labels = read_labels(content, protocol)
    names = candidate_features(content, protocol)
    findings = guards.inspect_columns(content, names, labels)
    guards.refuse(findings)
    dropped = {f.column for f in findings if f.action == "excluded"}
    kept = [name for name in names if name not in dropped]
    features = read_features(content, kept)
    impute = {n: way for n, way in protocol.impute.items() if n not in dropped}
    check_features(impute, features)
    rows = split(
        labels.values,
        _codes(content, protocol.group_column),
        protocol,
        times=_instants(content, protocol.time_column),
    )
    findings += guards.inspect_infinite(features)
    findings += guards.inspect_duplicates(features, rows)
    return Prepared(features, labels, rows, findings, impute)


def run_trial(
    *,
    folder: Path,
    report: Reporter,
    table: str,
    protocol: dict[str, Any],
    family: str,
    params: dict[str, Any],
    seed: int,
    cells: dict[str, Any] | None = None,
    threads: int = 1,
) -> dict[str, Any]:
    """Train and measure one model under a protocol, and keep it.

    Writes `oof.parquet`, `holdout.parquet` and `model.skops` into `folder`. Keys of the
    result: trial_key, protocol_digest, engine_version, metric_code_version, task,
    primary_metric, family, params (all, with defaults), seed, threads, rows, classes,
    features, findings; threshold {value, rule}, folds [{fold, repeat, n_train, n_test,
    metrics, seconds}], cv {metric: value, low, high, sd}, oof {metric: value}, holdout
    {metric: value, low, high}, counts {oof, holdout}, misses (of a regression's
    holdout: test_rows, under, over, under_sd, over_sd), money {…per_1000}, importance,
    latency, model {path, bytes, sha256}, digests, timings, environment, warnings.

    Parameters
    ----------
    table
        Path of a parquet file whose SHA-256 is the protocol's `data_digest`.
    protocol
        As `Protocol.to_json` writes it.
    cells
        Money per case: tp, fn, fp, tn, and the target population's prevalence. Sets
        the threshold of a binary task; without them it is 0.5.

    Raises
    ------
    EngineError
        If table, protocol, parameters, seed or cells cannot be used.
    """
    rules = Protocol.from_json(protocol)
    _check_call(rules, seed, cells, threads)
    settings = catalogue.resolve(family, rules.task, params)
    money = cells_from(cells) if cells else None
    warned: list[str] = []
    with threadpool_limits(limits=threads), warnings_into(report, warned):
        started = time.perf_counter()
        prepared = prepare(Path(table), rules)
        for finding in prepared.findings:
            report.log(finding.sentence)
        loaded = time.perf_counter()
        trial = _Trial(rules, prepared, family, settings, seed, money, threads)
        result = trial.run(folder, report)
        result["timings"]["load_seconds"] = loaded - started
        result["timings"]["total_seconds"] = time.perf_counter() - started
        result["environment"] = environment.capture()
    result["warnings"] = warned
    result["digests"]["table"] = rules.data_digest
    report.progress(1.0, "done")
    return result


class _Trial:
    """The steps of one trial, sharing what was prepared."""

    def __init__(
        self,
        rules: Protocol,
        prepared: Prepared,
        family: str,
        params: dict[str, catalogue.Value],
        seed: int,
        money: Cells | None,
        threads: int,
    ) -> None:
        self.rules = rules
        self.prepared = prepared
        self.family = family
        self.params = params
        self.seed = seed
        self.money = money
        self.threads = threads
        training = prepared.split.training
        self.pipeline = preprocess.pipeline(
            catalogue.find(family).preparation,
            preprocess.layout(prepared.features, training),
            estimators.build(family, rules.task, params, seed, threads=threads),
            seed=seed,
            rows=len(training),
            impute=prepared.impute,
        )

    def run(self, folder: Path, report: Reporter) -> dict[str, Any]:
        """Return the trial's result, all but what surrounds it."""
        started = time.perf_counter()
        fitted = cross_fit(
            self.pipeline,
            self.prepared.features,
            self.prepared.labels,
            self.prepared.split,
            task=self.rules.task,
            report=report,
        )
        crossed = time.perf_counter()
        out_of_fold = fitted.predictions.averaged()
        threshold = self._threshold(out_of_fold)
        folds = self._fold_metrics(fitted, threshold, report)
        model = self._refit()
        refitted = time.perf_counter()
        holdout = self._holdout(model)
        write_predictions(fitted.predictions, folder / "oof.parquet")
        write_predictions(holdout, folder / "holdout.parquet")
        persist.save(model, folder / "model.skops")
        report.progress(0.9, "measuring the holdout")
        result = self._identity() | self._measured(out_of_fold, holdout, threshold)
        result["folds"] = folds
        result["cv"] = self._cross_validated(folds)
        result["importance"] = self._importance(model)
        result["latency"] = self._latency(model)
        result["model"] = _model_file(folder / "model.skops")
        result["digests"] = self._digests(fitted, holdout, folds)
        result["timings"] = {
            "cross_validation_seconds": crossed - started,
            "refit_seconds": refitted - crossed,
            "report_seconds": time.perf_counter() - refitted,
        }
        return result

    def _threshold(self, out_of_fold: Predictions) -> float | None:
        if self.rules.task != "binary":
            return None
        if self.money is None:
            return NEUTRAL
        return best_threshold(out_of_fold.labels, out_of_fold.scores, self.money)

    def _fold_metrics(
        self, fitted: CrossFit, threshold: float | None, report: Reporter
    ) -> list[dict[str, Any]]:
        lines = []
        for fold, part in fitted.parts():
            line = asdict(fold)
            if threshold is not None:
                values = self._with_money(
                    measure(
                        self.rules.task, part.labels, part.scores, threshold=threshold
                    )
                )
                for key in values.keys() - fold.metrics.keys() - set(COUNTS):
                    report.metric(key, values[key], step=fold.fold)
                line["metrics"] = {k: v for k, v in values.items() if k not in COUNTS}
            lines.append(line)
        return lines

    def _with_money(self, values: dict[str, float]) -> dict[str, float]:
        if self.money is None:
            return values
        tpr, fpr = np.array([values["recall"]]), np.array([values["fpr"]])
        return values | {"money_per_1000": float(self.money.per_1000(tpr, fpr)[0])}

    def _refit(self) -> Any:
        return fit(
            self.pipeline,
            self.prepared.features,
            self.prepared.labels,
            self.prepared.split.training,
            place="all training rows",
        )

    def _predict(self, model: Any) -> Any:
        def predict(frame: pd.DataFrame) -> FloatArray:
            return predict_scores(model, frame, self.rules.task)

        return predict

    def _holdout_frame(self) -> pd.DataFrame:
        return self.prepared.features.frame.iloc[self.prepared.split.holdout]

    def _holdout(self, model: Any) -> Predictions:
        rows = self.prepared.split.holdout
        scores = self._predict(model)(self._holdout_frame())
        labels = self.prepared.labels.values[rows]
        return Predictions(rows, labels, scores, np.zeros(len(rows), np.int64))

    def _identity(self) -> dict[str, Any]:
        prepared, rows = self.prepared, self.prepared.split
        protocol_digest = self.rules.digest()
        labels = prepared.labels
        return {
            "trial_key": trial_key(
                protocol_digest, self.family, self.params, self.seed
            ),
            "protocol_digest": protocol_digest,
            "engine_version": ENGINE_VERSION,
            "metric_code_version": METRIC_VERSION,
            "task": self.rules.task,
            "primary_metric": self.rules.primary_metric,
            "family": self.family,
            "params": dict(self.params),
            "seed": self.seed,
            "threads": self.threads,
            "rows": {
                "total": len(labels.values),
                "training": len(rows.training),
                "holdout": len(rows.holdout),
                "fits": len(rows.folds),
            },
            "classes": list(labels.classes),
            "features": [str(name) for name in prepared.features.frame.columns][:2000],
            "findings": [asdict(finding) for finding in prepared.findings[:500]],
        }

    def _measured(
        self, out_of_fold: Predictions, holdout: Predictions, threshold: float | None
    ) -> dict[str, Any]:
        task, seed = self.rules.task, self.rules.holdout_seed
        before = measure(
            task, out_of_fold.labels, out_of_fold.scores, threshold=threshold
        )
        values = measure(task, holdout.labels, holdout.scores, threshold=threshold)
        draws = affordable_draws(len(holdout.rows))
        drawn = resample(
            task,
            holdout.labels,
            holdout.scores,
            seed=seed,
            threshold=threshold,
            draws=draws,
        )
        measured = intervals(values, drawn)
        return {
            "threshold": None
            if threshold is None
            else {"value": threshold, "rule": "money" if self.money else "neutral"},
            "oof": {k: v for k, v in before.items() if k not in COUNTS},
            "holdout": {k: asdict(v) for k, v in measured.items() if k not in COUNTS},
            "holdout_draws": draws,
            "counts": {
                name: {k: int(part[k]) for k in COUNTS if k in part}
                for name, part in (("oof", before), ("holdout", values))
            },
            "misses": misses_json(Misses.of(holdout.labels, holdout.scores))
            if task == "regression"
            else {},
            "money": self._money(before, values, drawn),
        }

    def _money(
        self,
        before: dict[str, float],
        values: dict[str, float],
        drawn: dict[str, FloatArray],
    ) -> dict[str, Any] | None:
        if self.money is None:
            return None
        nobody, everybody = self.money.per_1000(
            np.array([0.0, 1.0]), np.array([0.0, 1.0])
        )
        band = intervals(
            {"money": self._with_money(values)["money_per_1000"]},
            {"money": self.money.per_1000(drawn["recall"], drawn["fpr"])},
        )["money"]
        return {
            "cells": asdict(self.money),
            "oof_per_1000": self._with_money(before)["money_per_1000"],
            "holdout_per_1000": asdict(band),
            "nobody_per_1000": float(nobody),
            "everybody_per_1000": float(everybody),
        }

    def _cross_validated(self, folds: list[dict[str, Any]]) -> dict[str, Any]:
        share = float(np.mean([fold["n_test"] / fold["n_train"] for fold in folds]))
        result = {}
        for key in folds[0]["metrics"]:
            values = np.array([fold["metrics"][key] for fold in folds])
            test = corrected_t(values, test_share=share)
            result[key] = asdict(Interval(test.mean, test.low, test.high)) | {
                "sd": float(values.std(ddof=1))
            }
        return result

    def _importance(self, model: Any) -> list[dict[str, Any]]:
        if self.family == "baseline":
            return []
        rows = self.prepared.split.holdout
        metric = self.rules.primary_metric
        found = permutation_importance(
            self._predict(model),
            self._holdout_frame(),
            self.prepared.labels.values[rows],
            task=self.rules.task,
            metric=metric if metric in self._rankable() else self._rankable()[0],
            rng=np.random.default_rng(self.seed),
        )
        return [asdict(item) for item in found]

    def _rankable(self) -> list[str]:
        """Return the metrics that need no threshold, the default first."""
        task = self.rules.task
        return [k for k, spec in specs(task).items() if not spec.at_threshold]

    def _latency(self, model: Any) -> dict[str, Any]:
        found = latency.single_row_latency(
            self._predict(model), self._holdout_frame(), calls=latency.CALLS
        )
        return asdict(found)

    def _digests(
        self, fitted: CrossFit, holdout: Predictions, folds: list[dict[str, Any]]
    ) -> dict[str, str]:
        rows = self.prepared.split
        return {
            "protocol": self.rules.digest(),
            "holdout_index": rows.holdout_digest,
            "fold_index": rows.folds_digest,
            "oof_predictions": fitted.predictions.digest(),
            "holdout_predictions": holdout.digest(),
            "fold_metrics": digests.digest([fold["metrics"] for fold in folds]),
        }


def _check_call(
    rules: Protocol, seed: int, cells: dict[str, Any] | None, threads: int
) -> None:
    if seed not in rules.seeds:
        raise EngineError(
            f"trial: seed {seed} is not one of the protocol's "
            f"({', '.join(map(str, rules.seeds))}); choose one of these"
        )
    if cells and rules.task != "binary":
        raise EngineError(
            f"trial: cells belong to a binary task, this one is {rules.task}; leave "
            "them out"
        )
    if not 1 <= threads <= 64:
        raise EngineError(f"trial: threads is {threads}; choose between 1 and 64")
    if rules.metric_code_version != METRIC_VERSION:
        raise EngineError(
            f"trial: the protocol asks for metric code {rules.metric_code_version}, "
            f"this is {METRIC_VERSION}; make a new version of the protocol"
        )


def _codes(content: Any, name: str | None) -> Any:
    if name is None:
        return None
    return np.unique(as_text(content[name]), return_inverse=True)[1]


def _instants(content: Any, name: str | None) -> Any:
    if name is None:
        return None
    column = content[name]
    if column.null_count:
        raise EngineError(
            f"time column {name!r}: {column.null_count} rows have no time; fill or "
            "remove them"
        )
    if is_text(column.type):
        raise EngineError(f"time column {name!r}: holds text; read it as a date first")
    return column.to_numpy() if _is_instant(column) else numbers(column)


def _is_instant(column: Any) -> bool:
    return str(column.type).startswith(("timestamp", "date"))


def _model_file(path: Path) -> dict[str, Any]:
    return {
        "path": path.name,
        "bytes": path.stat().st_size,
        "sha256": file_digest(path),
    }
