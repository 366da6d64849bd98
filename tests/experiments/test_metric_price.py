"""Runs of several classes are worth what the formulas make of their metrics."""

import pytest

from core.access import Actor
from experiments import services, tasks
from experiments.models import Run
from projects.models import Evidence, Project
from projects.selectors.value import case_result, current_case
from projects.services import derive, edit_case, require_derived
from tests.experiments.factories import (
    NOW,
    a_protocol,
    a_run,
    a_version,
    an_experiment,
    customers,
)
from tests.factories import a_project, gates_off

pytestmark = pytest.mark.django_db

PER_LETTER = "cost_saved * accuracy"  # what is saved if every letter is sorted right


def priced_by(project, owner, expression):
    """Make `expression` what is saved in a year."""
    drivers = [
        {**each, "expression": expression} if each["name"] == "savings" else each
        for each in current_case(project).drivers
    ]
    return edit_case(project, actor=Actor(user=owner), changes={"drivers": drivers})


@pytest.fixture
def letters(owner, store):
    return gates_off(
        a_project(
            owner,
            name="Sort letters",
            template=Project.Template.PLAIN,
            task=Project.Task.MULTICLASS,
        )
    )


def priced_runs(project, owner, jobs_inline, *runs):
    tasks.start_pricing(project, actor=Actor(user=owner))
    jobs_inline()
    for run in runs:
        run.refresh_from_db()
    return runs


def test_a_formula_may_name_a_share_of_the_catalogue_which_is_asked_until_a_run(
    letters, owner
):
    before = case_result(current_case(letters)).annual.mean
    case = priced_by(letters, owner, PER_LETTER)
    assert case.metrics == ("accuracy",)
    assert case.content["metrics"] == ["accuracy"]
    asked = letters.quantities.get(name="accuracy")
    assert (asked.label, asked.suffix, asked.formula_unit) == ("Accuracy", "%", "share")
    assert case_result(case).annual.mean < before


def test_runs_from_outside_are_priced_as_far_as_they_told(letters, owner, jobs_inline):
    priced_by(letters, owner, PER_LETTER)
    tries = an_experiment(letters, "Tries")
    done = {"status": Run.Status.FINISHED}
    counted, point, silent = priced_runs(
        letters,
        owner,
        jobs_inline,
        a_run(tries, metrics={"accuracy": 0.9, "test_rows": 2000}, **done),
        a_run(tries, metrics={"accuracy": 0.9}, **done),
        a_run(tries, metrics={"macro_f1": 0.9}, **done),
    )
    assert counted.price_state == Run.Price.BAND
    assert point.price_state == Run.Price.POINT
    assert counted.money_mean == pytest.approx(point.money_mean)
    means = current_case(letters).to_engine().means()
    gains = ("extra_revenue", "experience_value", "advantage_value")
    net = sum(means[name] for name in gains) - means["running_cost"]
    assert point.money_mean == pytest.approx(net + 0.9 * means["cost_saved"])
    assert silent.price_state == Run.Price.NONE
    assert silent.not_priced.startswith("accuracy missing: log what a test set gave")
    assert '{"metrics": [{"key": "accuracy", "value": 0.8}]}' in silent.not_priced
    # Nobody but the portal has measured them: never evidence for a gate.
    assert not Evidence.objects.filter(metric_key="net_value").exists()


def test_a_trained_run_is_priced_with_its_interval_shown_and_kept_as_evidence(
    letters, owner, client, tmp_path, jobs_inline
):
    priced_by(letters, owner, PER_LETTER)
    tries = an_experiment(letters, "Tries")
    protocol = a_protocol(
        tries,
        a_version(letters, tmp_path, customers(160)),
        task="multiclass",
        positive=None,
        primary_metric="macro_f1",
    )
    actor = Actor(user=owner)
    asked = [services.TrialAsked("linear", {}, seed=1)]
    _sweep, (run,) = services.plan_sweep(protocol, asked, actor=actor, now=NOW)
    tasks.start_training(run, actor=actor)
    jobs_inline()
    run.refresh_from_db()
    assert run.price_state == Run.Price.BAND
    price = Evidence.objects.get(metric_key="net_value", requirement_version=None)
    assert (price.value, price.low) == (run.money_mean, run.money_low)
    assert price.n == run.detail.result["rows"]["holdout"]
    before = run.money_mean
    priced_by(letters, owner, f"2 * {PER_LETTER}")
    priced_runs(letters, owner, jobs_inline, run)
    assert (run.price_state, run.money_mean > before) == (Run.Price.BAND, True)
    client.force_login(owner)
    assert "is worth about" in client.get(run.get_absolute_url()).content.decode()


def test_the_same_formula_says_what_the_metric_must_reach(letters, owner, client):
    priced_by(letters, owner, f"4 * {PER_LETTER}")
    client.force_login(owner)
    page = client.get(letters.url("projects:derive"), {"confidence": "0.5"})
    assert "Accuracy must be at least" in page.content.decode()
    found = derive(letters, confidence=0.5)
    assert (found.metric, found.comparison) == ("accuracy", "ge")
    version = require_derived(found, project=letters, actor=Actor(user=owner))
    assert version.title.startswith("Accuracy of at least ")
    assert version.unit == "share"


def test_units_hold_a_metric_to_be_a_plain_number(letters, owner, client):
    client.force_login(owner)
    with pytest.raises(Exception, match="is in no unit, where EUR / year is wanted"):
        priced_by(letters, owner, "accuracy * accuracy")
    assert not letters.quantities.filter(name="accuracy").exists()
    # An error of no known range is added by hand: nothing would be wide for all.
    with pytest.raises(Exception, match="'log_loss' at position 19"):
        priced_by(letters, owner, "cost_saved * (1 - log_loss)")
