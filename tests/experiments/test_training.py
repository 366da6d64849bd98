"""A training job, from the ask to one recorded result."""

import pytest

from core import notices
from core.access import Actor
from core.jobs import ask_cancel, ledger
from core.jobs.testing import in_process, run_now
from core.models import Job, ObjectRef
from engine.errors import EngineError
from experiments import services, tasks
from experiments.models import LoggedModel, MetricPoint, Run
from projects.models import Evidence, ValueCase
from projects.services import edit_case
from tests.experiments.factories import (
    NOW,
    a_protocol,
    a_run,
    a_version,
    an_experiment,
    customers,
)


def test_a_trial_runs_in_its_child_and_leaves_one_result(start, work_dir):
    (run,) = start("linear")
    job = run_now(run.job)
    run.refresh_from_db()
    assert (job.state, job.error) == (Job.State.SUCCEEDED, "")
    assert run.status == Run.Status.FINISHED
    assert run.money_low <= run.money_mean <= run.money_high
    assert {ref.path for ref in ObjectRef.objects.filter(owner_id=run.pk)} == {
        "model.skops",
        "oof.parquet",
        "holdout.parquet",
        "environment.json",
        "result.json",
    }


def test_metrics_of_folds_are_points_and_the_holdout_is_the_last_value(trained):
    run = trained[0]
    steps = MetricPoint.objects.filter(run=run, key="fold/average_precision")
    assert sorted(steps.values_list("step", flat=True)) == [0, 1]
    result = run.detail.result
    assert run.metrics.get(key="recall").last == result["holdout"]["recall"]["value"]
    assert run.metrics.get(key="cv/recall").last == result["cv"]["recall"]["value"]
    assert dict(run.params.values_list("key", "value"))["family"] == "linear"
    assert LoggedModel.objects.get(run=run).status == LoggedModel.Status.READY


def test_a_finished_trial_leaves_evidence_of_each_metric_and_its_price(trained):
    run = trained[0]
    rows = Evidence.objects.filter(
        subject_kind="run", subject_id=run.pk, requirement_version=None
    )
    by_key = {row.metric_key: row for row in rows}
    assert {"recall", "average_precision", "latency_p99", "net_value"} <= set(by_key)
    price = by_key["net_value"]
    assert (price.value, price.low, price.high) == (
        run.money_mean,
        run.money_low,
        run.money_high,
    )
    assert price.inputs["value_case"] == run.value_case.digest
    version = run.protocol.data_set_version
    assert by_key["recall"].inputs == {
        version.data_set.input_name: version.digest,
        "protocol": run.protocol.digest,
    }
    assert run.value_case.cited_at is not None


def test_runs_of_one_protocol_are_compared_when_they_are_done(trained):
    assert {run.tie_group is None for run in trained} == {False}
    assert min(run.money_group for run in trained) == 1


def test_the_same_spec_twice_is_one_run(start, jobs_inline):
    (first,) = start("tree")
    assert start("tree") == []
    jobs_inline()
    assert start("tree") == []
    assert Run.objects.filter(pk=first.pk).count() == Run.objects.count() == 1


def test_a_failing_training_says_why_and_can_be_tried_again(
    start, work_dir, monkeypatch
):
    def breaks(**_arguments):
        raise EngineError("column 'charge': holds no number; exclude it")

    (run,) = start("linear")
    monkeypatch.setattr(tasks.calls, "train", breaks)
    run_now(run.job, runner=in_process)
    run.refresh_from_db()
    assert (run.status, run.problem) == (
        Run.Status.FAILED,
        "column 'charge': holds no number; exclude it",
    )
    monkeypatch.undo()
    (again,) = start("linear")
    assert again.pk == run.pk
    run_now(again.job, runner=in_process)
    run.refresh_from_db()
    assert (run.status, run.problem) == (Run.Status.FINISHED, "")


def test_a_cancelled_training_is_a_killed_run(start, owner):
    (run,) = start("linear")
    ask_cancel(run.job, actor=Actor(user=owner))
    run.refresh_from_db()
    assert run.status == Run.Status.KILLED


def test_a_quarantined_training_is_a_failed_run(start, settings):
    (run,) = start("linear")
    for _loss in range(settings.JOB_MAX_LOSSES):
        Job.objects.update(not_before=None)
        claimed = ledger.claim(Job.objects.get(pk=run.job_id), owner="gone")
        ledger.lose(claimed, reason="the worker died")
    run.refresh_from_db()
    assert run.status == Run.Status.FAILED
    assert "died" in run.problem


def test_a_second_attempt_that_comes_late_changes_nothing(start, jobs_inline):
    (run,) = start("tree")
    jobs_inline()
    run.refresh_from_db()
    assert not services.begin_trial(run, attempt=run.attempt + 1, now=NOW)
    services.end_trial(run, status=Run.Status.FAILED, problem="late", now=NOW)
    run.refresh_from_db()
    assert run.status == Run.Status.FINISHED


def test_a_viewer_who_lost_the_right_trains_nothing(start, owner, project, jobs_inline):
    (run,) = start("tree")
    project.memberships.update(role="viewer")
    jobs_inline()
    run.refresh_from_db()
    assert run.status == Run.Status.FAILED


def test_a_new_value_case_reprices_every_run(trained, project, owner, jobs_inline):
    actor = Actor(user=owner)
    before = {run.pk: run.money_mean for run in trained}
    drivers = trained[0].value_case.drivers
    free = [{**d, "expression": "0"} if d["category"] == "cost" else d for d in drivers]
    case = edit_case(project, actor=actor, changes={"drivers": free})
    assert ValueCase.objects.filter(project=project).count() == 2
    tasks.start_pricing(project, actor=actor)
    jobs_inline()
    for run in trained:
        run.refresh_from_db()
        assert run.value_case == case
        assert run.money_mean > before[run.pk]
        newest = Evidence.objects.get(
            subject_id=run.pk,
            metric_key="net_value",
            requirement_version=None,
            superseded_by=None,
        )
        assert newest.inputs["value_case"] == case.digest


@pytest.mark.parametrize(
    ("metrics", "state"),
    [
        ({"tp": 80, "fn": 20, "fp": 40, "tn": 260}, Run.Price.BAND),
        ({"recall": 0.8, "fpr": 0.13}, Run.Price.POINT),
        ({"recall": 0.8, "precision": 0.67, "prevalence": 0.25}, Run.Price.POINT),
        ({"recall": 0.8, "precision": 0.67}, Run.Price.NONE),
        ({"recall": 0.8, "precision": 0.1, "prevalence": 0.6}, Run.Price.NONE),
        ({"tp": 80, "fn": 20, "fp": 40}, Run.Price.NONE),
    ],
)
def test_a_run_from_outside_is_priced_as_far_as_it_told(
    project, owner, experiment, jobs_inline, metrics, state
):
    run = a_run(experiment, metrics=metrics, status=Run.Status.FINISHED)
    tasks.start_pricing(project, actor=Actor(user=owner))
    jobs_inline()
    run.refresh_from_db()
    assert run.price_state == state
    if state == Run.Price.NONE:
        assert run.money_mean is None
        assert "log" in run.not_priced
    assert not Evidence.objects.filter(subject_id=run.pk).exists()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        ({"row": list(range(240))}, "another value in each"),
        ({"same": ["x"] * 240}, "one value in every row"),
        ({"nothing": [None] * 240}, "no value in any row"),
    ],
)
def test_useless_columns_are_left_out_and_named(
    project, tmp_path, owner, jobs_inline, spoil, said
):
    columns = customers() | spoil
    protocol = a_protocol(an_experiment(project), a_version(project, tmp_path, columns))
    asked = [services.TrialAsked("tree", {}, 1)]
    actor = Actor(user=owner)
    _sweep, (run,) = services.plan_sweep(protocol, asked, actor=actor, now=NOW)
    tasks.start_training(run, actor=actor)
    jobs_inline()
    run.refresh_from_db()
    assert run.status == Run.Status.FINISHED
    findings = run.detail.result["findings"]
    assert any(said in f["sentence"] and f["action"] == "excluded" for f in findings)


def test_a_copy_of_the_target_is_refused_with_its_name(
    project, tmp_path, owner, jobs_inline
):
    columns = customers()
    columns["left"] = [int(word == "yes") for word in columns["churn"]]
    protocol = a_protocol(an_experiment(project), a_version(project, tmp_path, columns))
    actor = Actor(user=owner)
    _sweep, (run,) = services.plan_sweep(
        protocol, [services.TrialAsked("tree", {}, 1)], actor=actor, now=NOW
    )
    tasks.start_training(run, actor=actor)
    jobs_inline()
    run.refresh_from_db()
    assert run.status == Run.Status.FAILED
    assert "'left'" in run.problem


def test_an_unknown_parameter_or_seed_starts_nothing(protocol, owner):
    actor = Actor(user=owner)
    for trial in (
        services.TrialAsked("linear", {"depth": 3}, 1),
        services.TrialAsked("oracle", {}, 1),
    ):
        with pytest.raises(EngineError):
            services.plan_sweep(protocol, [trial], actor=actor, now=NOW)


def test_whoever_asked_is_told_once_when_the_whole_sweep_is_over(
    protocol, owner, jobs_inline
):
    asked = [services.TrialAsked(family, {}, 1) for family in ("linear", "tree")]
    sweep, runs = services.plan_sweep(protocol, asked, actor=Actor(user=owner), now=NOW)
    for run in runs:
        tasks.start_training(run, actor=Actor(user=owner))
    jobs_inline()
    (notice,) = notices.unread_of(owner).filter(group=f"sweep:{sweep.pk}")
    assert notice.count == 1
    assert "all 2 runs asked for are over; 2 were trained" in notice.text
    assert notice.url == protocol.experiment.get_absolute_url()
