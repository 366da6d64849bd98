"""Data sets and versions by token."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core.models import Job, StoredObject
from dataquality.models import DataSet, DataSetVersion
from tests import factories

SMALL = b"name,age\nAna,31\nBo,\nCy,52\n"
VERSIONS = "/api/v1/data-set-versions/"


@pytest.fixture
def api():
    """Return a function that gives a client with a token of a person."""

    def client_of(person, scope="write"):
        key = factories.a_token(person, scope=scope)
        return Client(headers={"Authorization": f"Bearer {key}"})

    return client_of


def put(client, data_set, content=SMALL, **extra):
    return client.put(
        f"{VERSIONS}of/{data_set.pk}/?filename=people.csv",
        content,
        content_type="application/octet-stream",
        **extra,
    )


def test_a_data_set_is_made_read_changed_and_trashed(project, owner, api):
    client = api(owner)
    body = {"project": project.slug, "name": "People"}
    made = client.post("/api/v1/data-sets/", body, content_type="application/json")
    assert made.status_code == 201, made.content
    assert made.json()["slug"] == "people"

    path = f"/api/v1/data-sets/{made.json()['id']}/"
    changed = client.patch(
        path, {"description": "Who"}, content_type="application/json"
    )
    assert changed.json()["description"] == "Who"
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404
    assert DataSet.objects.get().is_deleted
    assert api(factories.a_user()).post(f"{path}restore/").status_code == 404
    assert client.post(f"{path}restore/").status_code == 200
    assert client.get(path).status_code == 200
    assert client.post(f"{path}restore/").status_code == 404


def test_a_taken_name_is_a_problem_of_its_field(data_set, owner, api):
    body = {"project": data_set.project.slug, "name": data_set.name}
    answer = api(owner).post(
        "/api/v1/data-sets/", body, content_type="application/json"
    )

    assert answer.status_code == 400
    assert "exists already" in json.dumps(answer.json()["errors"])


def test_a_form_uploads_and_the_same_bytes_are_there_already(
    data_set, owner, api, jobs_inline
):
    client = api(owner)
    form = {"data_set": data_set.pk, "file": SimpleUploadedFile("p.csv", SMALL)}
    made = client.post(VERSIONS, form)
    assert made.status_code == 201, made.content
    jobs_inline()
    form["file"] = SimpleUploadedFile("p.csv", SMALL)
    again = client.post(VERSIONS, form)

    assert again.status_code == 200
    assert again.json()["id"] == made.json()["id"]
    assert again.json()["state"] == "ready"
    assert again.json()["columns"][1] == {"name": "age", "kind": "integer"}


def test_a_body_is_the_file_itself(data_set, owner, api, jobs_inline, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1024
    client = api(owner)
    content = b"a,b\n" + b"1,2\n" * 100_000
    made = put(client, data_set, content)
    assert made.status_code == 201, made.content
    jobs_inline()

    version = client.get(f"{VERSIONS}{made.json()['id']}/").json()
    assert version["rows"] == 100_000
    scores = client.get(f"{VERSIONS}{version['id']}/scores/").json()
    assert [each["value"] for each in scores] == [None] * 6
    original = client.get(f"{VERSIONS}{version['id']}/original/")
    assert b"".join(original.streaming_content) == content
    profiles = client.get(f"/api/v1/profiles/?version={version['id']}").json()[
        "results"
    ]
    assert profiles[0]["content"]["rows"] == 100_000


def test_a_key_answers_once_and_only_its_own_file(data_set, owner, api):
    client = api(owner)
    key = {"headers": {"Idempotency-Key": "one"}}
    first, second = put(client, data_set, **key), put(client, data_set, **key)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert Job.objects.count() == 1
    assert put(client, data_set, SMALL + b"x,1\n", **key).status_code == 409


def test_a_body_that_is_cut_off_keeps_nothing(data_set, owner, api):
    import io

    answer = put(
        api(owner),
        data_set,
        b"",
        **{
            "CONTENT_TYPE": "application/octet-stream",
            "CONTENT_LENGTH": "100",
            "wsgi.input": io.BytesIO(SMALL),
        },
    )

    assert answer.status_code == 400
    assert "send the file again" in answer.json()["errors"]["file"][0]
    assert not StoredObject.objects.exists()


def test_a_body_above_the_limit_is_refused(data_set, owner, api, settings):
    settings.UPLOAD_LIMIT = 10
    answer = put(api(owner), data_set)

    assert answer.status_code == 413
    assert "larger than" in answer.json()["detail"]
    assert not DataSetVersion.objects.exists()


def test_a_refused_file_is_answered(data_set, owner, api, jobs_inline):
    client = api(owner)
    made = put(client, data_set, "n\nJosé\nAna\n".encode("cp1252"))
    jobs_inline()
    path = f"{VERSIONS}{made.json()['id']}/"
    assert client.get(path).json()["question"]["proposal"] == "cp1252"

    body = {"options": {"encoding": "cp1252"}}
    client.post(f"{path}answer/", body, content_type="application/json")
    jobs_inline()
    assert client.get(path).json()["state"] == "ready"
    assert (
        client.post(f"{path}answer/", body, content_type="application/json").status_code
        == 400
    )


def test_a_preview_is_asked_for_changed_and_accepted(
    data_set, owner, outsider, api, jobs_inline
):
    client = api(owner)
    path = f"{VERSIONS}of/{data_set.pk}/?filename=p.csv&options="
    bad = client.put(
        path + '{"colour":1', SMALL, content_type="application/octet-stream"
    )
    assert "options" in bad.json()["errors"]
    made = client.put(
        path + '{"preview":true}',
        b"name,paid\nAna,3\nBo\n",
        content_type="application/octet-stream",
    )
    jobs_inline()
    path = f"{VERSIONS}{made.json()['id']}/"
    assert client.get(path).json()["state"] == "waiting"
    shown = client.get(f"{path}preview/").json()
    assert shown["doubts"][0]["sentence"].startswith("1 of 2 rows do not fit")
    assert shown["read"]["rejects"][0] == {
        "line": 3,
        "reason": "1 fields where the header has 2",
        "text": "Bo",
    }
    assert shown["sample"]["rows"] == [["Ana", "3"]]
    assert api(outsider).get(f"{path}preview/").status_code == 404

    kinds = {"options": {"kinds": {"paid": "text"}}}
    asked = client.post(f"{path}preview/", kinds, content_type="application/json")
    assert asked.json()["options"] == {**kinds["options"], "preview": True}
    jobs_inline()
    assert client.get(f"{path}preview/").json()["read"]["columns"][1]["why"] == "chosen"
    client.post(f"{path}answer/", {"accept": True}, content_type="application/json")
    jobs_inline()
    assert client.get(path).json()["columns"][1] == {"name": "paid", "kind": "text"}
    report = client.get(f"{path}preview/").json()
    assert (report["doubts"], report["read"]["rows_kept"]) == ([], 1)
    late = client.post(f"{path}preview/", {}, content_type="application/json")
    assert late.status_code == 400


def test_what_is_proposed_is_taken_at_once_if_told_so(
    data_set, owner, api, jobs_inline
):
    client = api(owner)
    form = {
        "data_set": data_set.pk,
        "file": SimpleUploadedFile("p.csv", b"id;v\n1;1.234,50\n2;90,00\n"),
        "options": '{"preview": false}',
    }
    made = client.post(VERSIONS, form)
    jobs_inline()
    version = client.get(f"{VERSIONS}{made.json()['id']}/").json()
    assert (version["state"], version["columns"][1]["kind"]) == ("ready", "number")


@pytest.mark.parametrize(
    ("role", "reads", "writes"),
    [
        ("owner", 200, 201),
        ("contributor", 200, 404),
        ("viewer", 200, 404),
        ("outsider", 404, 404),
    ],
)
def test_each_role_reads_and_writes_what_it_may(
    role, reads, writes, request, version, api
):
    client = api(request.getfixturevalue(role))

    assert client.get(f"{VERSIONS}{version.pk}/").status_code == reads
    assert client.get(f"{VERSIONS}{version.pk}/table/").status_code == reads
    assert client.get(f"/api/v1/profiles/{version.profile.pk}/").status_code == reads
    assert put(client, version.data_set, SMALL + b"Di,4\n").status_code == writes


def test_a_token_that_only_reads_uploads_nothing(data_set, owner, api):
    assert put(api(owner, scope="read"), data_set).status_code == 404
    assert not DataSetVersion.objects.exists()
