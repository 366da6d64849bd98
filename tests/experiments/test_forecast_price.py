"""Runs of a forecast project are worth what their errors spare, with a band."""

import numpy as np
import pytest

from core import objects
from core.access import Actor
from engine.training.predictions import read_predictions
from engine.value.regression import Misses, price_errors
from experiments import services, tasks
from experiments.models import Run
from projects.models import Evidence, Project
from projects.selectors.value import current_case
from projects.services import edit_case
from tests.experiments.factories import (
    NOW,
    a_protocol,
    a_run,
    a_version,
    an_experiment,
)
from tests.factories import a_project, gates_off

pytestmark = pytest.mark.django_db


def demand(rows: int = 240) -> dict[str, object]:
    """A table in which the units sold follow price and season."""
    rng = np.random.default_rng(3)
    price, season = rng.normal(10, 2, rows), rng.integers(0, 2, rows)
    return {
        "price": price.round(2),
        "season": ["warm" if warm else "cold" for warm in season],
        "sold": (60 - 2 * price + 8 * season + rng.normal(0, 5, rows)).round(),
    }


@pytest.fixture
def forecast_project(owner, store):
    return gates_off(
        a_project(
            owner,
            name="Order what sells",
            template=Project.Template.FORECAST,
            task=Project.Task.REGRESSION,
        )
    )


@pytest.fixture
def shelf(forecast_project):
    return an_experiment(forecast_project, "Shelf")


def a_forecast_protocol(shelf, project, folder):
    return a_protocol(
        shelf,
        a_version(project, folder, demand()),
        task="regression",
        target="sold",
        positive=None,
        primary_metric="mae",
        direction="lower",
        splitter="kfold",
    )


@pytest.fixture
def trained_forecast(shelf, forecast_project, owner, tmp_path, jobs_inline):
    protocol = a_forecast_protocol(shelf, forecast_project, tmp_path)
    asked = [services.TrialAsked("linear", {}, seed=1)]
    actor = Actor(user=owner)
    _sweep, (run,) = services.plan_sweep(protocol, asked, actor=actor, now=NOW)
    tasks.start_training(run, actor=actor)
    jobs_inline()
    run.refresh_from_db()
    return run


def test_runs_of_a_forecast_are_ranked_in_money_with_their_ties(
    shelf, forecast_project, owner, tmp_path, jobs_inline
):
    protocol = a_forecast_protocol(shelf, forecast_project, tmp_path)
    families = ("linear", "baseline", "linear")
    asked = [
        services.TrialAsked(
            family, {"alpha": at + 1.0} if family == "linear" else {}, 1
        )
        for at, family in enumerate(families)
    ]
    actor = Actor(user=owner)
    _sweep, runs = services.plan_sweep(protocol, asked, actor=actor, now=NOW)
    for run in runs:
        tasks.start_training(run, actor=actor)
    jobs_inline()
    for run in runs:
        run.refresh_from_db()
    one, baseline, other = runs
    assert baseline.money_mean < min(one.money_mean, other.money_mean)
    # Nearly the same model twice ties; guessing the mean does not.
    assert (one.money_group, other.money_group, baseline.money_group) == (1, 1, 2)


def misses_kept(run: Run) -> Misses:
    found = objects.local_path(objects.references("run", run.pk)["holdout.parquet"])
    stored = read_predictions(found)
    return Misses.of(stored.labels, stored.scores)


def test_trained_forecast_is_priced_by_its_holdout(trained_forecast):
    run = trained_forecast
    assert (run.status, run.price_state) == (Run.Status.FINISHED, Run.Price.BAND)
    misses, case = misses_kept(run), run.value_case
    wanted = price_errors(case.to_engine(), misses, seed=case.seed)
    assert run.money_mean == pytest.approx(wanted.mean)
    assert (run.money_low, run.money_high) == pytest.approx((wanted.p5, wanted.p95))
    assert run.money_low < run.money_mean < run.money_high
    logged = {row.key: row.last for row in run.metrics.all()}
    assert logged["under"] + logged["over"] == pytest.approx(logged["mae"])
    assert logged["over"] - logged["under"] == pytest.approx(logged["bias"])
    assert logged["test_rows"] == misses.n


def test_price_of_a_forecast_is_evidence_with_its_count(trained_forecast):
    row = Evidence.objects.get(
        subject_id=trained_forecast.pk,
        metric_key="net_value",
        requirement_version=None,
    )
    assert row.value == trained_forecast.money_mean
    assert row.n == misses_kept(trained_forecast).n


def test_dearer_shortage_reprices_the_forecast(
    trained_forecast, forecast_project, owner, jobs_inline
):
    before = trained_forecast.money_mean
    drivers = current_case(forecast_project).drivers
    dearer = [
        {**each, "expression": "2 * under_cost"} if each["per"] == "under" else each
        for each in drivers
    ]
    actor = Actor(user=owner)
    edit_case(forecast_project, actor=actor, changes={"drivers": dearer})
    tasks.start_pricing(forecast_project, actor=actor)
    jobs_inline()
    trained_forecast.refresh_from_db()
    assert trained_forecast.price_state == Run.Price.BAND
    assert trained_forecast.money_mean > before


def test_pages_show_a_forecast_run_and_its_money(
    trained_forecast, forecast_project, owner, client
):
    client.force_login(owner)
    run = trained_forecast
    for name, pk in (
        ("experiments", None),
        ("experiment", run.experiment_id),
        ("report", run.experiment_id),
        ("runs", None),
        ("run", run.pk),
    ):
        kwargs = {} if pk is None else {"pk": pk}
        answer = client.get(forecast_project.url(f"experiments:{name}", **kwargs))
        assert answer.status_code == 200, name
    page = answer.content.decode()
    assert "is worth about" in page
    assert "not priced" not in page


@pytest.mark.parametrize(
    ("metrics", "state", "said"),
    [
        (
            {"test_rows": 300, "under": 3, "over": 4, "under_sd": 5, "over_sd": 5},
            Run.Price.BAND,
            "",
        ),
        ({"under": 3, "over": 4}, Run.Price.POINT, ""),
        ({"mae": 7, "bias": 1}, Run.Price.POINT, ""),
        ({"mae": 7}, Run.Price.NONE, "log test_rows, under, over"),
        ({"mae": 1, "bias": 3}, Run.Price.NONE, "log both of one test set"),
        ({"tp": 8, "fn": 2, "fp": 4, "tn": 9}, Run.Price.NONE, "log test_rows"),
    ],
)
def test_forecast_from_outside_is_priced_as_far_as_it_told(
    forecast_project, shelf, owner, jobs_inline, metrics, state, said
):
    run = a_run(shelf, metrics=metrics, status=Run.Status.FINISHED)
    tasks.start_pricing(forecast_project, actor=Actor(user=owner))
    jobs_inline()
    run.refresh_from_db()
    assert run.price_state == state
    assert said in run.not_priced
    # Nobody but the portal has measured it: never evidence for a gate.
    assert not Evidence.objects.filter(subject_id=run.pk).exists()


def test_mean_errors_alone_say_the_same_money_as_all_five(
    forecast_project, shelf, owner, jobs_inline
):
    fields = {"status": Run.Status.FINISHED}
    full = {"test_rows": 300, "under": 3, "over": 4, "under_sd": 5, "over_sd": 5}
    whole = a_run(shelf, metrics=full, **fields)
    means = a_run(shelf, metrics={"mae": 7, "bias": 1}, **fields)
    tasks.start_pricing(forecast_project, actor=Actor(user=owner))
    jobs_inline()
    for run in (whole, means):
        run.refresh_from_db()
    assert whole.money_mean == pytest.approx(means.money_mean)
