"""What is logged to runs keeps the meanings other tools rely on."""

import math

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.access import Actor
from experiments import services
from experiments.models import CLAMP, Lifecycle, Run, RunMetric
from experiments.services import Logged, MetricGiven
from experiments.services.tracking import NAME_TAG
from tests.experiments.factories import NOW, a_run

points = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.integers(0, 3),
        st.sampled_from([-2.0, 0.0, 0.5, 3.0, math.nan, math.inf, -math.inf]),
    ),
    min_size=1,
    max_size=12,
)


def log(run, key, *values):
    services.log_batch(
        run, Logged([MetricGiven(key, v, NOW + t, step) for step, t, v in values])
    )


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(points, st.randoms(use_true_random=False))
def test_latest_is_the_greatest_by_step_time_value_in_any_order(
    experiment, values, random
):
    kept = [
        (step, NOW + t, 0.0 if math.isnan(v) else min(max(v, -CLAMP), CLAMP))
        for step, t, v in values
    ]
    shuffled = random.sample(values, len(values))
    run = a_run(experiment)
    for one in shuffled:
        log(run, "loss_like", one)
    row = run.metrics.get()
    assert (row.last_step, row.last_timestamp, row.last) == max(kept)
    numbers = [k[2] for k, v in zip(kept, values, strict=True) if not math.isnan(v[2])]
    assert (row.min, row.max) == (
        min(numbers, default=None),
        max(numbers, default=None),
    )


def test_nan_and_infinities_are_kept_and_read_back(experiment):
    run = a_run(experiment)
    log(run, "m", (0, 0, math.nan), (1, 0, math.inf), (2, 0, -math.inf))
    shown = [point.shown for point in run.points.order_by("step")]
    assert math.isnan(shown[0])
    assert shown[1:] == [CLAMP, -CLAMP]
    log(run, "only_nan", (0, 0, math.nan))
    assert math.isnan(run.metrics.get(key="only_nan").shown)


def test_exact_duplicates_are_kept_once(experiment):
    run = a_run(experiment)
    for _again in range(2):
        log(run, "m", (1, 0, 0.5), (1, 0, 0.5), (1, 1, 0.5))
    assert run.points.count() == 2


def test_best_step_follows_the_direction_of_the_metric(experiment):
    run = a_run(experiment)
    log(run, "recall", (0, 0, 0.5), (1, 0, 0.9), (2, 0, 0.7))
    log(run, "log_loss", (0, 0, 0.5), (1, 0, 0.9), (2, 0, 0.3))
    rows = {row.key: row.best_step for row in RunMetric.objects.filter(run=run)}
    assert rows == {"recall": 1, "log_loss": 2}


def test_params_never_change_and_a_refused_batch_writes_nothing(experiment):
    run = a_run(experiment, params={"C": 1})
    services.log_batch(run, Logged(params=[("C", "1")]))
    with pytest.raises(ValidationError, match="never changes"):
        services.log_batch(
            run,
            Logged(
                metrics=[MetricGiven("recall", 0.5, NOW)],
                params=[("new", "1"), ("C", "2")],
                tags=[("team", "a")],
            ),
        )
    assert dict(run.params.values_list("key", "value")) == {"C": "1"}
    assert not run.metrics.exists()
    assert not run.tags.filter(key="team").exists()


@pytest.mark.parametrize(
    "logged",
    [
        Logged(metrics=[MetricGiven("m", 1.0, NOW, step) for step in range(1001)]),
        Logged(params=[(f"p{n}", "1") for n in range(101)]),
        Logged(tags=[(f"t{n}", "1") for n in range(101)]),
        Logged(
            metrics=[MetricGiven("m", 1.0, NOW, step) for step in range(950)],
            params=[(f"p{n}", "1") for n in range(60)],
        ),
        Logged(params=[("p", "x" * 6001)]),
        Logged(tags=[("t", "x" * 8001)]),
        Logged(metrics=[MetricGiven("k" * 251, 1.0, NOW)]),
        Logged(metrics=[MetricGiven("", 1.0, NOW)]),
        Logged(metrics=[MetricGiven("m", 1.0, NOW, 2**63)]),
        Logged(params=[("p", "1"), ("p", "1")]),
    ],
    ids=range(10),
)
def test_what_passes_a_limit_is_refused(experiment, logged):
    run = a_run(experiment)
    with pytest.raises(ValidationError):
        services.log_batch(run, logged)
    assert not run.points.exists()
    assert not run.params.exists()


def test_name_and_its_tag_stay_in_step(experiment):
    run = a_run(experiment)
    assert run.name
    assert run.tags.get(key=NAME_TAG).value == run.name
    services.update_run(run, name="by update")
    assert run.tags.get(key=NAME_TAG).value == "by update"
    services.log_batch(run, Logged(tags=[(NAME_TAG, "by tag")]))
    run.refresh_from_db()
    assert run.name == "by tag"


def test_an_archived_run_takes_no_writes_until_it_is_restored(experiment, owner):
    run, actor = a_run(experiment), Actor(user=owner)
    mine = Run.objects.filter(pk=run.pk)
    assert services.archive_runs(mine, actor=actor) == 1
    with pytest.raises(ValidationError, match="archived"):
        log(run, "m", (0, 0, 1.0))
    with pytest.raises(ValidationError, match="archived"):
        services.update_run(run, status="FINISHED")
    assert services.restore_runs(mine, actor=actor) == 1
    log(run, "m", (0, 0, 1.0))


def test_archiving_an_experiment_marks_its_runs_and_keeps_its_name(
    experiment, project, owner
):
    run, actor = a_run(experiment), Actor(user=owner)
    services.archive_experiment(experiment, actor=actor)
    run.refresh_from_db()
    assert run.lifecycle_stage == Lifecycle.DELETED
    with pytest.raises(ValidationError, match="exists already"):
        services.create_experiment(
            type(experiment)(project=project, name=experiment.name), actor=actor
        )
    with pytest.raises(ValidationError, match="archived"):
        a_run(experiment)
    services.restore_experiment(experiment, actor=actor)
    run.refresh_from_db()
    assert run.lifecycle_stage == Lifecycle.ACTIVE
