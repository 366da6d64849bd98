"""Trials: asked for together, trained one by one, recorded exactly once."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction

from core import audit, objects
from core.access import Actor
from core.models import Job
from core.objects import Incoming
from engine.training.catalogue import resolve
from engine.training.metrics import specs
from engine.training.protocol import trial_key
from experiments.models import (
    LoggedModel,
    Protocol,
    Run,
    RunDetail,
    RunInput,
    Sweep,
)
from experiments.models.logged import Kept
from experiments.selectors.pricing import Priced
from experiments.services.pricing import (
    count_musts,
    data_inputs,
    price_columns,
    price_evidence,
    subject_of,
)
from experiments.services.slices import slice_measurements
from experiments.services.tracking import (
    MetricGiven,
    create_run,
    write_metrics,
    write_params,
    write_tags,
)
from projects.kinds import LEVEL_OF_FAMILY
from projects.models import GateKey, ValueCase
from projects.services import Measurement, Subject, check_gate, record_evidence
from projects.services.value import cite_case

OWNER = "run"
MODEL = "model.skops"
FILES = (MODEL, "oof.parquet", "holdout.parquet", "environment.json", "result.json")
NOT_KEPT = ("environment", "digests")


@dataclass(frozen=True)
class TrialAsked:
    """One model to train: its family, the parameters that differ, its seed."""

    family: str
    params: Mapping[str, Any]
    seed: int


@dataclass(frozen=True)
class Trained:
    """What came back from a training, before it is recorded."""

    result: dict[str, Any]
    points: Sequence[MetricGiven]
    files: Mapping[str, Incoming]
    priced: Priced
    case: ValueCase
    finished_at: int  # milliseconds since 1970


@transaction.atomic
def plan_sweep(
    protocol: Protocol,
    asked: Iterable[TrialAsked],
    *,
    actor: Actor,
    now: int,
    override_reason: str = "",
) -> tuple[Sweep, list[Run]]:
    """Return a sweep and the runs that are to be trained for it.

    A trial that exists already, by protocol, family, parameters and seed, is not made
    twice: one that failed or was stopped is tried again, any other stays as it is.

    Raises
    ------
    EngineError
        If a family, a parameter or a seed cannot be used.
    GateClosed
        If the data gate is closed for this data, and no owner gives a reason.
    """
    may_train_on(protocol, actor=actor, override_reason=override_reason)
    rules = protocol.rules
    asked = list(asked)
    sweep = Sweep.objects.create(
        experiment=protocol.experiment,
        protocol=protocol,
        spec=[
            {"family": t.family, "params": dict(t.params), "seed": t.seed}
            for t in asked
        ],
        created_by=actor.user,
    )
    runs = []
    for trial in asked:
        params = dict(resolve(trial.family, rules.task, trial.params))
        key = trial_key(protocol.digest, trial.family, params, trial.seed)
        run, is_new = _run_of(protocol, sweep, trial, params, key, actor=actor, now=now)
        if (is_new or run.is_broken) and run not in runs:
            runs.append(run)
    audit.record(
        actor,
        "start sweep",
        project_id=protocol.experiment.project_id,
        subject=protocol.experiment.name,
        detail={"sweep": sweep.pk, "trials": len(runs)},
    )
    return sweep, runs


def may_train_on(
    protocol: Protocol, *, actor: Actor, override_reason: str = ""
) -> None:
    """Let a training begin on a protocol's data, if the data gate does.

    Raises
    ------
    GateClosed
        If the data gate is closed for this data, and no owner gives a reason.
    """
    version = protocol.data_set_version
    check_gate(
        protocol.experiment.project,
        GateKey.DATA,
        action="train",
        subject=Subject(
            "data_set_version",
            str(version.pk),
            str(version),
            version.get_absolute_url(),
            version.digest,
        ),
        actor=actor,
        override_reason=override_reason,
    )


def _run_of(
    protocol: Protocol,
    sweep: Sweep,
    trial: TrialAsked,
    params: dict[str, Any],
    key: str,
    *,
    actor: Actor,
    now: int,
) -> tuple[Run, bool]:
    experiment = protocol.experiment
    known = Run.objects.filter(experiment=experiment, trial_key=key).first()
    if known:
        return known, False
    run = create_run(
        experiment,
        actor=actor,
        start_time=now,
        status=Run.Status.SCHEDULED,
        sweep=sweep,
        protocol=protocol,
        family=trial.family,
        spec=params,
        seed=trial.seed,
        trial_key=key,
        primary_key=protocol.rules.primary_metric,
    )
    write_tags(run, {"portal.protocol": protocol.digest, "portal.family": trial.family})
    return run, True


def queue_trial(run: Run, job: Job) -> None:
    """Note the job that will train a run."""
    run.job, run.status, run.problem = job, Run.Status.SCHEDULED, ""
    run.end_time = None
    run.save(update_fields=["job", "status", "problem", "end_time"])


def begin_trial(run: Run, *, attempt: int, now: int) -> bool:
    """Mark a run as running; return False if it ended or a later attempt has it."""
    waiting = Run.objects.filter(
        pk=run.pk,
        status__in=[Run.Status.SCHEDULED, Run.Status.RUNNING],
        attempt__lte=attempt,
    )
    return bool(
        waiting.update(status=Run.Status.RUNNING, attempt=attempt, start_time=now)
    )


def end_trial(run: Run, *, status: str, problem: str, now: int) -> None:
    """Note that a training failed or was stopped, and why."""
    Run.objects.filter(
        pk=run.pk, status__in=[Run.Status.SCHEDULED, Run.Status.RUNNING]
    ).update(status=status, problem=problem, end_time=now)


def receive_files(folder: Path, result: Mapping[str, Any]) -> dict[str, Incoming]:
    """Return the files of a training by path, received into the store.

    Beside what the training wrote: its result and its environment as JSON.
    """
    for name, content in (
        ("environment.json", result["environment"]),
        ("result.json", {k: v for k, v in result.items() if k != "environment"}),
    ):
        (folder / name).write_text(json.dumps(content, indent=1, sort_keys=True))
    return {
        name: objects.receive_file(folder / name)
        for name in FILES
        if (folder / name).is_file()
    }


@transaction.atomic
def record_trial(run: Run, trained: Trained) -> None:
    """Write everything a training has found; the caller holds the job's fence."""
    result = trained.result
    Run.objects.select_for_update().get(pk=run.pk)
    _record_numbers(run, trained)
    _record_files(run, trained.files)
    _set_columns(run, trained)
    price_columns(run, trained.priced, trained.case)
    run.save()
    _record_evidence(run, result)
    price_evidence(run, trained.priced, trained.case)
    count_musts(run.project, [run])
    run.save(update_fields=["musts", "musts_met"])
    RunDetail.objects.update_or_create(
        run=run,
        defaults={
            "result": {k: v for k, v in result.items() if k not in NOT_KEPT},
            "price": trained.priced.to_json(),
            "environment": result["environment"],
        },
    )
    _record_model(run, result)
    cite_case(trained.case)


def _set_columns(run: Run, trained: Trained) -> None:
    result = trained.result
    primary = result["holdout"][result["primary_metric"]]
    run.status, run.problem = Run.Status.FINISHED, ""
    run.end_time = trained.finished_at
    run.primary_key = result["primary_metric"]
    kept = Kept.of(primary["value"])
    run.primary_value, run.primary_is_nan = kept.value, kept.is_nan
    run.primary_low, run.primary_high = primary["low"], primary["high"]
    run.counts = result["counts"]["holdout"]
    run.threshold = result["threshold"]["value"] if result["threshold"] else None
    run.digests = result["digests"] | {"model": result["model"]["sha256"]}


def _record_numbers(run: Run, trained: Trained) -> None:
    result = trained.result
    write_params(
        run,
        [
            ("family", result["family"]),
            ("seed", str(result["seed"])),
            *((key, str(value)) for key, value in result["params"].items()),
        ],
    )
    run.points.all().delete()
    run.metrics.all().delete()
    once = [
        MetricGiven(key, value, trained.finished_at)
        for key, value in final_metrics(result).items()
    ]
    write_metrics(run, [*trained.points, *once])
    version = run.protocol.data_set_version if run.protocol else None
    if version:
        RunInput.objects.get_or_create(
            run=run,
            name=str(version.data_set),
            digest=version.digest,
            context="training",
            defaults={
                "source_type": "portal",
                "source": f"version {version.number}",
            },
        )


def final_metrics(result: Mapping[str, Any]) -> dict[str, float]:
    """Return the numbers of a finished trial by key.

    The holdout's carry the plain key, those of cross-validation begin with `cv/`.
    """
    found = {key: value["value"] for key, value in result["holdout"].items()}
    found |= {f"cv/{key}": value["value"] for key, value in result["cv"].items()}
    found |= {key: float(n) for key, n in result["counts"]["holdout"].items()}
    found |= {key: float(amount) for key, amount in result["misses"].items()}
    found |= {
        "latency_p50": result["latency"]["p50_ms"],
        "latency_p99": result["latency"]["p99_ms"],
        "model_bytes": float(result["model"]["bytes"]),
        "fit_seconds": result["timings"]["cross_validation_seconds"],
    }
    if result["threshold"]:
        found["threshold"] = result["threshold"]["value"]
    if result["money"]:
        found["money_per_1000"] = result["money"]["holdout_per_1000"]["value"]
    return found


def _record_files(run: Run, files: Mapping[str, Incoming]) -> None:
    objects.release(OWNER, run.pk)
    for path, incoming in files.items():
        objects.attach(
            incoming,
            project_id=run.project_id,
            owner_kind=OWNER,
            owner_id=run.pk,
            path=path,
        )


def _record_evidence(run: Run, result: Mapping[str, Any]) -> None:
    n, known = result["rows"]["holdout"], specs(run.project.task)
    measured = [
        Measurement(
            key,
            value["value"],
            value["low"],
            value["high"],
            n=n,
            unit=known[key].unit if key in known else "",
        )
        for key, value in result["holdout"].items()
    ]
    latency = result["latency"]
    measured += [
        Measurement("latency_p99", latency["p99_ms"], n=latency["calls"], unit="ms"),
        Measurement("latency_p50", latency["p50_ms"], n=latency["calls"], unit="ms"),
        Measurement("model_bytes", result["model"]["bytes"] / 1e6, unit="MB"),
    ]
    family = result["family"]
    if (level := LEVEL_OF_FAMILY.get(family)) is not None:
        measured.append(
            Measurement("interpretability", level, unit="level", note=family)
        )
    if "slices" in result:
        measured += slice_measurements(run, result["slices"])
    record_evidence(
        run.project,
        subject=subject_of(run),
        measurements=measured,
        inputs=data_inputs(run),
        job_id=run.job_id,
        attempt=run.attempt,
    )


def _record_model(run: Run, result: Mapping[str, Any]) -> None:
    LoggedModel.objects.filter(run=run).delete()
    LoggedModel.objects.create(
        id=LoggedModel.new_id(),
        experiment=run.experiment,
        run=run,
        name=run.name,
        model_type=f"skops:{result['family']}",
        status=LoggedModel.Status.READY,
    )
