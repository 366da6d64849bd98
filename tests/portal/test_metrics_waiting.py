"""What is not settled about metrics waits on home, in the strip and as a next step."""

import pytest
from django.urls import reverse

from core.access import Actor
from mlops_portal.selectors.home import waiting_for
from mlops_portal.selectors.next_step import _metrics as metrics_step
from projects import services
from projects.models import MetricAlignment
from projects.selectors.stations import metrics_station
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return factories.a_project()


@pytest.fixture
def ana(project):
    user = factories.a_member(project, "contributor", name="Ana Ferreira")
    return factories.a_stakeholder(project, "Ana Ferreira", user=user)


def say(person, key="recall", **fields):
    metric = person.project.metrics.get(key=key)
    said = MetricAlignment(
        stakeholder=person,
        metric=metric,
        **{"weight": "primary", "agreed": "yes", **fields},
    )
    return services.say_of_metric(said, actor=Actor(user=person.user))


def change(project, key="recall"):
    metric = project.metrics.get(key=key)
    metric.words = "of those who leave, the share that is found"
    services.save_metric(metric, actor=Actor(user=project.created_by))
    return metric


def waits(person):
    return [(each.what, each.detail) for each in waiting_for(Actor(user=person.user))]


def test_a_metric_that_changed_waits_for_who_agreed_until_they_say_it_again(
    project, ana
):
    said = say(ana)
    assert waits(ana) == []
    metric = change(project)
    ((what, detail),) = waits(ana)
    assert what == "Say what you think of “Recall”"
    assert "something else" in detail
    station = metrics_station(project)
    assert (station.state, station.state_text) == ("stale", "changed since: ask again")
    said.metric = metric
    services.say_of_metric(said, actor=Actor(user=ana.user))
    assert waits(ana) == []
    assert metrics_station(project).state == "met"


def test_who_was_named_and_has_not_said_yet_is_asked_and_a_retired_metric_asks_nobody(
    project, ana
):
    said = say(ana, agreed="open")
    assert [detail for _what, detail in waits(ana)] == [
        "you were named, and have not said yet"
    ]
    services.retire_metric(said.metric, actor=Actor(user=project.created_by))
    assert waits(ana) == []


def test_dissent_over_what_decides_fails_the_station_by_name(project, ana):
    say(ana)
    ruth = factories.a_stakeholder(project, "Ruth Adler")
    say(ruth, weight="secondary", agreed="no")
    station = metrics_station(project)
    assert (station.state, station.state_text) == ("failing", "Ruth Adler: against")


def test_what_is_not_settled_is_the_next_step_and_opens_where_it_is_settled(
    project, ana
):
    (step,) = metrics_step(project)
    assert step.url == reverse("projects:metrics", args=[project.slug])
    say(ana)
    assert list(metrics_step(project)) == []
    metric = change(project)
    (step,) = metrics_step(project)
    assert step.url == metric.get_absolute_url()
    assert "ask again" in step.why
