"""Loading the worked example: each step once, so that a load that broke off goes on.

Data and training run as jobs, so whoever looks sees them progress.
"""

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core import objects
from core.access import Actor
from core.models import Job
from dataquality import services as data
from dataquality import tasks as data_tasks
from dataquality.models import Check, DataSet, DataSetVersion, Mitigation, Monitor
from experiments import services as trials
from experiments import tasks as training
from experiments.models import Experiment, Run
from experiments.selectors import best_run
from experiments.selectors.candidate import priced_runs, tied_with
from mlops_portal.example import afterwards, design, story
from projects import services
from projects.models import Decision, Project, Stakeholder
from projects.services.decision import INVENTED

FOLDER: Path = settings.BASE_DIR / "examples" / "churn"
WAIT_SECONDS = 600
POLL_SECONDS = 0.5

Say = Callable[[str], None]


class ExampleStuckError(RuntimeError):
    """A job of the example did not end well; the message names it."""


def load(actor: Actor, say: Say) -> Project:
    """Return the worked example, finished: from estimates to the signed decision.

    Raises
    ------
    ExampleStuckError
        If a job failed, or did not end in ten minutes.
    """
    project = _project(actor, say)
    _decide(project, story.DESIGN, actor, say)
    version = _data(project, actor, say)
    runs = _train(project, version, actor, say)
    project.refresh_from_db()
    _conclude(project, runs, actor, say)
    say("talk, a platform, and what came true")
    afterwards.talk(project, actor)
    afterwards.build_on_a_platform(project, actor)
    afterwards.come_true(project, actor, today=timezone.localdate())
    return project


def _project(actor: Actor, say: Say) -> Project:
    kept = Project.objects.filter(is_example=True, slug=story.project().slug).first()
    if kept is not None:
        return kept
    say("people, estimates and requirements")
    with transaction.atomic():
        return design.begin(actor)


def _data(project: Project, actor: Actor, say: Say) -> DataSetVersion:
    say("data: billing, then two versions of the customers")
    billing = _data_set(project, actor, **story.BILLING)
    customers = _data_set(project, actor, **story.CUSTOMERS)
    declared = story.checks(FOLDER)
    data.take_in(customers, declared, actor=actor, origin=Check.Origin.DECLARED)
    # One after the other: a version is held against the one before it.
    truth, _first, second = (
        _delivered(data_set, actor, file_name)
        for data_set, file_name in (
            (billing, "billing.csv"),
            (customers, "customers.csv"),
            (customers, "customers_2.csv"),
        )
    )
    _watch(customers, actor)
    _reconcile(second, truth, actor)
    return second


def _delivered(data_set: DataSet, actor: Actor, file_name: str) -> DataSetVersion:
    """Return a version that is ready."""
    version = _deliver(data_set, actor, file_name)
    _wait([version.job])
    version.refresh_from_db()
    return version


def _reconcile(mine: DataSetVersion, truth: DataSetVersion, actor: Actor) -> None:
    """Hold the customers against billing, row by row."""
    if mine.data_set.reconciliations.exists():
        return
    row = data.ask_reconciliation(mine, truth, actor=actor, matching=story.MATCHING)
    data_tasks.start_reconciling(row, actor=actor)


@transaction.atomic
def _watch(customers: DataSet, actor: Actor) -> None:
    """Say what an error does to a decision, and what is done about a gap."""
    if Monitor.objects.filter(data_set=customers).exists():
        return
    data.save_monitor(Monitor(data_set=customers, **story.MONITOR), actor=actor)
    data.plan_mitigation(
        Mitigation(data_set=customers, **story.IMPUTATION), actor=actor
    )


def _data_set(project: Project, actor: Actor, name: str, **said: Any) -> DataSet:
    kept = DataSet.objects.filter(project=project, name=name).first()
    return kept or data.create_data_set(project, actor=actor, name=name, **said)


def _deliver(data_set: DataSet, actor: Actor, file_name: str) -> DataSetVersion:
    incoming = objects.receive_file(FOLDER / file_name)
    with transaction.atomic():
        delivered = data.deliver(
            data_set, actor=actor, incoming=incoming, file_name=file_name
        )
        version = delivered.version
        if delivered.is_new:
            job = data_tasks.profile.start(
                actor=actor,
                project_id=data_set.project_id,
                title=f"Profile {version}",
                subject_url=version.get_absolute_url(),
                version_id=version.pk,
            )
            data.queue(version, job)
    return version


def _train(
    project: Project, version: DataSetVersion, actor: Actor, say: Say
) -> list[Run]:
    experiment = Experiment.objects.filter(project=project).first()
    if experiment is None:
        say("training a model of each family")
        experiment = _plan(project, version, actor)
    runs = list(Run.objects.filter(experiment=experiment).select_related("job"))
    _wait(run.job for run in runs)
    # The comparison starts when a run ends; the leaderboard waits for the last one.
    _wait(Job.objects.for_projects([project.pk]).unfinished())
    return list(Run.objects.filter(experiment=experiment))


@transaction.atomic
def _plan(project: Project, version: DataSetVersion, actor: Actor) -> Experiment:
    experiment = trials.create_experiment(
        Experiment(
            project=project,
            name="First models",
            hypothesis=story.HYPOTHESIS,
            motivation=story.MOTIVATION,
        ),
        actor=actor,
    )
    protocol = trials.add_protocol(
        experiment, actor=actor, version=version, rules=story.rules_of_the_trial()
    )
    asked = [
        trials.TrialAsked(family=family, params={}, seed=story.TRIAL_SEED)
        for family in story.FAMILIES
    ]
    _sweep, runs = trials.plan_sweep(
        protocol, asked, actor=actor, now=training.now_ms()
    )
    for run in runs:
        training.start_training(run, actor=actor)
    return experiment


def _conclude(project: Project, runs: list[Run], actor: Actor, say: Say) -> None:
    best = best_run(project)
    if best is None:
        raise ExampleStuckError("no run of the example could be priced")
    if not project.candidate_id:
        say(f"nominating {best.name}")
        trials.nominate(best, actor=actor)
    project.refresh_from_db()
    _decide(project, story.MODEL, actor, say)
    experiment = runs[0].experiment
    if not experiment.conclusion:
        trials.conclude(
            experiment,
            actor=actor,
            text=story.conclusion(best),
            content={"runs": [run.pk for run in runs], "best": best.pk},
        )
    _simplify(best, actor, say)
    project.refresh_from_db()


def _simplify(best: Run, actor: Actor, say: Say) -> None:
    """Nominate a simpler run in place of the signed one: its signature goes stale."""
    if best.project.candidate_id != best.pk:
        return
    others = [*tied_with(best), *priced_runs(best.project).exclude(pk=best.pk)]
    order = list(story.FAMILIES)
    models = [each for each in others[:2] if each.family != order[0]]
    simpler = min(models, key=lambda each: order.index(each.family), default=None)
    if simpler is not None:
        say(f"nominating {simpler.name} instead, which is simpler")
        trials.nominate(simpler, actor=actor)


def _decide(project: Project, asked: story.Proposal, actor: Actor, say: Say) -> None:
    decision = Decision.objects.filter(project=project, gate=asked.gate).first()
    if decision is None:
        say(f"proposing: {asked.question}")
        decision = services.propose_decision(
            Decision(
                project=project,
                gate=asked.gate,
                question=asked.question,
                verdict=Decision.Verdict.GO,
                rationale=asked.rationale,
            ),
            actor=actor,
        )
    signed = set(decision.signatures.values_list("name", flat=True))
    for name, word, comment in asked.signatures:
        person = Stakeholder.objects.get(project=project, name=name)
        if person.name not in signed:
            services.sign_decision(
                decision,
                actor=actor,
                word=word,
                comment=comment,
                stakeholder=person,
                method=INVENTED,
            )


def _wait(jobs: Iterable[Job | None]) -> None:
    """Return when all jobs are done; name the one that is not."""
    deadline = time.monotonic() + WAIT_SECONDS
    for job in jobs:
        while job is not None and not job.is_finished:
            if time.monotonic() > deadline:
                raise ExampleStuckError(f"“{job.title}” did not end: {job.state_words}")
            time.sleep(POLL_SECONDS)
            job.refresh_from_db()
        if job is not None and not job.succeeded:
            raise ExampleStuckError(f"“{job.title}” {job.state_words}: {job.error}")
