"""Large files in parts: gone on with after a break, whole once, forgotten when left."""

import hashlib
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from core.access import Actor
from core.models import ObjectRef, ProjectUsage
from dataquality import services, tasks
from dataquality.models import DataSetVersion, Upload
from projects.models import Role
from tests.factories import a_member

FILE = b"code,age\n" + b"".join(b"%03d,%d\n" % (n, n % 90) for n in range(60))
URL = "/api/v1/uploads/"


@pytest.fixture
def small_parts(settings):
    settings.UPLOAD_PART = 200
    return 200


@pytest.fixture
def begin(client, data_set, owner, small_parts):
    client.force_login(owner)

    def begin(**said):
        asked = {
            "data_set": data_set.pk,
            "file_name": "readings.csv",
            "size": len(FILE),
            "fingerprint": "readings.csv:1",
        }
        return client.post(URL, asked | said, content_type="application/json")

    return begin


@pytest.fixture
def send(client):
    def send(upload, number, content=None):
        start = (number - 1) * upload["part_size"]
        piece = FILE[start : start + upload["part_size"]]
        return client.put(
            f"{URL}{upload['id']}/parts/{number}/",
            piece if content is None else content,
            content_type="application/octet-stream",
        )

    return send


def finish(client, upload, **said):
    address = f"{URL}{upload['id']}/finish/"
    return client.post(address, said, content_type="application/json")


def test_parts_in_any_order_become_one_version_after_a_break(
    begin, send, client, data_set, outsider, jobs_inline
):
    upload = begin().json()
    assert upload["n_parts"] == 3
    assert send(upload, 3).status_code == 200
    assert send(upload, 1).status_code == 200
    early = finish(client, upload)
    assert early.status_code == 400
    assert "Part 2 is missing" in early.text
    again = begin(options={"preview": False}).json()  # after a reload
    assert (again["id"], again["received"]) == (upload["id"], [1, 3])
    assert again["options"] == {"preview": False}  # what is said last counts
    client.force_login(outsider)
    assert client.get(f"{URL}{upload['id']}/").status_code == 404
    client.force_login(data_set.project.created_by)
    send(upload, 2)
    wrong = finish(client, upload, digest="0" * 64)
    assert "and not as" in wrong.text
    whole = finish(client, upload, digest=hashlib.sha256(FILE).hexdigest())
    assert whole.status_code == 200
    assert finish(client, upload).json()["version"] == whole.json()["version"]
    jobs_inline()
    version = data_set.versions.get()
    assert (version.rows, version.source_digest) == (
        60,
        hashlib.sha256(FILE).hexdigest(),
    )
    assert not ObjectRef.objects.filter(owner_kind="upload_part").exists()
    assert whole.json()["url"] == version.get_absolute_url()


def test_same_file_in_two_uploads_at_once_is_one_version(begin, send, client):
    both = [begin(fingerprint=name).json() for name in ("a", "b")]
    for number in (1, 2, 3):
        for upload in both:
            send(upload, number)
    # Both are whole before either is finished.
    rows = [Upload.objects.get(pk=upload["id"]) for upload in both]
    files = [services.assemble(row) for row in rows]
    actor = Actor(user=rows[0].created_by)
    first = services.finish_upload(rows[0], files[0], actor=actor)
    assert services.finish_upload(rows[0], files[0], actor=actor) is None
    second = services.finish_upload(rows[1], files[1], actor=actor)
    assert (first.is_new, second.is_new) == (True, False)
    assert DataSetVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("number", "content", "why"),
    [
        (4, b"x", "no part 4; they count from 1 to 3"),
        (1, b"x" * 10, "Part 1 has 10 bytes instead of 200"),
        (1, b"x" * 300, "larger than"),
    ],
)
def test_part_that_does_not_fit_is_refused(begin, send, number, content, why):
    refused = send(begin().json(), number, content)
    assert refused.status_code in {400, 413}
    assert why in refused.text


def test_file_beyond_the_limit_and_too_many_at_once_are_refused(begin, monkeypatch):
    assert begin(size=10**13).status_code == 413
    monkeypatch.setattr("dataquality.services.uploads.MOST_OPEN", 1)
    assert begin(fingerprint="a").status_code == 201
    many = begin(fingerprint="b")
    assert many.status_code == 400
    assert "unfinished" in many.text


def test_the_page_lists_what_one_began_and_lets_go_of_it(
    begin, send, client, data_set, owner, outsider
):
    upload = begin().json()
    send(upload, 1)
    page = client.get(data_set.get_absolute_url()).content.decode()
    assert "readings.csv" in page
    assert "33 % came" in page
    drop = reverse(
        "dataquality:upload_drop",
        args=[data_set.project.slug, data_set.slug, upload["id"]],
    )
    client.force_login(outsider)
    assert client.post(drop).status_code == 404
    editor = a_member(data_set.project, Role.EDITOR)
    client.force_login(editor)  # who may change the data set, and began another file
    assert client.post(drop).status_code == 404
    assert "33 % came" not in client.get(data_set.get_absolute_url()).content.decode()
    client.force_login(owner)
    assert client.post(drop).status_code == 302
    assert not Upload.objects.exists()
    assert ProjectUsage.objects.get().used == 0


def test_what_was_begun_and_left_is_forgotten_with_its_bytes(begin, send):
    upload = begin().json()
    send(upload, 1)
    send(upload, 1)  # the same part again counts once
    assert ProjectUsage.objects.get().used == 200
    tasks.expire_uploads()
    assert Upload.objects.count() == 1
    Upload.objects.update(touched_at=timezone.now() - timedelta(days=4))
    tasks.expire_uploads()
    assert (Upload.objects.count(), ProjectUsage.objects.get().used) == (0, 0)
