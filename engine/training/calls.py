"""What jobs call in a child process, importable without the learning libraries.

A worker and a web process only name these functions; the child that runs one of them
imports scikit-learn.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from engine.progress import Reporter
from engine.training.compare import ALPHA, candidate, holm, paired_bootstrap, tie_groups
from engine.training.metrics import FloatArray, Task, affordable_draws, resample
from engine.training.predictions import read_predictions
from engine.training.threshold import cells_from


def train(*, folder: Path, report: Reporter, **arguments: Any) -> dict[str, Any]:
    """Return what `engine.training.trial.run_trial` returns; arguments are its own."""
    from engine.training.trial import run_trial

    return run_trial(folder=folder, report=report, **arguments)


def measure_slices(
    *,
    folder: Path,
    report: Reporter,
    table: str,
    predictions: str,
    task: Task,
    threshold: float | None,
    seed: int,
    metrics: Sequence[str],
    named: Sequence[str],
    compared: Sequence[str],
) -> dict[str, Any]:
    """Return a `SliceReport` of stored predictions as JSON.

    Parameters
    ----------
    table, predictions
        Paths of the data set version, and of the predictions for its holdout.
    seed
        That of the holdout's own intervals.
    metrics, named, compared
        As of `engine.training.slices.measure_slices`.
    """
    from engine.training import slices

    del folder
    report.progress(0.1, "measuring groups")
    sample = slices.Sample(
        read_predictions(Path(predictions)), task, tuple(metrics), threshold, seed
    )
    found = slices.measure_slices(sample, Path(table), named=named, compared=compared)
    return found.to_json()


def compare_runs(
    *,
    folder: Path,
    report: Reporter,
    runs: list[dict[str, Any]],
    task: Task,
    metric: str,
    seed: int,
    test_share: float,
    cells: dict[str, Any] | None = None,
    units: dict[str, float] | None = None,
) -> dict[str, Any]:
    """Return which runs of one protocol cannot be told apart, by metric and by money.

    Parameters
    ----------
    runs
        Each with key, path of its holdout predictions, folds (the metric per fit),
        holdout (the metric), threshold and money (its price, or None).
    seed
        That of the resamples; equal for all runs.
    test_share
        Test rows over training rows of one fit.
    cells
        Money per case, as `run_trial` takes them.
    units
        Of a regression: what a unit less too low ("under") and too high ("over") is
        worth, on average over the forecasts.

    Returns
    -------
    dict
        groups and money {key: tie group from 1, the best}, and the verdicts.
    """
    del folder
    stored = {run["key"]: read_predictions(Path(run["path"])) for run in runs}
    report.progress(0.2, "comparing")
    candidates = [
        candidate(
            run["key"],
            task=task,
            metric=metric,
            folds=run["folds"],
            labels=stored[run["key"]].labels,
            scores=stored[run["key"]].scores,
            seed=seed,
            holdout=run["holdout"],
            threshold=run["threshold"],
        )
        for run in runs
    ]
    verdicts = tie_groups(candidates, task=task, metric=metric, test_share=test_share)
    report.progress(0.7, "comparing in money")
    earned = _earned(cells, units)
    return {
        "groups": {verdict.key: verdict.group for verdict in verdicts},
        "verdicts": [asdict(verdict) for verdict in verdicts],
        "money": {}
        if earned is None
        else _money_groups(runs, stored, task=task, seed=seed, earned=earned),
    }


def _earned(
    cells: dict[str, Any] | None, units: dict[str, float] | None
) -> Callable[[Mapping[str, FloatArray]], FloatArray] | None:
    """Return how resampled metrics become money; None where nothing has a price."""
    if cells is not None:
        money = cells_from(cells)
        return lambda found: money.per_1000(found["recall"], found["fpr"])
    if units is not None:
        under, over = units["under"], units["over"]
        # The mean absolute error is the sum of both misses, the bias what is over.
        return lambda found: (
            -under * (found["mae"] - found["bias"]) / 2
            - over * (found["mae"] + found["bias"]) / 2
        )
    return None


def _money_groups(
    runs: list[dict[str, Any]],
    stored: dict[str, Any],
    *,
    task: Task,
    seed: int,
    earned: Callable[[Mapping[str, FloatArray]], FloatArray],
) -> dict[str, int]:
    """Return tie groups in the order of prices, by a paired bootstrap of the money."""
    priced = [run for run in runs if run["money"] is not None]
    order = [run["key"] for run in sorted(priced, key=lambda run: -run["money"])]
    drawn = {
        run["key"]: earned(_drawn(run, stored[run["key"]], task=task, seed=seed))
        for run in priced
    }
    groups: dict[str, int] = {}
    while order:
        group = max(groups.values(), default=0) + 1
        tied = _tied_with_first(order, drawn)
        groups |= dict.fromkeys(tied, group)
        order = [key for key in order if key not in tied]
    return groups


def _drawn(
    run: dict[str, Any], predictions: Any, *, task: Task, seed: int
) -> dict[str, FloatArray]:
    return resample(
        task,
        predictions.labels,
        predictions.scores,
        seed=seed,
        threshold=run["threshold"],
        draws=affordable_draws(len(predictions.labels)),
    )


def _tied_with_first(order: Sequence[str], drawn: dict[str, FloatArray]) -> list[str]:
    head, *rest = order
    p_values = holm(
        [
            paired_bootstrap(
                drawn[key],
                drawn[head],
                difference=float(np.mean(drawn[key] - drawn[head])),
                direction="higher",
            ).p
            for key in rest
        ]
    )
    return [head, *(k for k, p in zip(rest, p_values, strict=True) if p >= ALPHA)]
