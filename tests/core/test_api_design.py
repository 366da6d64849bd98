"""Projects, people and value through the REST API, by token and by every role."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from core.models import AuditEntry, IdempotencyKey
from projects.models import Estimate, Project, Role, Stakeholder, ValueCase
from projects.selectors.value import current_case
from tests import factories

pytestmark = pytest.mark.django_db

V1 = "/api/v1/"


class Caller:
    """Somebody with a token."""

    def __init__(self, user, scope="admin", project=None):
        self.user = user
        self.browser = Client()
        key = factories.a_token(user, scope=scope, project=project)
        self.headers = {"authorization": f"Bearer {key}"}

    def call(self, method, path, body=None, **headers):
        return getattr(self.browser, method)(
            V1 + path,
            body,
            content_type="application/json",
            headers={**self.headers, **headers},
        )

    def get(self, path, **query):
        return self.browser.get(V1 + path, query, headers=self.headers)

    def post(self, path, body=None, **headers):
        return self.call("post", path, body or {}, **headers)

    def patch(self, path, body):
        return self.call("patch", path, body)

    def delete(self, path):
        return self.call("delete", path)


@pytest.fixture
def project(db):
    return factories.a_project(factories.a_user("Ana Ferreira"))


@pytest.fixture
def owner(project):
    return Caller(project.created_by)


@pytest.fixture
def editor(project):
    return Caller(factories.a_member(project, Role.EDITOR))


@pytest.fixture
def contributor(project):
    return Caller(factories.a_member(project, Role.CONTRIBUTOR))


@pytest.fixture
def viewer(project):
    return Caller(factories.a_member(project, Role.VIEWER))


@pytest.fixture
def outsider(db):
    return Caller(factories.a_user("Otto Outside"))


NEW = {
    "name": "Sort tickets",
    "problem": "Urgent tickets wait.",
    "decision_supported": "What to answer first",
    "template": "plain",
    "currency": "EUR",
}


# Projects and members


def test_without_a_token_nothing_is_told(project):
    answer = Client().get(V1 + "projects/")
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"


def test_ones_own_projects_are_listed_and_no_others(project, viewer, outsider):
    listed = viewer.get("projects/").json()
    assert [each["slug"] for each in listed["results"]] == [project.slug]
    assert outsider.get("projects/").json()["count"] == 0
    assert outsider.get(f"projects/{project.slug}/").status_code == 404


def test_a_project_is_made_with_its_value_case(outsider):
    made = outsider.post("projects/", NEW)
    assert made.status_code == 201
    row = Project.objects.get(slug=made.json()["slug"])
    assert row.memberships.get().user == outsider.user
    assert ValueCase.objects.filter(project=row).count() == 1


def test_a_read_token_makes_no_project(project):
    reader = Caller(project.created_by, scope="read")
    assert reader.post("projects/", NEW).status_code == 403


def test_a_token_bound_to_one_project_reaches_no_other(project):
    other = factories.a_project(project.created_by, name="Another")
    bound = Caller(project.created_by, project=project)
    assert bound.get(f"projects/{other.slug}/").status_code == 404
    assert bound.get("projects/").json()["count"] == 1
    assert bound.post("projects/", NEW).status_code == 403


def test_wrong_values_come_back_as_one_problem_with_each_field(outsider):
    refused = outsider.post("projects/", {**NEW, "currency": "euro", "name": ""})
    assert refused.status_code == 400
    assert refused["Content-Type"] == "application/problem+json"
    problem = refused.json()
    assert problem["status"] == 400
    assert set(problem["errors"]) == {"name"} or "currency" in problem["errors"]
    three = outsider.post("projects/", {**NEW, "currency": "eu1"}).json()
    assert "three letters" in three["errors"]["currency"][0]


def test_the_template_of_a_project_is_fixed(project, owner):
    refused = owner.patch(f"projects/{project.slug}/", {"template": "plain"})
    assert "fixed" in refused.json()["errors"]["template"][0]


def test_only_owners_change_archive_and_delete(project, owner, editor):
    path = f"projects/{project.slug}/"
    assert editor.patch(path, {"name": "X"}).status_code == 404
    assert owner.patch(path, {"horizon_years": 5}).json()["horizon_years"] == 5
    assert current_case(project).content["horizon_years"] == 5
    assert owner.post(path + "archive/").json()["is_archived"] is True
    assert owner.get("projects/", archived="true").json()["count"] == 1
    assert owner.post(path + "unarchive/").json()["is_archived"] is False
    assert owner.delete(path).status_code == 204
    assert owner.get(path).status_code == 404


def test_owners_give_and_take_roles_and_the_last_one_stays(project, owner, outsider):
    body = {"project": project.slug, "user": outsider.user.email, "role": "editor"}
    assert outsider.post("memberships/", body).status_code == 400
    made = owner.post("memberships/", body)
    assert made.status_code == 201
    assert outsider.get(f"projects/{project.slug}/").status_code == 200
    path = f"memberships/{made.json()['id']}/"
    assert owner.patch(path, {"role": "viewer"}).json()["role"] == "viewer"
    assert owner.delete(path).status_code == 204
    mine = project.memberships.get().pk
    refused = owner.delete(f"memberships/{mine}/")
    assert refused.status_code == 403
    assert "Make somebody else owner first." in refused.json()["detail"]
    assert project.memberships.filter(pk=mine).exists()


def test_a_member_is_a_person_or_a_team(project, owner):
    refused = owner.post("memberships/", {"project": project.slug, "role": "viewer"})
    assert "one of the two" in refused.json()["errors"]["user"][0]


# People


def person(project, **fields):
    return {"project": project.slug, "name": "Ruth Adler", "group": "expert", **fields}


def test_editors_list_people_and_others_read_them(project, editor, viewer, outsider):
    made = editor.post("stakeholders/", person(project, capacity="expert"))
    assert made.status_code == 201
    assert viewer.post("stakeholders/", person(project, name="X")).status_code == 400
    assert viewer.get("stakeholders/", project=project.slug).json()["count"] == 1
    assert outsider.get("stakeholders/").json()["count"] == 0
    path = f"stakeholders/{made.json()['id']}/"
    assert viewer.patch(path, {"title": "x"}).status_code == 404
    assert editor.patch(path, {"title": "service"}).json()["title"] == "service"
    assert editor.delete(path).status_code == 204


def test_a_name_twice_is_a_problem_and_no_crash(project, editor):
    editor.post("stakeholders/", person(project))
    other = editor.post("stakeholders/", person(project, name="Jonas")).json()
    again = editor.post("stakeholders/", person(project))
    renamed = editor.patch(f"stakeholders/{other['id']}/", {"name": "Ruth Adler"})
    for refused in (again, renamed):
        assert refused.status_code == 400
        assert "listed already" in str(refused.json()["errors"])


def in_days(days):
    return (timezone.now() + timedelta(days=days)).isoformat()


def test_an_invitation_shows_its_link_once(project, editor, viewer):
    ruth = factories.a_stakeholder(project)
    body = {"stakeholder": ruth.pk, "deadline": in_days(5)}
    made = editor.post("invitations/", body, **{"idempotency-key": "one"}).json()
    assert "/i/" in made["link"]
    assert made["state"] == "asked"
    repeated = editor.post("invitations/", body, **{"idempotency-key": "one"}).json()
    assert repeated["id"] == made["id"]
    assert "link" not in repeated
    assert "link" not in IdempotencyKey.objects.get().body
    seen = viewer.get(f"invitations/{made['id']}/").json()
    assert seen["link"] is None
    opened = Client().get(made["link"].split("8000")[1])
    assert opened.status_code == 200


def test_an_invitation_is_renewed_and_revoked(project, editor):
    ruth = factories.a_stakeholder(project)
    late = editor.post(
        "invitations/", {"stakeholder": ruth.pk, "deadline": in_days(-1)}
    )
    assert "is over" in late.json()["errors"]["deadline"][0]
    made = editor.post(
        "invitations/", {"stakeholder": ruth.pk, "deadline": in_days(5)}
    ).json()
    fresh = editor.post(f"invitations/{made['id']}/renew/", {"deadline": in_days(9)})
    assert fresh.json()["link"] != made["link"]
    over = editor.post(f"invitations/{made['id']}/renew/", {"deadline": in_days(-9)})
    assert over.status_code == 400
    revoked = editor.post(f"invitations/{made['id']}/revoke/").json()
    assert revoked["state"] == "revoked"


def test_people_of_other_projects_cannot_be_asked(project, editor):
    stranger = factories.a_stakeholder(factories.a_project(), "Stranger")
    refused = editor.post(
        "invitations/", {"stakeholder": stranger.pk, "deadline": in_days(5)}
    )
    assert refused.status_code == 400


# Value


def test_a_contributor_with_a_say_sends_a_range(project, contributor):
    margin = project.quantities.get(name="margin")
    body = {"quantity": margin.pk, "low": 150, "likely": 200, "high": 260}
    refused = contributor.post("estimates/", body)
    assert refused.status_code == 403
    assert "no say in this project yet" in refused.json()["detail"]
    factories.a_stakeholder(project, "Cora", user=contributor.user)
    sent = contributor.post("estimates/", body)
    assert sent.status_code == 201
    assert sent.json()["name"] == "margin"
    contributor.post("estimates/", {**body, "likely": 210})
    assert Estimate.objects.get().likely == 210


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"low": 300}, "low", "Swap them?"),
        ({"likely": 900}, "likely", "lies outside"),
        ({"low": -1}, "low", "below 0"),
        ({"high": None}, "high", "may not be null"),
        ({"low": "much"}, "low", "valid number"),
    ],
)
def test_a_range_that_is_none_names_the_field(
    project, contributor, change, field, message
):
    factories.a_stakeholder(project, "Cora", user=contributor.user)
    margin = project.quantities.get(name="margin")
    body = {"quantity": margin.pk, "low": 150, "likely": 200, "high": 260, **change}
    refused = contributor.post("estimates/", body)
    assert refused.status_code == 400
    assert message in refused.json()["errors"][field][0]


def test_others_numbers_stay_hidden_until_they_may_be_shown(
    project, viewer, contributor
):
    ruth = factories.a_stakeholder(project, "Ruth")
    factories.an_answer(ruth)
    jonas = factories.a_stakeholder(project, "Jonas")
    factories.an_invitation(jonas)
    assert viewer.get("estimates/", project=project.slug).json()["count"] == 0
    factories.an_answer(jonas)
    assert viewer.get("estimates/", project=project.slug).json()["count"] == 12
    assert viewer.get("estimates/").json()["count"] == 0


def test_the_value_case_is_read_with_its_result(project, viewer, outsider):
    case = viewer.get("value-cases/", project=project.slug).json()["results"][0]
    assert case["result"]["draws"] == 10_000
    assert len(case["result"]["dots"]) == 20
    assert case["digest"] == current_case(project).digest
    assert outsider.get(f"value-cases/{case['id']}/").status_code == 404


def test_an_editor_changes_the_current_case(project, editor, viewer):
    case = current_case(project)
    path = f"value-cases/{case.pk}/"
    assert viewer.patch(path, {"discount_rate": 0.2}).status_code == 404
    changed = editor.patch(path, {"discount_rate": 0.2, "ramp_up": [0.5]}).json()
    assert changed["discount_rate"] == 0.2
    assert changed["digest"] != case.digest
    assert changed["version"] == case.version + 1
    broken = editor.patch(
        f"value-cases/{changed['id']}/",
        {
            "drivers": [
                {
                    "name": "x",
                    "label": "x",
                    "category": "revenue",
                    "per": "tp",
                    "expression": "marjin",
                }
            ]
        },
    )
    assert broken.status_code == 400
    assert "marjin" in str(broken.json()["errors"])
    assert current_case(project).digest == changed["digest"]


def test_an_older_version_is_not_changed(project, editor):
    from projects.services.value import cite_case

    first = current_case(project)
    cite_case(first)
    editor.patch(f"value-cases/{first.pk}/", {"discount_rate": 0.2})
    refused = editor.patch(f"value-cases/{first.pk}/", {"discount_rate": 0.3})
    assert "Version 1 is not the current one" in str(refused.json()["errors"])


def test_a_preview_computes_and_keeps_nothing(project, viewer, outsider):
    body = {
        "project": project.slug,
        "ranges": {"save_rate": {"low": 0.4, "likely": 0.5, "high": 0.6}},
    }
    before = AuditEntry.objects.count()
    preview = viewer.post("value-cases/preview/", body)
    assert preview.status_code == 200
    assert preview.json()["p_pays_back"] > 0.99
    assert ValueCase.objects.count() == 1
    assert AuditEntry.objects.count() == before
    assert outsider.post("value-cases/preview/", body).status_code == 400


def test_a_preview_says_what_it_cannot_compute(project, viewer):
    swapped = {"save_rate": {"low": 0.6, "likely": 0.5, "high": 0.4}}
    unknown = {"zebra": {"low": 1, "likely": 1, "high": 1}}
    unlike = {"name": "extra", "label": "Extra", "category": "revenue", "per": "year"}
    unlike["expression"] = "customers"
    for body, message in (
        ({"ranges": swapped}, "Swap them?"),
        ({"ranges": unknown}, "zebra is no quantity here"),
        ({"volume": "zebra"}, "zebra"),
        ({"drivers": [unlike]}, "is in customer / year, where EUR / year is wanted"),
        ({"draws": 5}, "100"),
    ):
        refused = viewer.post("value-cases/preview/", {"project": project.slug, **body})
        assert refused.status_code == 400
        assert message in str(refused.json()["errors"])


def test_a_quantity_is_added_changed_and_kept_while_used(project, editor, viewer):
    body = {
        "project": project.slug,
        "name": "hours",
        "label": "Hours saved",
        "default_low": 1,
        "default_likely": 2,
        "default_high": 3,
    }
    assert viewer.post("quantities/", body).status_code == 400
    made = editor.post("quantities/", body)
    assert made.status_code == 201
    path = f"quantities/{made.json()['id']}/"
    assert editor.patch(path, {"name": "other"}).status_code == 400
    assert editor.patch(path, {"default_low": 9}).status_code == 400
    assert editor.patch(path, {"label": "Hours"}).json()["label"] == "Hours"
    assert editor.delete(path).status_code == 204
    margin = project.quantities.get(name="margin")
    assert editor.delete(f"quantities/{margin.pk}/").status_code == 400
    assert project.quantities.filter(name="margin").exists()


def test_a_range_is_settled_with_a_reason(project, editor, contributor):
    margin = project.quantities.get(name="margin")
    body = {"quantity": margin.pk, "low": 180, "likely": 200, "high": 220}
    assert "reason" in editor.post("reconciliations/", body).json()["errors"]
    body["reason"] = "Finance checked."
    assert contributor.post("reconciliations/", body).status_code == 400
    assert editor.post("reconciliations/", body).status_code == 201
    assert editor.post("reconciliations/", {**body, "high": 230}).status_code == 201
    assert editor.get("reconciliations/", project=project.slug).json()["count"] == 1


def test_a_stakeholder_stays_in_one_project(project, owner):
    ruth = factories.a_stakeholder(project)
    other = factories.a_project(owner.user, name="Another")
    refused = owner.patch(f"stakeholders/{ruth.pk}/", {"project": other.slug})
    assert refused.status_code == 400
    assert Stakeholder.objects.get(pk=ruth.pk).project == project


@pytest.mark.parametrize("asked", ["-8.9e244", "1e300", "0", "9" * 30, "x"])
def test_an_id_that_no_database_holds_is_refused(outsider, asked):
    for resource in ("runs", "protocols", "sweeps"):
        assert outsider.get(f"{resource}/?experiment={asked}").status_code == 400
