"""People and teams, for an admin; everything audited, never the last admin gone."""

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from core import services
from core.access import NOBODY, Actor
from core.models import AuditEntry, Team, User
from tests.factories import a_team, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def root():
    return a_user("Root", is_portal_admin=True)


@pytest.fixture
def admin(client, root):
    client.force_login(root)
    return client


def actions():
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


def test_inviting_makes_an_account_and_shows_a_link_that_works(admin):
    page = admin.post(
        reverse("core:people"), {"name": "Kim Lee", "email": "Kim@example.org"}
    )
    kim = User.objects.get(email="kim@example.org")
    assert not kim.has_usable_password()
    assert not kim.is_portal_admin
    path = page.context["link"].replace("http://127.0.0.1:8000", "")
    assert page.context["link"] in page.content.decode()
    assert Client().post(path).url == reverse("core:first")
    assert actions()[:2] == ["create person", "issue sign-in link"]


def test_without_mail_the_page_says_nothing_was_sent(admin, settings):
    settings.MAIL_CONFIGURED = False
    text = admin.post(
        reverse("core:people"), {"name": "Kim", "email": "kim@example.org"}
    ).content.decode()
    assert "Nothing was sent" in text
    assert "is mailed" not in text
    assert mail.outbox == []


def test_with_mail_the_link_is_mailed(admin, settings):
    settings.MAIL_CONFIGURED = True
    page = admin.post(
        reverse("core:people"), {"name": "Kim", "email": "kim@example.org"}
    )
    assert page.context["link"] in mail.outbox[0].body
    assert mail.outbox[0].to == ["kim@example.org"]


def test_address_in_use_is_refused_whatever_its_case(admin):
    a_user("Kim", email="kim@example.org")
    page = admin.post(
        reverse("core:people"), {"name": "Kim", "email": "KIM@example.org"}
    )
    assert page.context["invite"].errors
    assert User.objects.filter(email__iexact="kim@example.org").count() == 1


def test_fresh_link_uses_up_the_one_before(admin):
    kim = a_user("Kim")
    first, second = (
        services.hand_over_link(kim, actor=NOBODY).replace("http://127.0.0.1:8000", "")
        for _each in range(2)
    )
    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200


def test_deactivated_person_gets_no_link(admin):
    kim = a_user("Kim", is_active=False)
    answer = admin.post(reverse("core:person_link", args=[kim.pk]))
    assert answer.status_code == 404


def test_last_admin_can_neither_leave_nor_step_down(admin, root):
    admin.post(reverse("core:person_deactivate", args=[root.pk]))
    admin.post(reverse("core:person_admin", args=[root.pk]), {"admin": "0"})
    root.refresh_from_db()
    assert (root.is_active, root.is_portal_admin) == (True, True)
    assert actions() == []
    assert "only admin" in admin.get(reverse("core:people")).content.decode()


def test_deactivated_admin_does_not_count_as_one(root):
    a_user("Gone", is_portal_admin=True, is_active=False)
    with pytest.raises(services.LastAdminError):
        services.set_admin(root, actor=NOBODY, is_admin=False)


def test_one_of_two_admins_may_step_down(admin, root):
    kim = a_user("Kim")
    admin.post(reverse("core:person_admin", args=[kim.pk]), {"admin": "1"})
    admin.post(reverse("core:person_admin", args=[root.pk]), {"admin": "0"})
    kim.refresh_from_db()
    root.refresh_from_db()
    assert (kim.is_portal_admin, root.is_portal_admin) == (True, False)
    assert actions() == ["make admin", "unmake admin"]
    assert admin.get(reverse("core:people")).status_code == 404


def test_deactivating_and_letting_in_again(admin):
    kim = a_user("Kim")
    admin.post(reverse("core:person_deactivate", args=[kim.pk]))
    kim.refresh_from_db()
    assert not kim.is_active
    admin.post(reverse("core:person_reactivate", args=[kim.pk]))
    kim.refresh_from_db()
    assert kim.is_active
    assert actions() == ["deactivate person", "reactivate person"]


def test_team_is_made_filled_renamed_emptied_and_deleted(admin):
    kim = a_user("Kim")
    admin.post(reverse("core:team_create"), {"name": "Data"})
    team = Team.objects.get()
    member = reverse("core:team_member", args=[team.pk])
    admin.post(member, {"person": kim.pk})
    assert list(team.members.all()) == [kim]
    admin.post(reverse("core:team", args=[team.pk]), {"name": "Data office"})
    admin.post(member, {"person": kim.pk, "remove": "1"})
    assert not team.members.exists()
    admin.post(reverse("core:team_delete", args=[team.pk]))
    assert not Team.objects.exists()
    assert actions() == [
        "create team",
        "add to team",
        "rename team",
        "remove from team",
        "delete team",
    ]


def test_name_of_a_team_is_taken_once(admin):
    a_team("Data")
    page = admin.post(reverse("core:team_create"), {"name": "Data"})
    assert "exists already" in page.content.decode()


@pytest.mark.parametrize("person", ["", "nobody", "0", "99999999999999999999"])
def test_nonsense_for_a_person_is_not_found(admin, person):
    team = a_team("Data")
    answer = admin.post(reverse("core:team_member", args=[team.pk]), {"person": person})
    assert answer.status_code == 404


def test_what_an_admin_did_is_told_on_the_page(admin, root):
    kim = a_user("Kim Lee")
    services.deactivate_person(kim, actor=Actor(user=root))
    text = admin.get(reverse("core:people")).content.decode()
    assert "<b>Root</b> deactivated Kim Lee" in text


def test_outsider_finds_no_management(client, root):
    client.force_login(a_user("Kim"))
    for name in ("core:manage", "core:people"):
        assert client.get(reverse(name)).status_code == 404
    answer = client.post(reverse("core:person_deactivate", args=[root.pk]))
    assert answer.status_code == 404
    root.refresh_from_db()
    assert root.is_active
