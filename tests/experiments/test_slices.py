"""Runs are measured for the groups that requirements name, before or after training."""

import pytest

from core.access import Actor
from core.jobs.testing import run_now
from core.models import Job
from experiments import tasks
from experiments.models import RunDetail
from experiments.services import nominate
from projects.models import Evidence, Requirement
from projects.selectors.requirements import State, standing_of
from projects.services import save_requirement
from tests.factories import a_user


def require(project, owner, **said):
    row = Requirement(project=project, kind=said.pop("kind", "accuracy"))
    given = {
        "title": "Finds leavers in every group",
        "metric_key": "recall",
        "comparison": "ge",
        "threshold": 0.05,
        "unit": "share",
        **said,
    }
    if row.kind == "compliance":
        given |= {"metric_key": "", "threshold": None, "test": "attested"}
    save_requirement(row, actor=Actor(user=owner), said=given)
    return row


@pytest.fixture
def wishes(project, owner):
    """A group, each group of a column, one nobody has, and groups to compare."""
    return {
        "group": require(project, owner, slice="contract=monthly"),
        "column": require(project, owner, slice="contract", minimum_n=1),
        "unknown": require(project, owner, slice="region = north"),
        "money": require(project, owner, slice="contract", metric_key="net_value"),
        "fair": require(
            project,
            owner,
            kind="compliance",
            details={
                "slices": ["contract", "gender"],
                "gap_metric": "recall",
                "gap_most": 99,
            },
        ),
    }


@pytest.fixture
def run(wishes, start, jobs_inline, owner, project):
    """A trained run, nominated."""
    (run,) = start("linear")
    jobs_inline()
    run.refresh_from_db()
    nominate(run, actor=Actor(user=owner))
    project.refresh_from_db()
    return run


def of(run, **wanted):
    rows = Evidence.objects.filter(
        subject_id=run.pk, requirement_version=None, superseded_by=None, **wanted
    )
    return rows.get()


def test_a_trial_is_measured_and_judged_by_group(run, wishes, client, owner):
    result = run.detail.result
    groups = {each["slice"]: each for each in result["slices"]["groups"]}
    monthly, yearly = groups["contract = monthly"], groups["contract = yearly"]
    assert monthly["rows"] + yearly["rows"] == result["rows"]["holdout"]
    cell = monthly["metrics"]["recall"]
    row = of(run, metric_key="recall", slice="contract = monthly")
    assert cell == {"value": row.value, "low": row.low, "high": row.high, "n": row.n}
    # Fewer than fifty leavers of a group say too little, unless somebody asks for less.
    assert cell["n"] < 50
    assert standing_of(wishes["group"]).state is State.TOO_LITTLE
    worst = of(run, metric_key="recall", slice="contract")
    assert worst.value == min(g["metrics"]["recall"]["value"] for g in groups.values())
    assert worst.note.startswith("the worst of its groups: contract = ")
    assert standing_of(wishes["column"]).deciding.evidence.value == worst.value

    unknown = standing_of(wishes["unknown"])
    assert unknown.state is State.TOO_LITTLE
    assert "the data has no column 'region'" in unknown.evidence.note
    money = standing_of(wishes["money"]).evidence
    assert money.note.startswith("net_value is not measured by group")
    gap = of(run, metric_key="recall_gap", slice="contract")
    assert (gap.value, gap.note[:10]) == (None, "Fewer than")
    assert standing_of(wishes["fair"]).state is State.TOO_LITTLE

    client.force_login(owner)
    page = client.get(run.get_absolute_url()).content.decode()
    assert "contract = monthly" in page
    assert "no column &#x27;region&#x27;" in page
    assert "Measure the groups" not in page
    page = client.get(wishes["unknown"].get_absolute_url()).content.decode()
    assert "no column &#x27;region&#x27;" in page
    page = client.get(wishes["fair"].get_absolute_url()).content.decode()
    assert "no column &#x27;gender&#x27;" in page


def test_a_group_named_after_the_training_is_measured_from_stored_predictions(
    trained, project, owner, client, jobs_inline
):
    run = trained[0]
    assert "slices" not in run.detail.result
    nominate(run, actor=Actor(user=owner))
    project.refresh_from_db()
    wish = require(project, owner, slice="tenure < 36", minimum_n=5)
    assert standing_of(wish).state is State.NOT_YET
    client.force_login(owner)
    page = client.get(wish.get_absolute_url()).content.decode()
    assert f"{run.get_absolute_url()}#groups" in page
    assert "Measure the groups" in client.get(run.get_absolute_url()).content.decode()

    url = f"{run.get_absolute_url()}slices/"
    assert client.post(url).status_code == 302
    assert client.post(url).status_code == 302
    job = Job.objects.get(kind="experiments.slices")  # asked for twice, started once
    jobs_inline()
    job.refresh_from_db()
    assert (job.state, job.error) == (Job.State.SUCCEEDED, "")
    row = of(run, metric_key="recall", slice="tenure < 36")
    assert standing_of(wish).state is State.MET
    assert row.inputs == of(run, metric_key="recall", slice="").inputs
    run.refresh_from_db()
    assert tasks.start_slices(run, actor=Actor(user=owner)) is None
    assert (run.musts, run.musts_met) == (1, 1)

    api = f"/api/v1/runs/{run.pk}/slices/"
    found = client.get(api).json()
    assert found["is_complete"]
    assert found["groups"][0]["metrics"][0]["n"] == row.n
    client.force_login(a_user())
    assert client.get(api).status_code == 404
    assert client.post(api).status_code == 404
    assert client.post(url).status_code == 404


def test_nominating_a_run_has_its_groups_measured(trained, project, owner, client):
    run = trained[0]
    require(project, owner, slice="contract")
    client.force_login(owner)
    client.post(f"{run.get_absolute_url()}nominate/")
    assert Job.objects.get(kind="experiments.slices").params == {"run_id": run.pk}


def test_measuring_again_takes_the_place_of_what_was_measured(run, project, owner):
    before = of(run, metric_key="recall", slice="contract = monthly")
    require(project, owner, slice="tenure < 36")
    job = tasks.start_slices(run, actor=Actor(user=owner))
    run_now(job)
    after = of(run, metric_key="recall", slice="contract = monthly")
    before.refresh_from_db()
    assert before.superseded_by == after
    assert (after.value, after.low) == (before.value, before.low)
    assert (
        "tenure < 36"
        in RunDetail.objects.get(run=run).result["slices"]["asked"]["named"]
    )
