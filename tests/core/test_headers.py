"""What every answer carries, and which requests are refused before anything."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from core.models import SignInLink
from tests.factories import a_user

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db


@pytest.fixture
def answer(client):
    client.force_login(a_user("Ana", is_portal_admin=True))
    return client.get(reverse("core:me"))


def policy_of(response):
    parts = (part.split() for part in response["Content-Security-Policy"].split(";"))
    return {name: set(values) for name, *values in parts}


def test_content_policy_is_the_agreed_one_and_no_other(answer):
    policy = policy_of(answer)
    nonce = f"'nonce-{answer.context['request'].csp_nonce}'"
    assert policy == {
        "default-src": {"'none'"},
        "script-src": {nonce, "'strict-dynamic'"},
        "style-src": {"'self'", nonce},
        "img-src": {"'self'", "data:", "blob:"},
        "font-src": {"'self'"},
        "connect-src": {"'self'"},
        "form-action": {"'self'"},
        "base-uri": {"'none'"},
        "frame-ancestors": {"'none'"},
        "object-src": {"'none'"},
    }


def test_nonce_is_new_each_time(client):
    a_user("Ana", is_portal_admin=True)
    first, second = (client.get(reverse("account_login")) for _each in range(2))
    assert policy_of(first)["script-src"] != policy_of(second)["script-src"]


@pytest.mark.parametrize("path", ["/login/", "/nowhere/", "/login/link/x/", "/me/"])
def test_no_answer_allows_unsafe_scripts(client, path):
    a_user("Ana", is_portal_admin=True)
    assert "unsafe" not in client.get(path)["Content-Security-Policy"]


def test_other_headers_close_what_no_page_needs(answer):
    expected = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
    }
    assert {name: answer[name] for name in expected} == expected
    assert "camera=()" in answer["Permissions-Policy"]
    assert "Access-Control-Allow-Origin" not in answer


def test_answers_vary_on_who_asks_and_how(answer):
    assert {"Cookie", "HX-Request"} <= set(answer["Vary"].split(", "))


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", "*"]
)
def test_request_for_another_host_is_refused(method, host):
    client = Client(headers={"host": host})
    for path in ("/login/", "/healthz", "/nowhere/"):
        assert getattr(client, method)(path).status_code == 400


def test_form_without_its_token_is_refused(client):
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(a_user("Ana"))
    answer = careful.post(reverse("core:sign_out_everywhere"))
    assert answer.status_code == 403


def test_next_page_after_sign_in_is_one_of_ours(client):
    person = a_user("Ana", is_portal_admin=True)
    person.set_password("seven grey herons")
    person.save()
    answer = client.post(
        reverse("account_login") + "?next=https://evil.example/",
        {
            "login": person.email,
            "password": "seven grey herons",
            "next": "https://evil.example/",
        },
    )
    assert "evil" not in answer.url


def test_cookie_of_the_session_is_closed_to_scripts(client):
    link = reverse("sign_in_link", args=[SignInLink.issue(a_user("Ana"))])
    cookie = client.post(link).cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


IN_PRODUCTION = """
import json, django
django.setup()
from django.conf import settings
from django.test import Client
settings.ALLOWED_HOSTS = ["portal.example"]
plain = Client(headers={"host": "portal.example"}).get("/password/reset/")
tls = Client(headers={"host": "portal.example"})
answer = tls.get("/password/reset/", secure=True)
print(json.dumps({
    "plain": [plain.status_code, plain["Location"]],
    "hsts": answer["Strict-Transport-Security"],
    "session": settings.SESSION_COOKIE_NAME,
    "domain": settings.SESSION_COOKIE_DOMAIN,
    "cookies": [morsel.OutputString() for morsel in answer.cookies.values()],
    "hosts": settings.ALLOWED_HOSTS,
}))
"""


@pytest.fixture(scope="module")
def production(tmp_path_factory):
    done = subprocess.run(
        [sys.executable, "-c", IN_PRODUCTION],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "mlops_portal.settings",
            "TLS": "on",
            "DEBUG": "on",  # files of the interface from where they lie
            "SECRET_KEY": "k" * 50,
            "DATABASE_URL": "sqlite://:memory:",
            "DATA_DIR": str(tmp_path_factory.mktemp("production")),
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_cookies_with_tls_cannot_be_set_by_a_neighbour(production):
    assert production["session"] == "__Host-sessionid"
    assert production["domain"] is None
    (cookie,) = production["cookies"]
    assert cookie.startswith("__Host-csrftoken=")
    for part in ("Path=/", "Secure", "SameSite=Lax"):
        assert part in cookie
    assert "Domain" not in cookie


def test_with_tls_plain_requests_are_sent_to_it_for_a_year(production):
    assert production["plain"] == [301, "https://portal.example/password/reset/"]
    assert production["hsts"].startswith("max-age=31536000")


def test_star_as_a_host_does_not_start(tmp_path):
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**os.environ, "ALLOWED_HOSTS": "*", "DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert "ALLOWED_HOSTS must name hosts" in done.stderr
