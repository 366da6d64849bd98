"""Coming in: by password, by a one-time link; and what ends a session."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core import services
from core.access import NOBODY, Actor
from core.models import ApiToken, AuditEntry, SignInLink, User
from tests.factories import a_token, a_user

pytestmark = pytest.mark.django_db

PASSWORD = "seven grey herons at dawn"
OTHER = "nine green kettles at noon"


@pytest.fixture
def ana():
    person = a_user("Ana Ferreira", email="ana@example.org", is_portal_admin=True)
    person.set_password(PASSWORD)
    person.save()
    return person


def sign_in(client, email, password):
    return client.post(reverse("account_login"), {"login": email, "password": password})


def is_signed_in(client):
    return client.get(reverse("core:me")).status_code == 200


def test_password_signs_in(client, ana):
    assert sign_in(client, "Ana@Example.org", PASSWORD).status_code == 302
    assert is_signed_in(client)


def without_secrets(response):
    text = re.sub(r'value="[^"]*"', "", response.content.decode())
    return re.sub(r'(nonce|X-CSRFToken)["=: ]+"[^"]*"', "", text)


def test_unknown_person_and_wrong_password_get_the_same_answer(client, ana):
    unknown = sign_in(Client(), "nobody@example.org", PASSWORD)
    wrong = sign_in(Client(), "ana@example.org", "not it")
    assert (unknown.status_code, without_secrets(unknown)) == (
        wrong.status_code,
        without_secrets(wrong),
    )
    assert "not correct" in wrong.content.decode()


def test_deactivated_person_gets_the_answer_of_a_wrong_password(client, ana):
    other = a_user("Kim", is_portal_admin=True)
    services.deactivate_person(ana, actor=Actor(user=other))
    right = sign_in(Client(), "ana@example.org", PASSWORD)
    wrong = sign_in(Client(), "ana@example.org", "not it")
    assert without_secrets(right) == without_secrets(wrong)


def test_guessing_is_stopped_even_for_the_right_password(client, ana):
    for _guess in range(5):
        sign_in(client, "ana@example.org", "not it")
    sign_in(client, "ana@example.org", PASSWORD)
    assert not is_signed_in(client)


@pytest.mark.parametrize("password", ["", "admin", "password", "owner", "portal"])
def test_first_owner_has_no_default_password(client, password):
    from mlops_portal.running.owner import first_owner

    owner = first_owner()
    sign_in(client, owner.email, password)
    assert not owner.has_usable_password()
    assert not is_signed_in(client)


def test_nobody_can_sign_up_or_manage_addresses(client):
    for path in ("/signup/", "/email/", "/accounts/signup/", "/reauthenticate/"):
        assert client.get(path).status_code == 404


def test_sign_out_is_a_post(client, ana):
    client.force_login(ana)
    assert client.get(reverse("account_logout")).status_code == 405
    assert is_signed_in(client)
    client.post(reverse("account_logout"))
    assert not is_signed_in(client)


def link_of(person):
    return reverse("sign_in_link", args=[SignInLink.issue(person)])


def test_looking_at_a_link_uses_nothing_up(client, ana):
    link = link_of(ana)
    for _scanner in range(3):
        assert "Ana Ferreira" in Client().get(link).content.decode()
        assert Client().head(link).status_code == 200
    assert client.post(link).status_code == 302
    assert is_signed_in(client)


def test_link_signs_in_once(client, ana):
    link = link_of(ana)
    client.post(link)
    second = Client()
    answer = second.post(link)
    assert answer.status_code == 404
    assert "python3 portal.py link" in answer.content.decode()
    assert not is_signed_in(second)


def test_link_is_over_after_a_day(client, ana):
    link = link_of(ana)
    with time_machine.travel(timezone.now() + timedelta(hours=24, minutes=1)):
        assert client.get(link).status_code == 404
        assert client.post(link).status_code == 404


def test_secret_of_a_link_is_kept_nowhere(ana):
    secret = SignInLink.issue(ana)
    assert secret not in str(list(SignInLink.objects.values()))


def test_owner_who_came_by_link_replaces_the_address_that_stands_in(client):
    from mlops_portal.running.owner import first_owner

    owner = first_owner()
    client.post(link_of(owner))
    first = reverse("core:first")
    said = {"name": "Ana", "password1": PASSWORD, "password2": PASSWORD}
    refused = client.post(first, {**said, "email": "owner@portal.localhost"})
    assert "write your own" in refused.content.decode()
    client.post(first, {**said, "email": "Ana@example.org"})
    again = Client()
    sign_in(again, "ana@example.org", PASSWORD)
    assert is_signed_in(again)
    assert User.objects.get().email == "ana@example.org"


@pytest.mark.parametrize(
    ("password", "why"),
    [("short", "too short"), ("password1234", "too common"), ("1" * 14, "numeric")],
)
def test_weak_password_is_refused_with_the_reason(client, password, why):
    person = a_user("Kim")
    client.post(link_of(person))
    answer = client.post(
        reverse("core:first"),
        {
            "name": "Kim",
            "email": person.email,
            "password1": password,
            "password2": password,
        },
    )
    assert why in answer.content.decode()
    person.refresh_from_db()
    assert not person.has_usable_password()


def test_password_cannot_be_set_without_the_old_one_by_a_plain_session(client, ana):
    client.force_login(ana)
    assert client.get(reverse("core:first")).status_code == 302
    client.post(
        reverse("core:first"),
        {
            "name": "x",
            "email": ana.email,
            "password1": OTHER,
            "password2": OTHER,
        },
    )
    ana.refresh_from_db()
    assert ana.check_password(PASSWORD)


def test_changing_the_password_ends_other_sessions_tokens_and_links(client, ana):
    elsewhere = Client()
    elsewhere.force_login(ana)
    sign_in(client, ana.email, PASSWORD)
    key, link = a_token(ana), link_of(ana)
    client.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": OTHER, "password2": OTHER},
    )
    assert is_signed_in(client)
    assert not is_signed_in(elsewhere)
    assert ApiToken.find(key) is None
    assert Client().get(link).status_code == 404


def test_first_password_leaves_tokens_alone(client):
    person = a_user("Kim")
    key = a_token(person)
    services.set_password(person, PASSWORD)
    assert ApiToken.find(key) is not None


def test_deactivation_ends_sessions_tokens_and_links_for_good(client, ana):
    kim = a_user("Kim")
    client.force_login(kim)
    key, link = a_token(kim), link_of(kim)
    services.deactivate_person(kim, actor=Actor(user=ana))
    services.reactivate_person(kim, actor=Actor(user=ana))
    assert not is_signed_in(client)
    assert ApiToken.find(key) is None
    assert Client().post(link).status_code == 404


def test_signing_out_everywhere_keeps_this_session_only(client, ana):
    elsewhere = Client()
    elsewhere.force_login(ana)
    client.force_login(ana)
    client.post(reverse("core:sign_out_everywhere"))
    assert is_signed_in(client)
    assert not is_signed_in(elsewhere)


def test_without_mail_no_page_says_sent(client, ana, settings):
    settings.MAIL_CONFIGURED = False
    for method in (client.get, client.post):
        text = method(
            reverse("account_reset_password"), {"email": ana.email}
        ).content.decode()
        assert "sends no mail" in text
        assert "on its way" not in text
    assert mail.outbox == []


@pytest.fixture
def mailed(settings):
    settings.MAIL_CONFIGURED = True


def test_reset_link_in_a_mail_carries_the_public_address(client, ana, settings, mailed):
    settings.PUBLIC_URL = "https://portal.example.org"
    client.post(
        reverse("account_reset_password"),
        {"email": ana.email},
        headers={"host": "localhost"},
    )
    (message,) = mail.outbox
    assert "https://portal.example.org/password/reset/" in message.body
    assert "localhost" not in message.body


def test_reset_by_mail_sets_a_password_once(client, ana, settings, mailed):
    settings.PUBLIC_URL = "http://testserver"
    client.post(reverse("account_reset_password"), {"email": ana.email})
    (link,) = re.findall(r"http://testserver(\S+)", mail.outbox[0].body)
    form = client.get(link, follow=True)
    page = form.redirect_chain[-1][0]
    client.post(page, {"password1": OTHER, "password2": OTHER})
    ana.refresh_from_db()
    assert ana.check_password(OTHER)
    assert "does not work any more" in Client().get(link).content.decode()


def test_reset_answers_alike_for_unknown_people(client, ana, mailed):
    known = client.post(reverse("account_reset_password"), {"email": ana.email})
    unknown = client.post(
        reverse("account_reset_password"), {"email": "nobody@example.org"}
    )
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)


def test_welcome_is_gone_once_there_is_an_owner(client):
    assert client.get(reverse("account_login")).url == reverse("welcome")
    assert "manage.py sign_in_link" in client.get("/welcome/").content.decode()
    services.create_person(
        actor=NOBODY, email="a@example.org", name="A", is_portal_admin=True
    )
    assert client.get("/welcome/").status_code == 404
    assert client.get(reverse("account_login")).status_code == 200


def test_audit_names_people_by_uuid_alone(client, ana):
    client.post(link_of(ana))
    services.change_address(ana, "other@example.org")
    text = str(list(AuditEntry.objects.values()))
    assert str(ana.uuid) in text
    assert "example.org" not in text
    assert "Ferreira" not in text
