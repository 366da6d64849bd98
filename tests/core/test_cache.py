"""A cache that is away slows nobody down and lets nobody guess on."""

import pytest
from django.core.cache import cache
from django.urls import reverse

from tests.factories import a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def cache_is_away(settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "core.cache.PatientCache",
            "LOCATION": "redis://127.0.0.1:1/0",
            "OPTIONS": {"socket_connect_timeout": 1},
        }
    }
    cache._own.clear()


def sign_in(client, person, password):
    said = {"login": person.email, "password": password}
    return client.post(reverse("account_login"), said)


@pytest.fixture
def ana():
    person = a_user("Ana", is_portal_admin=True)
    person.set_password("seven grey herons")
    person.save()
    return person


def test_sign_in_works_while_the_cache_is_away(client, ana, cache_is_away):
    assert sign_in(client, ana, "seven grey herons").status_code == 302


def test_guessing_is_stopped_while_the_cache_is_away(client, ana, cache_is_away):
    for _guess in range(5):
        sign_in(client, ana, "not it")
    assert sign_in(client, ana, "seven grey herons").status_code != 302


def test_key_can_be_forgotten_while_the_cache_is_away(cache_is_away):
    assert cache.add("key", 1)
    assert not cache.add("key", 2)
    assert cache.get("key") == 1
    assert cache.delete("key")
    assert cache.get("key", "gone") == "gone"
