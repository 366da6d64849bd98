"""The feed of a project: what happened, filtered by the address."""

import pytest
from django.urls import reverse

from core import topics
from core.access import Actor
from core.selectors.activity import _sentences, activity
from projects import services
from projects.selectors.comments import find_subject
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(client):
    project = factories.a_project(factories.a_user("Ana Ferreira"))
    mei = factories.a_member(project, "contributor", name="Mei Lin")
    subject = find_subject(project, "value", str(project.pk))
    services.post_comment(project, subject, actor=Actor(user=mei), text="Is it so?")
    client.force_login(project.created_by)
    return project


def feed(client, project, **query):
    page = client.get(reverse("project_activity", args=[project.slug]), query)
    assert page.status_code == 200
    return [line.words for line in page.context["activity"].lines]


def test_kind_in_the_address_leaves_its_acts(client, project):
    assert feed(client, project, kind="comments") == ["commented on the value"]
    assert "commented on the value" not in feed(client, project, kind="value")
    assert "commented on the value" in feed(client, project)


def test_project_itself_is_what_is_about_nothing_else(client, project):
    assert feed(client, project, kind="project") == ["began the project"]


def test_person_in_the_address_leaves_their_acts(client, project):
    mei = project.memberships.get(role="contributor").user
    assert feed(client, project, who=mei.uuid) == ["commented on the value"]
    assert feed(client, project, who=mei.uuid, kind="value") == []


@pytest.mark.parametrize(
    "query",
    [
        {"who": "x"},
        {"kind": "moon"},
        {"kind": "\x00"},
        {"before": "²"},
        {"before": "9" * 30},
    ],
)
def test_odd_addresses_break_nothing(client, project, query):
    feed(client, project, **query)


def test_acts_have_the_topic_their_name_tells():
    for action, topic in {
        "comment": "comments",
        "sign decision": "decisions",
        "attest": "requirements",
        "say of a metric": "metrics",
        "settle range": "value",
        "correct realised value": "value",
        "invite": "people",
        "upload data": "data",
        "start sweep": "experiments",
        "create project": "project",
    }.items():
        assert action in _sentences
        assert topics.topic_of(action) == topic


def test_feed_of_no_project_is_empty(project):
    assert activity([]) == []
