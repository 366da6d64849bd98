"""Gaps filled inside the fold: planned at the data, chosen for an experiment, shown."""

import pytest

from core.access import Actor
from dataquality import services as data
from dataquality.models import Mitigation
from experiments.models import Experiment, Run
from experiments.selectors.report import facts_of
from tests.experiments.factories import a_version, customers
from tests.experiments.test_api import RULES, by_token
from tests.experiments.test_pages import asked, create_url


@pytest.fixture
def version(project, tmp_path):
    """Customers of whom every fifth has no charge and every fourth no contract."""
    columns = customers()
    columns["charge"] = [
        None if n % 5 == 0 else v for n, v in numbered(columns, "charge")
    ]
    columns["contract"] = [
        None if n % 4 == 0 else v for n, v in numbered(columns, "contract")
    ]
    return a_version(project, tmp_path, columns)


def numbered(columns, name):
    return enumerate(columns[name])


@pytest.fixture
def plan(version, owner):
    """Return a function that plans by what a column is filled."""

    def plan(column, strategy):
        row = Mitigation(
            data_set=version.data_set, column=column, kind="impute", strategy=strategy
        )
        return data.plan_mitigation(row, actor=Actor(user=owner))

    return plan


def gaps_of(protocol):
    return {fact.name: fact.text for fact in facts_of(protocol)}


def test_the_form_begins_with_what_is_planned_and_takes_what_is_chosen(
    project, version, owner, client, plan, jobs_inline
):
    client.force_login(owner)
    assert (
        "No filling is planned"
        in client.get(create_url(project, version)).content.decode()
    )
    charge, contract = plan("charge", "median"), plan("contract", "most_frequent")
    form = client.get(create_url(project, version)).context["form"]
    assert [field.initial for field in form.gaps] == ["median", "most_frequent"]
    chosen = {f"impute_{charge.pk}": "model", f"impute_{contract.pk}": ""}
    answer = client.post(create_url(project, version), asked(**chosen))
    assert answer.status_code == 302
    experiment = Experiment.objects.get(name="Spring")
    protocol = experiment.protocols.get()
    assert protocol.rules.impute == {"charge": "model"}
    jobs_inline()
    assert set(Run.objects.values_list("status", flat=True)) == {"FINISHED"}
    said = gaps_of(protocol)
    assert (
        said["Missing values"]
        == "charge: predicted from the other numbers, learnt inside each fold"
    )
    assert "contract: the most frequent value" in said["Planned, not done here"]
    run = client.get(experiment.runs.latest("start_time").get_absolute_url())
    assert "Gaps of charge" in run.content.decode()
    data.plan_mitigation(
        Mitigation(
            data_set=version.data_set, column="charge", kind="impute", strategy="model"
        ),
        actor=Actor(user=owner),
    )
    shelf = client.get(version.data_set.get_absolute_url()).content.decode()
    assert f'done by <a href="{experiment.get_absolute_url()}">Spring</a>' in " ".join(
        shelf.split()
    )
    page = client.get(experiment.get_absolute_url()).content.decode()
    assert f"{version.data_set.get_absolute_url()}#mitigations" in page


def test_a_strategy_that_does_not_fit_and_a_column_left_out_are_not_filled(
    project, version, owner, client, plan
):
    client.force_login(owner)
    charge, contract = plan("charge", "median"), plan("contract", "category")
    wrong = client.post(
        create_url(project, version), asked(**{f"impute_{contract.pk}": "median"})
    )
    assert wrong.status_code == 422
    assert "not one of the available choices" in wrong.content.decode()
    left_out = asked(**{f"impute_{charge.pk}": "median", "excluded": ["charge"]})
    assert client.post(create_url(project, version), left_out).status_code == 302
    assert not Experiment.objects.get(name="Spring").protocols.get().rules.impute


def test_the_api_fills_as_planned_unless_it_is_told_otherwise(
    experiment, version, owner, plan
):
    dropped = plan("charge", "median")
    plan("contract", "most_frequent")
    api = by_token(owner)

    def freeze(**rules):
        body = {
            "experiment": experiment.pk,
            "data_set_version": version.pk,
            "content": {**RULES, **rules},
        }
        return api.post("/api/v1/protocols/", body, format="json")

    planned = {"charge": "median", "contract": "most_frequent"}
    assert freeze().data["content"]["impute"] == planned
    assert "impute" not in freeze(impute={}).data["content"]
    assert freeze(impute={"tenure": "model"}).data["content"]["impute"] == {
        "tenure": "model"
    }
    assert "choose one of" in str(freeze(impute={"tenure": "mean"}).data)
    assert "the target" in str(freeze(impute={"churn": "category"}).data)
    data.set_state_of_mitigation(dropped, "dropped", actor=Actor(user=owner))
    assert freeze(excluded=["contract"]).data["content"].get("impute") is None
