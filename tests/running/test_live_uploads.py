"""Uploads to a real server: a connection that breaks, and a broker that is away."""

import json
import socket

import pytest
import requests

from core import broker
from tests.portal_process import PATIENCE_SECONDS, Portal, eventually, free_port, manage

pytestmark = pytest.mark.broker

PASSWORD = "of-this-test-alone"
CSRF = "x" * 32
MAKE = """
import json
from django.test import Client
from tests.factories import a_project, a_user
owner = a_user("Ana")
project = a_project(owner)
browser = Client()
browser.force_login(owner)
print(json.dumps([project.slug, browser.cookies["sessionid"].value]))
"""
COUNT = """
import json
from core.models import Job, StoredObject
from dataquality.models import DataSet, DataSetVersion
states = list(DataSetVersion.objects.values_list("state", flat=True))
jobs = list(Job.objects.filter(kind="profile").values_list("state", flat=True))
print(json.dumps([DataSet.objects.count(), StoredObject.objects.count(), states, jobs]))
"""


class Live:
    """A portal whose broker is not there yet, and a project in it."""

    def __init__(self, folder):
        self.folder = folder
        self.broker_port = free_port()
        url = broker.url(self.broker_port, PASSWORD)
        self.portal = Portal(folder / "data", settings={"BROKER_URL": url}).start()
        self.slug, session = self.ask(MAKE)
        self.cookies = {"sessionid": session, "csrftoken": CSRF}

    def ask(self, lines):
        done = manage("shell", "-v0", "-c", lines, data=self.portal.data)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    @property
    def path(self):
        return f"/p/{self.slug}/data/new/"

    def files(self):
        return [
            each for each in (self.portal.data / "objects").rglob("*") if each.is_file()
        ]


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    live = Live(tmp_path_factory.mktemp("live"))
    yield live
    live.portal.stop()


def body(live, content):
    """Return a whole request, as the upload form sends it."""
    form = requests.Request(
        "POST",
        live.portal.url + live.path,
        data={"csrfmiddlewaretoken": CSRF, "name": "Cut"},
        files={"file": ("cut.csv", content)},
        cookies=live.cookies,
    ).prepare()
    head = "".join(f"{name}: {value}\r\n" for name, value in form.headers.items())
    start = f"POST {live.path} HTTP/1.1\r\nHost: 127.0.0.1:{live.portal.port}\r\n"
    return (start + head + "\r\n").encode() + form.body


def test_a_connection_that_breaks_in_the_middle_leaves_nothing_behind(live):
    whole = body(live, b"a,b\n" + b"1,2\n" * 500_000)
    for share in (0.3, 0.99):
        with socket.create_connection(("127.0.0.1", live.portal.port)) as connection:
            connection.sendall(whole[: int(len(whole) * share)])
    eventually(lambda: not live.files())
    assert live.ask(COUNT) == [0, 0, [], []]
    assert live.portal.answers()


def test_a_client_that_stops_sending_is_told_what_to_do(live):
    whole = body(live, b"a,b\n" + b"1,2\n" * 500_000)
    with socket.create_connection(("127.0.0.1", live.portal.port)) as connection:
        connection.settimeout(PATIENCE_SECONDS)
        connection.sendall(whole[: len(whole) // 2])
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert b" 422 " in answer.partition(b"\r\n")[0]
    assert b"send the file again" in answer
    assert live.ask(COUNT) == [0, 0, [], []]


def test_what_is_sent_while_the_broker_is_away_is_kept_and_read_when_it_is_back(live):
    answer = requests.post(
        live.portal.url + live.path,
        data={"csrfmiddlewaretoken": CSRF, "name": "Kept"},
        files={"file": ("kept.csv", b"a,b\n1,2\n3,4\n")},
        cookies=live.cookies,
        timeout=PATIENCE_SECONDS,
    )
    assert answer.status_code == 200
    assert "Kept" in answer.text
    assert live.ask(COUNT)[3] == ["queued"]
    process = broker.start(live.folder, live.broker_port, PASSWORD)
    try:
        eventually(lambda: live.ask(COUNT)[2:] == [["ready"], ["succeeded"]])
    finally:
        process.kill()
        process.wait()
