"""Jobs of experiments: train one trial, compare runs, price them again."""

import time
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from core import objects
from core.access import Actor
from core.jobs import RunningJob, background_job
from core.models import Job
from dataquality.services import table_path
from engine.training import calls
from experiments import services
from experiments.models import Protocol, Run
from experiments.selectors.comparing import comparable_runs, comparison_of
from experiments.selectors.pricing import Holdout, cells_of, price_of
from experiments.selectors.runs import holdouts_of, measured_of
from experiments.selectors.slices import (
    JOB_KIND,
    PREDICTIONS,
    Wanted,
    lacks_slices,
    slices_job,
    wanted_slices,
)
from projects.models import Project
from projects.selectors.value import current_case

ENDED = {
    Job.State.CANCELLED: Run.Status.KILLED,
    Job.State.FAILED: Run.Status.FAILED,
    Job.State.QUARANTINED: Run.Status.FAILED,
}


def now_ms() -> int:
    """Return the time in milliseconds since 1970, UTC."""
    return time.time_ns() // 1_000_000


def may_train(actor: Actor, *, run_id: str) -> bool:
    """Whether the actor may still train this run."""
    return Run.objects.editable_by(actor).filter(pk=run_id).exists()


def trial_ended(job: Job) -> None:
    """Let the run follow a verdict other than success."""
    run = Run.objects.filter(job=job).first()
    if run is None:
        return
    stopped = _("Stopped by a person.")
    services.end_trial(
        run,
        status=ENDED[Job.State(job.state)],
        problem=job.error or (stopped if job.state == Job.State.CANCELLED else ""),
        now=now_ms(),
    )
    transaction.on_commit(partial(services.tell_of_sweep, run), robust=True)


@background_job(
    kind="experiments.train",
    queue="train",
    wall=settings.TRAIN_WALL_SECONDS,
    memory_mb=settings.TRAIN_MEMORY_MB,
    allowed=may_train,
    on_end=trial_ended,
)
def train(job: RunningJob, *, run_id: str) -> None:
    """Train one trial in a child, then record its scores, files, price and evidence."""
    run = Run.objects.select_related(
        "project", "experiment", "protocol__data_set_version__data_set"
    ).get(pk=run_id)
    if not services.begin_trial(run, attempt=job.attempt, now=now_ms()):
        return
    run.refresh_from_db(fields=["status", "attempt", "start_time", "job"])
    points: list[services.MetricGiven] = []
    job.on_metric = lambda key, value, step: points.append(
        services.MetricGiven(f"fold/{key}", value, now_ms(), step)
    )
    result = job.compute(calls.train, **_arguments(run))
    if wanted := wanted_slices(run):
        predictions = str(job.folder / PREDICTIONS)
        threshold = result["threshold"]["value"] if result["threshold"] else None
        result["slices"] = _by_group(job, run, wanted, predictions, threshold)
    files = services.receive_files(job.folder, result)
    case = current_case(run.project)
    numbers = services.final_metrics(result)
    priced = price_of(case, numbers, holdout=Holdout.of(result))
    trained = services.Trained(result, points, files, priced, case, now_ms())
    with job.recording({"run": run.pk}):
        services.record_trial(run, trained)
    services.tell_of_sweep(run)
    if run.protocol:
        compare_again(run.protocol)


def _arguments(run: Run) -> dict[str, Any]:
    protocol = run.protocol
    if protocol is None:
        raise ValueError(f"run {run.pk} has no protocol to be trained under")
    return {
        "table": str(table_path(protocol.data_set_version)),
        "protocol": protocol.content,
        "family": run.family,
        "params": run.spec,
        "seed": run.seed,
        "cells": cells_of(protocol.value_case) if protocol.value_case else None,
        "threads": settings.TRAIN_THREADS,
    }


def _by_group(
    job: RunningJob,
    run: Run,
    wanted: Wanted,
    predictions: str,
    threshold: float | None,
) -> dict[str, Any]:
    """Return what the run does for each group, and what was asked for."""
    protocol = run.protocol
    if protocol is None:
        raise ValueError(f"run {run.pk} has no protocol that names its data")
    rules = protocol.rules
    found = job.compute(
        calls.measure_slices,
        table=str(table_path(protocol.data_set_version)),
        predictions=predictions,
        task=rules.task,
        threshold=threshold,
        seed=rules.holdout_seed,
        **wanted.to_json(),
    )
    return {**found, "asked": wanted.to_json()}


@background_job(kind=JOB_KIND, queue="interactive", wall=300, allowed=may_train)
def measure_slices(job: RunningJob, *, run_id: str) -> None:
    """Measure a trained run for the groups that requirements name by now."""
    run = Run.objects.select_related(
        "project", "protocol__data_set_version__data_set"
    ).get(pk=run_id)
    wanted = wanted_slices(run)
    stored = objects.references("run", run.pk).get(PREDICTIONS)
    if not wanted or stored is None:
        return
    path = str(objects.local_path(stored))
    report = _by_group(job, run, wanted, path, run.threshold)
    with job.recording({"run": run.pk}) as row:
        services.record_slices(run, report, job=row)


@background_job(kind="experiments.compare", queue="interactive", wall=300)
def compare(job: RunningJob, *, protocol_id: int) -> None:
    """Find which runs of a protocol cannot be told apart, by metric and by money."""
    protocol = Protocol.objects.select_related("value_case").get(pk=protocol_id)
    runs = comparable_runs(protocol)
    if not runs:
        return
    paths = {
        run.pk: str(
            objects.local_path(objects.references("run", run.pk)["holdout.parquet"])
        )
        for run in runs
    }
    found = job.compute(calls.compare_runs, **comparison_of(protocol, runs, paths))
    with job.recording():
        services.record_groups(paths, found["groups"], found["money"])


def may_price(actor: Actor, *, of_project: int) -> bool:
    """Whether the actor may still have the project's runs priced."""
    return Project.objects.editable_by(actor).filter(pk=of_project).exists()


@background_job(
    kind="experiments.price", queue="interactive", wall=600, allowed=may_price
)
def price_runs(job: RunningJob, *, of_project: int) -> None:
    """Price every finished run of a project by its current value case."""
    project = Project.objects.get(pk=of_project)
    case = current_case(project)
    measured, holdouts = measured_of(project, case), holdouts_of(project, case)
    priced = {}
    for done, (pk, numbers) in enumerate(measured.items()):
        priced[pk] = price_of(case, numbers, holdout=holdouts.get(pk))
        job.progress(done / len(measured), _("pricing"))
    with job.recording({"runs": len(priced)}):
        services.record_prices(project, priced, case)
    for protocol in Protocol.objects.filter(runs__in=priced).distinct():
        compare_again(protocol)


def compare_again(protocol: Protocol) -> None:
    """Have the runs of a protocol compared, unless that waits to be done already."""
    waits = Job.objects.eligible().filter(
        kind=compare.kind.name, params__protocol_id=protocol.pk
    )
    if waits.exists():
        return
    experiment = protocol.experiment
    compare.start(
        actor=None,
        project_id=experiment.project_id,
        title=_("Compare the runs of %(name)s") % {"name": experiment.name},
        subject_url=experiment.get_absolute_url(),
        protocol_id=protocol.pk,
    )


def start_training(run: Run, *, actor: Actor) -> Job:
    """Submit the job that trains a run, in the caller's transaction."""
    job = train.start(
        actor=actor,
        project_id=run.project_id,
        title=_("Train %(name)s (%(family)s)")
        % {"name": run.name, "family": run.family},
        subject_url=run.get_absolute_url(),
        run_id=run.pk,
    )
    services.queue_trial(run, job)
    return job


def start_slices(run: Run, *, actor: Actor) -> Job | None:
    """Submit the job that measures a run by group; None if it lacks no group.

    One that waits already, or is at work, is enough.
    """
    if not lacks_slices(run):
        return None
    if waiting := slices_job(run):
        return waiting
    return measure_slices.start(
        actor=actor,
        project_id=run.project_id,
        title=_("Measure %(name)s by group") % {"name": run.name},
        subject_url=run.get_absolute_url(),
        run_id=run.pk,
    )


def price_again(run: Run, *, actor: Actor) -> None:
    """Have a run from outside priced once it is over, unless that waits already."""
    if not run.is_finished or run.is_trial:
        return
    waits = Job.objects.eligible().filter(
        kind=price_runs.kind.name, params__of_project=run.project_id
    )
    if not waits.exists():
        start_pricing(run.project, actor=actor)


def start_pricing(project: Project, *, actor: Actor) -> Job:
    """Submit the job that prices a project's runs, in the caller's transaction."""
    return price_runs.start(
        actor=actor,
        project_id=project.pk,
        title=_("Price the runs of %(project)s") % {"project": project.name},
        subject_url=project.url("experiments:runs"),
        of_project=project.pk,
    )
