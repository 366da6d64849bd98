"""A person's own page, and what it changes for them."""

import pytest
from django.urls import reverse

from core import services
from core.models import User
from tests.factories import a_user

pytestmark = pytest.mark.django_db
PASSWORD = "seven grey herons at dawn"


@pytest.fixture
def ana(client):
    person = a_user("Ana", email="ana@example.org")
    services.set_password(person, PASSWORD)
    client.force_login(person)
    return person


def save(client, **changes):
    said = {
        "name": "Ana",
        "email": "ana@example.org",
        "zone": "UTC",
        "number_format": "point",
        "theme": "system",
    }
    return client.post(reverse("core:me"), said | changes)


def test_zone_numbers_and_look_are_kept(client, ana):
    save(client, zone="Europe/Lisbon", number_format="comma", theme="dark")
    ana.refresh_from_db()
    assert (ana.zone, ana.number_format, ana.theme) == (
        "Europe/Lisbon",
        "comma",
        "dark",
    )


def test_saving_keeps_the_password(client, ana):
    save(client, name="Ana F.", password="typed by a password manager")
    assert User.objects.get().check_password(PASSWORD)


def test_hash_of_the_password_never_reaches_the_page(client, ana):
    text = client.get(reverse("core:me")).content.decode()
    assert ana.password not in text
    assert ana.password.rpartition("$")[2] not in text


@pytest.mark.parametrize("password", ["", "wrong"])
def test_address_changes_only_with_the_current_password(client, ana, password):
    page = save(client, email="new@example.org", password=password)
    assert page.context["form"].errors["password"]
    ana.refresh_from_db()
    assert ana.email == "ana@example.org"


def test_address_changes_with_the_current_password(client, ana):
    save(client, email="New@example.org", password=PASSWORD)
    ana.refresh_from_db()
    assert ana.email == "new@example.org"
    assert ana.check_password(PASSWORD)


def test_address_of_somebody_else_is_refused(client, ana):
    a_user("Kim", email="kim@example.org")
    page = save(client, email="Kim@example.org", password=PASSWORD)
    assert page.context["form"].errors["email"]


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", ""])
def test_zone_that_does_not_exist_is_refused(client, ana, zone):
    assert save(client, zone=zone).context["form"].errors["zone"]


def test_nobody_makes_themselves_an_admin(client, ana):
    save(client, is_portal_admin="on", is_active="", session_generation="9")
    ana.refresh_from_db()
    assert not ana.is_portal_admin
    assert ana.is_active


def test_person_without_a_password_is_asked_for_one(client):
    client.force_login(a_user("Kim"))
    assert reverse("core:first") in client.get(reverse("core:me")).content.decode()
