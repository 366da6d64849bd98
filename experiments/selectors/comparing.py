"""What a comparison of runs under one protocol needs."""

from collections.abc import Mapping, Sequence
from typing import Any

from experiments.models import Lifecycle, Protocol, Run
from experiments.selectors.pricing import cells_of, units_of
from projects.models import ProjectScopedQuerySet, ValueCase

MOST_COMPARED = 40


def finished_runs(protocol: Protocol) -> ProjectScopedQuerySet[Run]:
    """Return the active runs that finished under a protocol, the best first."""
    order = "-" if protocol.rules.direction == "higher" else ""
    return (
        Run.objects.filter(
            protocol=protocol,
            status=Run.Status.FINISHED,
            lifecycle_stage=Lifecycle.ACTIVE,
        )
        .exclude(primary_value=None)
        .order_by(f"{order}primary_value", "id")
    )


def comparable_runs(protocol: Protocol) -> list[Run]:
    """Return at most forty runs to compare, the best by the primary metric."""
    return list(
        finished_runs(protocol).select_related("detail", "value_case")[:MOST_COMPARED]
    )


def comparison_of(
    protocol: Protocol, runs: Sequence[Run], paths: Mapping[str, str]
) -> dict[str, Any]:
    """Return the arguments of `engine.training.calls.compare_runs`."""
    rules = protocol.rules
    folds = runs[0].detail.result["folds"]
    share = sum(fold["n_test"] / fold["n_train"] for fold in folds) / len(folds)
    return {
        "runs": [_described(run, rules.primary_metric, paths[run.pk]) for run in runs],
        "task": rules.task,
        "metric": rules.primary_metric,
        "seed": rules.holdout_seed,
        "test_share": share,
        "cells": cells_of(protocol.value_case) if protocol.value_case else None,
        "units": units_of(_priced_by(runs)) if rules.task == "regression" else None,
    }


def _priced_by(runs: Sequence[Run]) -> ValueCase | None:
    """Return the value case the runs were priced by, if it was one for all."""
    cases = {run.value_case_id: run.value_case for run in runs if run.is_priced}
    return next(iter(cases.values())) if len(cases) == 1 else None


def _described(run: Run, metric: str, path: str) -> dict[str, Any]:
    folds = run.detail.result["folds"]
    return {
        "key": run.pk,
        "path": path,
        "folds": [fold["metrics"][metric] for fold in folds],
        "holdout": run.primary_value,
        "threshold": run.threshold,
        "money": run.money_mean,
    }
