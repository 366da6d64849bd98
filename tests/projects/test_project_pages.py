"""The list, a new project, settings, members, the trash, and people with a say."""

import pytest
from django.urls import reverse

from projects.models import Membership, Project, Role, Stakeholder
from tests import factories

pytestmark = pytest.mark.django_db

NEW = {
    "name": "Sort tickets",
    "template": "churn",
    "problem": "Urgent tickets wait.",
    "decision_supported": "What to answer first",
    "task": "binary",
    "currency": "eur",
    "horizon_years": "3",
}


def url(project, name, *args):
    return reverse(f"projects:{name}", args=[project.slug, *args])


def test_the_list_shows_ones_own_projects_and_finds_them(project, browser_of):
    factories.a_project(name="Somebody else’s")
    browser = browser_of("viewer")
    page = browser.get(reverse("projects:project_list")).content.decode()
    assert "Keep leaving customers" in page
    assert "Somebody else’s" not in page
    none = browser.get(reverse("projects:project_list") + "?q=zebra").content.decode()
    assert "No project is called that." in none
    fragment = browser.get(
        reverse("projects:project_list") + "?q=leaving", headers={"hx-request": "true"}
    ).content.decode()
    assert "Keep leaving customers" in fragment
    assert "<html" not in fragment


def test_an_empty_list_says_what_to_do(project, browser_of):
    page = browser_of("outsider").get(reverse("projects:project_list"))
    assert b"No project yet." in page.content


def test_a_new_project_starts_with_its_value(project, cast, browser_of):
    answer = browser_of("outsider").post(reverse("projects:project_create"), NEW)
    row = Project.objects.get(name="Sort tickets")
    assert answer.url == url(row, "value")
    assert row.currency == "EUR"
    assert row.memberships.get().user == cast.outsider
    assert row.memberships.get().role == Role.OWNER
    assert row.quantities.count() == 9


def test_a_wrong_currency_is_said_beside_its_field(project, browser_of):
    answer = browser_of("owner").post(
        reverse("projects:project_create"), {**NEW, "currency": "EURO"}
    )
    assert answer.status_code == 422
    assert not Project.objects.filter(name="Sort tickets").exists()


def test_only_owners_open_the_settings(project, browser_of):
    assert browser_of("owner").get(url(project, "settings")).status_code == 200
    for who in ("editor", "contributor", "viewer", "outsider"):
        assert browser_of(who).get(url(project, "settings")).status_code == 404
        assert browser_of(who).post(url(project, "project_delete")).status_code == 404


def test_a_changed_horizon_is_computed_with(project, browser_of):
    from projects.selectors.value import current_case

    browser_of("owner").post(url(project, "settings"), {**NEW, "horizon_years": "6"})
    assert current_case(project).content["horizon_years"] == 6


def test_a_person_and_a_team_get_roles(project, cast, browser_of):
    add = url(project, "member_add")
    browser_of("owner").post(add, {"email": cast.outsider.email, "role": "viewer"})
    assert browser_of("outsider").get(url(project, "value")).status_code == 200
    team = factories.a_team(members=[factories.a_user("Tara Team")])
    browser_of("owner").post(add, {"team": team.pk, "role": "editor"})
    assert Membership.objects.get(project=project, team=team).role == "editor"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"email": "nobody@example.org", "role": "viewer"}, "Nobody signs in as"),
        ({"role": "viewer"}, "one of the two"),
        ({"email": "no address", "role": "viewer"}, "valid email"),
    ],
)
def test_a_member_that_cannot_be_is_said_beside_the_field(
    project, browser_of, asked, message
):
    answer = browser_of("owner").post(url(project, "member_add"), asked)
    assert answer.status_code == 422
    assert message in answer.content.decode()


@pytest.mark.parametrize("role", ["viewer", ""])
def test_the_last_owner_stays_and_the_page_says_why(project, cast, browser_of, role):
    mine = Membership.objects.get(project=project, user=cast.owner)
    answer = browser_of("owner").post(
        url(project, "member_change", mine.pk), {"role": role}, follow=True
    )
    assert "Make somebody else owner first." in answer.content.decode()
    mine.refresh_from_db()
    assert mine.role == Role.OWNER


def test_archiving_moves_a_project_off_the_list_and_back(project, browser_of):
    browser = browser_of("owner")
    browser.post(url(project, "project_archive"))
    listed = reverse("projects:project_list")
    assert b"Keep leaving customers" not in browser.get(listed).content
    assert b"Keep leaving customers" in browser.get(listed + "?archived=on").content
    browser.post(url(project, "project_archive"))
    assert b"Keep leaving customers" in browser.get(listed).content


def test_a_deleted_project_is_gone_for_all_and_its_owner_restores_it(
    project, browser_of
):
    browser_of("owner").post(url(project, "project_delete"))
    assert browser_of("viewer").get(url(project, "value")).status_code == 404
    page = browser_of("owner").get(reverse("projects:project_list")).content.decode()
    assert "1 in the trash" in page
    assert browser_of("editor").post(url(project, "project_restore")).status_code == 404
    browser_of("owner").post(url(project, "project_restore"))
    assert browser_of("viewer").get(url(project, "value")).status_code == 200


PERSON = {
    "name": "Jonas Weber",
    "title": "finance",
    "group": "business",
    "capacity": "finance",
    "email": "jonas@example.org",
    "account": "",
}


def test_all_members_see_who_has_a_say_and_editors_change_it(project, ruth, browser_of):
    assert b"Ruth Adler" in browser_of("viewer").get(url(project, "people")).content
    assert browser_of("outsider").get(url(project, "people")).status_code == 404
    for who in ("contributor", "viewer", "outsider"):
        assert (
            browser_of(who).post(url(project, "person_add"), PERSON).status_code == 404
        )
    browser_of("editor").post(url(project, "person_add"), PERSON)
    jonas = Stakeholder.objects.get(name="Jonas Weber")
    assert jonas.capacity == "finance"
    browser_of("editor").post(
        url(project, "person", jonas.pk), {**PERSON, "title": "controlling"}
    )
    jonas.refresh_from_db()
    assert jonas.title == "controlling"
    browser_of("editor").post(url(project, "person_remove", jonas.pk))
    assert not Stakeholder.objects.filter(pk=jonas.pk).exists()


def test_a_name_twice_and_an_unknown_account_are_refused_in_words(
    project, ruth, browser_of
):
    add = url(project, "person_add")
    twice = browser_of("editor").post(add, {**PERSON, "name": "Ruth Adler"})
    assert twice.status_code == 422
    assert b"Somebody of this name is listed already." in twice.content
    unknown = browser_of("editor").post(add, {**PERSON, "account": "x@example.org"})
    assert b"Nobody signs in as x@example.org" in unknown.content


def test_a_person_is_tied_to_an_account_once(project, cast, browser_of):
    add = url(project, "person_add")
    account = cast.contributor.email
    browser_of("editor").post(add, {**PERSON, "account": account})
    assert Stakeholder.objects.get().user == cast.contributor
    again = browser_of("editor").post(
        add, {**PERSON, "name": "Second", "account": account}
    )
    assert b"Jonas Weber is listed with this account already." in again.content


def test_a_person_of_another_project_is_not_found(project, browser_of):
    stranger = factories.a_stakeholder(factories.a_project(), "Stranger")
    page = url(project, "person", stranger.pk)
    assert browser_of("owner").get(page).status_code == 404
