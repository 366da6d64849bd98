"""The frequency that is required sets the age that data is held against."""

from datetime import UTC, datetime

import pytest

from core.access import Actor
from dataquality import services
from projects.models import Evidence, Requirement
from projects.selectors.requirements import State, standing_of
from projects.services import delete_requirement, save_requirement

SMALL = b"name,visits\nAda,1\nBo,2\nCy,3\n"
DELIVERED = datetime(2026, 2, 26, tzinfo=UTC)


def require(project, owner, **details):
    row = Requirement(project=project, kind="frequency")
    said = {"title": "Fresh enough", "details": {"mode": "batch", **details}}
    save_requirement(row, actor=Actor(user=owner), said=said)
    return row


@pytest.fixture
def people(project, owner, declare):
    row = services.create_data_set(project, actor=Actor(user=owner), name="people")
    declare(row, ("freshness", {"max_age_days": 10, "at": "2026-03-11T00:00:00Z"}))
    return row


def test_the_requirement_sets_the_target_of_timeliness(project, owner, people, deliver):
    row = require(project, owner, every=1, period="month", freshness_days=20)
    version = deliver(people, SMALL, delivered_at=DELIVERED)
    scores = {each.dimension: each for each in version.profile.dimensions()}

    # 13 days old: late by the data set's own 10 days, in time by the 20 required.
    assert scores["timeliness"].value == 1
    assert version.profile.results.get().in_words == "the delivery at most 20 days old"
    assert standing_of(row).state is State.MET


def test_another_age_turns_only_timeliness_stale(project, owner, people, deliver):
    deliver(people, SMALL, delivered_at=DELIVERED)
    frequency = require(project, owner, every=1, period="week")
    project.refresh_from_db()
    stale = {
        row.metric_key
        for row in Evidence.objects.filter(requirement_version=None)
        if any(project.current_inputs.get(k, v) != v for k, v in row.inputs.items())
    }
    assert stale == {"timeliness_score"}
    # Thirteen days are more than the week that one batch in seven days asks for.
    assert standing_of(frequency).state is State.FAILED

    delete_requirement(frequency, actor=Actor(user=owner))
    project.refresh_from_db()
    assert project.current_inputs["freshness"] == "own"


def test_the_page_says_which_requirement_sets_the_age(
    client, project, owner, people, deliver
):
    deliver(people, SMALL, delivered_at=DELIVERED)
    require(project, owner, every=1, period="day")
    client.force_login(owner)
    page = client.get(people.get_absolute_url()).content.decode()
    assert "the delivery at most 1 days old, by “Fresh enough”" in page


def test_a_requirement_has_the_age_looked_at_where_nobody_declared_it(
    project, owner, deliver, data_set
):
    require(project, owner, every=1, period="month", freshness_days=20)
    version = deliver(data_set, SMALL, delivered_at=DELIVERED)
    (check,) = data_set.checks.all()

    assert (check.kind, check.origin) == ("freshness", "required")
    assert version.profile.results.get().declared_check == check
    services.put_in_trash(check, actor=Actor(user=owner))
    assert services.plan_for(version).asked["checks"] == []
