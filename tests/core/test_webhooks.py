"""Telling other systems: signed, guarded, tried again, never twice, never inwards."""

import hashlib
import hmac
import json
import socket
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from core import audit, fetch, outgoing, sealed, services, webhooks
from core.access import Actor
from core.models import AuditEntry, Notification, Webhook, WebhookDelivery
from tests.factories import a_project, a_user


class Ear(HTTPServer):
    """A real server on this machine that keeps what it is told."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answers)
        self.heard = []
        self.status, self.headers, self.pause = 204, {}, 0.0

    @property
    def place(self):
        return f"127.0.0.1:{self.server_port}"

    @property
    def url(self):
        return f"http://{self.place}/hook?team=a"


class Answers(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((self.path, dict(self.headers), body))
        time.sleep(self.server.pause)
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def ear(settings):
    server = Ear()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.OUTGOING_HOSTS = [server.place]
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def project(db):
    return a_project(a_user("Ana Ferreira"))


@pytest.fixture
def owner(project):
    return Actor(user=project.created_by)


@pytest.fixture
def hook(project, owner, ear):
    """An address that is told everything, and its secret."""
    return services.add_webhook(project.pk, actor=owner, url=ear.url, kinds=[])


def act(project, owner, action="sign decision", subject="Go?"):
    audit.record(owner, action, project_id=project.pk, subject=subject)


def send(jobs_inline):
    outgoing.send_due()
    return jobs_inline()


# Signing


def test_signature_is_that_of_a_published_scheme():
    # HMAC-SHA256("secret", "1700000000.{}"), by openssl dgst -sha256 -hmac secret
    at = datetime.fromtimestamp(1_700_000_000, tz=UTC)
    expected = "b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163"
    assert webhooks.signature("secret", b"{}", at=at) == f"t=1700000000,v1={expected}"


def test_address_is_told_what_happens_and_can_check_who_says_so(
    project, owner, hook, ear, jobs_inline
):
    _row, secret = hook
    act(project, owner)
    send(jobs_inline)
    added, signed = ear.heard
    path, headers, body = signed
    assert path == "/hook?team=a"
    t, v1 = (part.split("=")[1] for part in headers["X-Portal-Signature"].split(","))
    code = hmac.new(secret.encode(), f"{t}.".encode() + body, hashlib.sha256)
    assert hmac.compare_digest(code.hexdigest(), v1)
    assert abs(int(t) - time.time()) < 60
    said = json.loads(body)
    assert said["kind"] == "sign decision"
    assert said["topic"] == "decisions"
    assert said["text"] == "Ana Ferreira signed: Go?"
    assert said["project"]["name"] == project.name
    assert headers["X-Portal-Delivery"] == said["id"]
    assert json.loads(added[2])["kind"] == "add webhook"


def test_secret_is_not_in_the_database(hook, db):
    row, secret = hook
    assert secret not in row.secret
    assert sealed.open_secret(row.secret) == secret


def test_secret_opens_with_a_former_key_and_not_with_another(settings):
    closed = sealed.close("whsec_x")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    assert sealed.open_secret(closed) == "whsec_x"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(sealed.UnreadableSecret, match="Make a new one"):
        sealed.open_secret(closed)


def test_secret_that_cannot_be_read_any_more_is_said(
    project, owner, hook, ear, settings, jobs_inline
):
    settings.SECRET_KEY = "another"
    send(jobs_inline)
    assert ear.heard == []
    assert "Make a new one" in WebhookDelivery.objects.get().problem


# What is told


def test_only_chosen_topics_are_told(project, owner, ear, jobs_inline):
    services.add_webhook(project.pk, actor=owner, url=ear.url, kinds=["comments"])
    act(project, owner)
    act(project, owner, "comment", "the value")
    send(jobs_inline)
    assert [json.loads(body)["kind"] for _path, _head, body in ear.heard] == ["comment"]


def test_other_projects_are_not_told(project, owner, hook, ear, jobs_inline):
    send(jobs_inline)
    ear.heard.clear()
    act(a_project(slug="other"), owner)
    send(jobs_inline)
    assert ear.heard == []


def test_what_is_rolled_back_is_not_told(transactional_db, settings):
    project = a_project(a_user("Ana"))
    owner = Actor(user=project.created_by)
    url = "https://example.org/hook"
    services.add_webhook(project.pk, actor=owner, url=url, kinds=["decisions"])
    with transaction.atomic():
        act(project, owner)
        transaction.set_rollback(True)
    assert not WebhookDelivery.objects.exists()


def test_address_in_the_audit_trail_is_its_host_alone(hook):
    entry = AuditEntry.objects.get(action="add webhook")
    assert entry.subject == "127.0.0.1"


# Trying again


def test_failed_delivery_waits_longer_each_time_and_is_given_up(
    project, owner, hook, ear, jobs_inline
):
    ear.status = 500
    waits = []
    for _try in range(webhooks.MOST_TRIES):
        send(jobs_inline)
        row = WebhookDelivery.objects.get()
        if row.next_try_at:
            waits.append(round((row.next_try_at - timezone.now()).total_seconds() / 60))
            WebhookDelivery.objects.update(next_try_at=timezone.now())
    assert waits == [1, 5, 30, 120, 360, 720, 1440]
    assert (row.tries, row.status, row.next_try_at) == (8, 500, None)
    assert row.problem == "It answered 500."
    send(jobs_inline)
    assert len(ear.heard) == 8


def test_taken_delivery_is_not_sent_again(hook, ear, jobs_inline):
    send(jobs_inline)
    send(jobs_inline)
    assert len(ear.heard) == 1
    row = WebhookDelivery.objects.get()
    assert (row.status, row.tries) == (204, 1)
    assert row.delivered_at


def test_two_workers_at_once_send_it_once(hook):
    now = timezone.now()
    assert webhooks.take_next(hook[0].pk, now) is not None
    assert webhooks.take_next(hook[0].pk, now) is None


def test_address_that_fails_twenty_times_is_switched_off_and_its_owner_told(
    project, owner, hook, ear, jobs_inline
):
    ear.status = 410
    Webhook.objects.update(failures=19)
    send(jobs_inline)
    assert not Webhook.objects.get().is_on
    notice = Notification.objects.get(kind="webhook", user=project.created_by)
    assert "127.0.0.1 is told nothing more" in notice.text
    assert send(jobs_inline) == []


def test_success_forgets_earlier_failures(hook, ear, jobs_inline):
    Webhook.objects.update(failures=19)
    send(jobs_inline)
    assert Webhook.objects.get().failures == 0


def test_redelivery_has_the_same_id_and_content(hook, ear, jobs_inline):
    send(jobs_inline)
    services.deliver_again(WebhookDelivery.objects.get())
    send(jobs_inline)
    (_path, first_head, first), (_path, again_head, again) = ear.heard
    assert first == again
    assert first_head["X-Portal-Delivery"] == again_head["X-Portal-Delivery"]


def test_redirect_is_not_followed(hook, ear, jobs_inline):
    ear.status, ear.headers = 302, {"Location": f"http://{ear.place}/elsewhere"}
    send(jobs_inline)
    assert [path for path, _head, _body in ear.heard] == ["/hook?team=a"]
    assert "redirects are not followed" in WebhookDelivery.objects.get().problem


def test_slow_address_is_given_up_in_time(hook, ear, jobs_inline, monkeypatch):
    monkeypatch.setattr(fetch, "TOTAL_SECONDS", 0.2)
    ear.pause = 1.0
    send(jobs_inline)
    assert WebhookDelivery.objects.get().problem == "It did not answer in time."


def test_address_that_trickles_is_given_up_in_time(
    settings, project, owner, jobs_inline, monkeypatch
):
    """Each byte resets the time of a socket; the time of the whole does not wait."""
    monkeypatch.setattr(fetch, "TOTAL_SECONDS", 0.3)
    door = socket.create_server(("127.0.0.1", 0))
    settings.OUTGOING_HOSTS = ["127.0.0.1"]

    def trickle():
        guest, _address = door.accept()
        with guest:
            for sign in b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200:
                try:
                    guest.sendall(bytes([sign]))
                except OSError:
                    return
                time.sleep(0.05)

    thread = threading.Thread(target=trickle, daemon=True)
    thread.start()
    with pytest.raises(fetch.FetchFailed, match="in time"):
        fetch.post(f"http://127.0.0.1:{door.getsockname()[1]}/", b"{}", {})
    door.close()


def test_nobody_listening_is_said(project, owner, ear, jobs_inline, hook):
    ear.shutdown()
    ear.server_close()
    send(jobs_inline)
    assert WebhookDelivery.objects.get().problem == "Nothing listens there."


# The guard


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - an address to refuse, not one to bind
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001::1",
    ],
)
def test_inner_address_is_refused(address):
    assert not fetch.is_open(ip_address(address))
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(fetch.FetchRefused, match="OUTGOING_HOSTS"):
        fetch.target_of(f"http://{host}/hook")


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07::1"])
def test_address_of_the_open_internet_is_not(address):
    assert fetch.is_open(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "javascript:alert(1)",
        "http://",
        "//example.org/",
        "https://ana:word@example.org/",
        "https://example.org:22/",
        "https://example.org:99999/",
        "https://exa mple.org/",
        "https://example.org/\r\nHost: evil",
        "https://example.org\\@127.0.0.1/",
        "https://[::1/",
        "https://" + "a" * 70 + ".org/",
    ],
)
def test_what_is_no_plain_address_is_refused(url):
    with pytest.raises(fetch.FetchRefused):
        fetch.target_of(url)


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "017700000001", "127.1"])
def test_odd_ways_to_write_this_machine_are_refused(host):
    with pytest.raises((fetch.FetchRefused, fetch.FetchFailed)):
        fetch.post(f"http://{host}/", b"{}", {})


def answering(*addresses):
    def getaddrinfo(host, port, **_more):
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port))
            for each in addresses
        ]

    return getaddrinfo


@pytest.mark.parametrize("found", [["10.0.0.1"], ["93.184.215.14", "127.0.0.1"]])
def test_name_that_leads_inwards_is_refused_even_if_only_sometimes(monkeypatch, found):
    monkeypatch.setattr(socket, "getaddrinfo", answering(*found))
    with pytest.raises(fetch.FetchRefused, match="network of its own"):
        fetch.post("https://example.org/", b"{}", {})


def test_connection_goes_to_the_checked_address_whatever_the_name_says_next(
    monkeypatch,
):
    asked, opened = [], []

    def getaddrinfo(host, port, **_more):
        asked.append(host)
        address = "93.184.215.14" if len(asked) == 1 else "127.0.0.1"
        return answering(address)(host, port)

    def create_connection(address, **_more):
        opened.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(socket, "create_connection", create_connection)
    with pytest.raises(fetch.FetchFailed):
        fetch.post("http://example.org/", b"{}", {})
    assert opened == [("93.184.215.14", 80)]


def test_proxies_of_the_environment_are_not_used(monkeypatch, hook, ear, jobs_inline):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    send(jobs_inline)
    assert len(ear.heard) == 1


def test_host_an_operator_allows_is_reached_on_its_port_only(settings):
    settings.OUTGOING_HOSTS = ["chat.intern:9000"]
    assert fetch.target_of("http://chat.intern:9000/x").is_trusted
    with pytest.raises(fetch.FetchRefused, match="Port 9001"):
        fetch.target_of("http://chat.intern:9001/x")


def test_inner_address_is_refused_when_it_is_typed(project, owner):
    with pytest.raises(ValidationError, match="OUTGOING_HOSTS"):
        services.add_webhook(
            project.pk, actor=owner, url="http://169.254.169.254/", kinds=[]
        )
    assert connection.needs_rollback is False
