"""The rooms of requirements, metrics and decisions, for each kind of member."""

import pytest
from django.urls import reverse

from core.access import Actor
from projects import services
from projects.models import Decision, Evidence, MetricAlignment, Requirement
from tests.factories import a_member, a_project, a_stakeholder, a_user, an_answer

REQUIREMENT = {
    "title": "Finds at least 70 of 100 leavers",
    "kind": "accuracy",
    "priority": "must",
    "test": "computed",
    "metric_key": "recall",
    "comparison": "ge",
    "threshold": "70 %",
    "unit": "share",
    "source": "",
}


@pytest.fixture
def project(db):
    return a_project()


@pytest.fixture
def owner(client, project):
    client.force_login(project.created_by)
    return client


def create(client, project, **changes):
    address = reverse("projects:requirement_create", args=[project.slug])
    return client.post(address, {**REQUIREMENT, **changes})


def test_an_editor_writes_a_requirement_in_per_cent(owner, project):
    assert create(owner, project).status_code == 302
    assert Requirement.objects.get().current.threshold == pytest.approx(0.7)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"threshold": "700 %"}, "is no share"),
        ({"threshold": "seventy"}, "is not a number"),
        ({"threshold": ""}, "Give the value it is held against."),
        ({"metric_key": ""}, "Choose what is measured."),
        ({"title": ""}, "This field is required."),
        ({"threshold": "nan"}, "is not a number"),
    ],
)
def test_a_bad_requirement_is_refused_beside_its_field(owner, project, changes, said):
    answer = create(owner, project, **changes)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Requirement.objects.exists()


@pytest.mark.parametrize("role", ["viewer", "contributor"])
def test_members_without_edit_rights_cannot_write(client, project, role):
    client.force_login(a_member(project, role))
    assert create(client, project).status_code == 404


def test_outsiders_find_no_room(client, project):
    client.force_login(a_user())
    for room in ("requirements", "metrics", "decisions", "derive"):
        assert client.get(project.url(f"projects:{room}")).status_code == 404


def test_a_deleted_requirement_can_be_restored(owner, project):
    create(owner, project)
    row = Requirement.objects.get()
    owner.post(reverse("projects:requirement_delete", args=[project.slug, row.pk]))
    assert (
        "Nothing is required yet."
        in owner.get(project.url("projects:requirements")).content.decode()
    )
    owner.post(reverse("projects:requirement_restore", args=[project.slug, row.pk]))
    assert str(row) in owner.get(project.url("projects:requirements")).content.decode()


def test_a_person_attests_with_a_reason(owner, project):
    create(owner, project, test="attested", metric_key="", threshold="")
    row = Requirement.objects.get()
    address = reverse("projects:requirement_attest", args=[project.slug, row.pk])
    assert owner.post(address, {"holds": "yes", "note": ""}).status_code == 422
    owner.post(address, {"holds": "yes", "note": "I read the columns."})
    assert Evidence.objects.get().person == project.created_by


def test_each_group_is_the_roll_up_of_its_people_and_shows_dissent(owner, project):
    ruth = a_stakeholder(project)
    jonas = a_stakeholder(project, "Jonas Weber")
    metric = project.metrics.get(key="recall")
    say = reverse("projects:metric_say", args=[project.slug])
    said = {"metric": metric.pk, "weight": "primary"}
    owner.post(say, {**said, "stakeholder": ruth.pk, "agreed": "yes"})
    owner.post(say, {**said, "stakeholder": jonas.pk, "agreed": "no"})
    page = owner.get(project.url("projects:metrics")).content.decode()
    assert "<b><bdi>Jonas Weber</bdi></b>" in page, "dissent is named"
    assert MetricAlignment.objects.count() == 2


def test_a_second_primary_metric_of_one_person_is_refused(owner, project):
    ruth = a_stakeholder(project)
    say = reverse("projects:metric_say", args=[project.slug])
    for key, status in (("recall", 302), ("precision", 422)):
        metric = project.metrics.get(key=key)
        answer = owner.post(
            say,
            {
                "metric": metric.pk,
                "stakeholder": ruth.pk,
                "weight": "primary",
                "agreed": "yes",
            },
        )
        assert answer.status_code == status
    assert "one primary metric" in answer.content.decode()


def test_a_contributor_speaks_for_themselves_only(client, project):
    person = a_member(project, "contributor")
    own = a_stakeholder(project, "Mei Tanaka", user=person)
    other = a_stakeholder(project)
    client.force_login(person)
    say = reverse("projects:metric_say", args=[project.slug])
    metric = project.metrics.get(key="recall")
    said = {"metric": metric.pk, "weight": "primary", "agreed": "yes"}
    assert client.post(say, {**said, "stakeholder": other.pk}).status_code == 422
    assert client.post(say, {**said, "stakeholder": own.pk}).status_code == 302


@pytest.fixture
def decision(project):
    an_answer(a_stakeholder(project))
    a_stakeholder(project, "Ana", user=project.created_by, capacity="sponsor")
    row = Decision(
        project=project,
        gate="design",
        question="Shall we build it?",
        verdict="go",
        rationale="It pays.",
    )
    return services.propose_decision(row, actor=Actor(user=project.created_by))


def sign(client, decision, **changes):
    address = reverse(
        "projects:decision_sign", args=[decision.project.slug, decision.pk]
    )
    return client.post(address, {"word": "approve", "comment": "", **changes})


def test_a_signature_freezes_the_decision_and_the_value_case(owner, decision):
    assert sign(owner, decision).status_code == 302
    decision.refresh_from_db()
    assert decision.frozen_at
    assert decision.signatures.get().digest == decision.digest
    assert decision.project.value_cases.get().cited_at


def test_after_signing_a_new_answer_makes_a_new_value_case(owner, decision):
    sign(owner, decision)
    an_answer(a_stakeholder(decision.project, "Jonas Weber"), factor=2)
    versions = decision.project.value_cases.values_list("version", flat=True)
    assert sorted(versions) == [1, 2]


def test_rejecting_needs_words(owner, decision):
    assert sign(owner, decision, word="reject").status_code == 422
    assert not decision.signatures.exists()


def test_nobody_signs_twice(owner, decision):
    sign(owner, decision)
    assert sign(owner, decision).status_code == 422


def test_a_viewer_reads_and_cannot_sign(client, decision):
    client.force_login(a_member(decision.project, "viewer"))
    assert client.get(decision.get_absolute_url()).status_code == 200
    assert sign(client, decision).status_code == 404


def test_a_signed_decision_is_not_changed(owner, decision):
    sign(owner, decision)
    address = reverse(
        "projects:decision_edit", args=[decision.project.slug, decision.pk]
    )
    assert owner.get(address).status_code == 404


def test_the_sheet_says_when_the_evidence_has_moved_on(owner, decision):
    page = owner.get(decision.get_absolute_url()).content.decode()
    assert "The evidence has changed since" not in page
    an_answer(a_stakeholder(decision.project, "Jonas Weber"), factor=2)
    page = owner.get(decision.get_absolute_url()).content.decode()
    assert "The evidence has changed since" in page
