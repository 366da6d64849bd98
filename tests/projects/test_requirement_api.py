"""Requirements by the API: what a page can do, a program can."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from projects.models import Evidence, Requirement
from tests.factories import a_member, a_project, a_token, a_user

pytestmark = pytest.mark.django_db
URL = "/api/v1/requirements/"


@pytest.fixture
def project():
    return a_project()


class Caller:
    def __init__(self, client, user):
        self.client, self.headers = client, {"authorization": f"Bearer {a_token(user)}"}

    def get(self, path="", **query):
        return self.client.get(URL + path, query, headers=self.headers)

    def post(self, path="", **body):
        return self.client.post(
            URL + path, body, content_type="application/json", headers=self.headers
        )

    def patch(self, path, **body):
        return self.client.patch(
            URL + path, body, content_type="application/json", headers=self.headers
        )


@pytest.fixture
def owner(client, project):
    return Caller(client, project.created_by)


def create(caller, project, kind="accuracy", **said):
    body = {"project": project.slug, "kind": kind, "title": f"{kind} holds", **said}
    answer = caller.post(**body)
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_structured_fields_make_the_test(owner, project):
    row = create(
        owner,
        project,
        "frequency",
        details={"mode": "batch", "every": 2, "period": "week"},
    )
    says = row["says"]
    assert (says["metric_key"], says["threshold"], says["test"]) == (
        "data_age_days",
        14,
        "computed",
    )
    assert row["standing"]["parts"][0]["state"] == "not_yet"


@pytest.mark.parametrize(
    ("said", "field", "why"),
    [
        ({"kind": "frequency", "details": {"mode": "batch"}}, "details", "every: "),
        ({"kind": "frequency", "details": []}, "details", "Give an object"),
        (
            {"kind": "accuracy", "details": {"mode": "batch"}},
            "details",
            "no such field",
        ),
        ({"kind": "accuracy"}, "", "needs a metric and a threshold"),
    ],
)
def test_what_cannot_be_used_names_the_field(owner, project, said, field, why):
    answer = owner.post(project=project.slug, title="x", **said)
    assert answer.status_code == 400
    assert why in answer.content.decode()
    assert field in answer.content.decode()


def test_a_patch_keeps_the_rest_and_its_history(owner, project):
    row = create(
        owner, project, metric_key="recall", threshold=0.7, unit="share", minimum_n=50
    )
    answer = owner.patch(f"{row['id']}/", threshold=0.8, reason="tests")
    assert answer.json()["says"]["minimum_n"] == 50
    newest, first = owner.get(f"{row['id']}/versions/").json()
    assert newest["changes"] == [
        {
            "label": "threshold",
            "before": "70\N{NO-BREAK SPACE}%",
            "after": "80\N{NO-BREAK SPACE}%",
        }
    ]
    assert (newest["version"]["reason"], first["changes"]) == ("tests", [])
    again = owner.post(f"{row['id']}/restore-version/", version=1)
    assert again.json()["says"]["threshold"] == 0.7
    assert owner.post(f"{row['id']}/restore-version/", version=9).status_code == 404


@pytest.mark.parametrize("metric", ["recall", "precision", "fpr", "roc_auc"])
def test_a_threshold_is_derived_with_all_it_was_computed_from(owner, project, metric):
    held = {"recall": 0.02, "precision": 0.6, "fpr": 0.6, "roc_auc": None}[metric]
    asked = {"metric": metric, "at": held, "confidence": 0.5}
    answer = owner.post("derive/", project=project.slug, **asked)
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert found["calculation"]["inputs"]["metric"] == metric
    assert len(found["calculation"]["digest"]) == 64
    assert found["requirement"] is None
    assert not Requirement.objects.exists()
    if found["threshold"] is not None:
        kept = owner.post("derive/", project=project.slug, keep=True, **asked).json()
        row = Requirement.objects.get(pk=kept["requirement"])
        assert row.current.threshold == found["threshold"]
        assert row.current.comparison == ("le" if metric == "fpr" else "ge")
        # The same question is the same calculation.
        assert kept["calculation"]["id"] == found["calculation"]["id"]


def test_a_rate_that_is_held_must_be_given(owner, project):
    answer = owner.post("derive/", project=project.slug, metric="recall")
    assert answer.status_code == 400
    assert "fpr" in answer.content.decode()


def test_a_forecast_case_derives_its_error_and_nothing_of_classifiers(owner, project):
    shelf = a_project(
        project.created_by,
        name="Order what sells",
        template="forecast",
        task="regression",
    )
    found = owner.post("derive/", project=shelf.slug, confidence=0.5, keep=True).json()
    assert (found["metric"], found["comparison"]) == ("mae", "le")
    assert found["words"].startswith("Misses by at most")
    assert found["calculation"]["inputs"]["at"].keys() == {"low_share"}
    assert Requirement.objects.get(pk=found["requirement"]).current.metric_key == "mae"
    refused = owner.post("derive/", project=shelf.slug, metric="recall", at=0.1)
    assert refused.status_code == 400
    assert "Choose one of mae." in refused.content.decode()


def test_looser_than_derived_is_refused_without_a_reason(owner, project):
    derived = owner.post(
        "derive/", project=project.slug, at=0.02, confidence=0.5, keep=True
    ).json()
    path = f"{derived['requirement']}/"
    answer = owner.patch(path, threshold=derived["threshold"] / 2)
    assert answer.status_code == 400
    assert "looser than" in answer.content.decode()
    answer = owner.patch(path, threshold=derived["threshold"] / 2, reason="a pilot")
    assert answer.status_code == 200


def test_conflicts_name_both_sides(owner, project):
    high = create(owner, project, metric_key="recall", threshold=0.8, unit="share")
    low = create(
        owner,
        project,
        metric_key="recall",
        threshold=0.5,
        comparison="le",
        unit="share",
    )
    (one,) = owner.get("conflicts/", project=project.slug).json()
    assert [side["requirement"] for side in one["sides"]] == [high["id"], low["id"]]


def test_a_document_is_planned_then_written(owner, project):
    create(owner, project, metric_key="recall", threshold=0.7, unit="share")
    sent = owner.get("export/", project=project.slug)
    assert sent["Content-Type"] == "application/yaml"
    text = sent.content.decode().replace("0.7", "0.75")
    body = {"project": project.slug, "document": text}
    plan = owner.post("import/", **body).json()
    assert (plan["changed"], plan["is_applied"]) == (1, False)
    assert owner.post("import/", **body, apply="0" * 64).status_code == 400
    done = owner.post("import/", **body, apply=plan["digest"]).json()
    assert done["is_applied"]
    assert Requirement.objects.get().current.threshold == 0.75
    bad = owner.post("import/", **{**body, "document": text.replace("0.75", "high")})
    assert bad.status_code == 400
    assert "threshold" in bad.content.decode()


def test_a_document_stands_behind_an_attestation(client, owner, project):
    row = create(owner, project, "compliance", test="attested")
    person = Caller(client, a_member(project, "contributor"))
    sent = client.post(
        f"{URL}{row['id']}/documents/",
        {"file": SimpleUploadedFile("audit.txt", b"all well")},
        headers=person.headers,
    )
    assert sent.status_code == 201, sent.content
    digest = sent.json()["digest"]
    answer = person.post(
        f"{row['id']}/attest/", holds=True, note="read", document=digest
    )
    assert answer.status_code == 201
    assert Evidence.objects.get().inputs == {"document:audit.txt": digest}
    wrong = person.post(f"{row['id']}/attest/", holds=True, note="x", document="0" * 64)
    assert wrong.status_code == 400
    assert person.get(f"{row['id']}/documents/").json() == [sent.json()]
    file = person.get(f"{row['id']}/document/", digest=digest)
    assert b"".join(file.streaming_content) == b"all well"
    assert person.get(f"{row['id']}/document/", digest="x").status_code == 404


def test_questions_come_with_the_answers(owner, project):
    answers = {"personal_data": {"answer": "yes"}}
    row = create(
        owner, project, "compliance", details={"template": "gdpr", "answers": answers}
    )
    found = {each["key"]: each for each in owner.get(f"{row['id']}/questions/").json()}
    assert found["personal_data"]["answer"] == "yes"
    assert found["dpia"]["passage"] == "Art. 35"
    assert "intervention" not in found


def test_an_outsider_sees_and_does_nothing(client, owner, project):
    row = create(owner, project, metric_key="recall", threshold=0.7)
    stranger = Caller(client, a_user())
    for path in ("export/", "conflicts/"):
        assert stranger.get(path, project=project.slug).status_code == 404
    for path in ("", "versions/", "documents/", "questions/"):
        assert stranger.get(f"{row['id']}/{path}").status_code == 404
    assert stranger.post("derive/", project=project.slug, at=0.1).status_code == 400
    answer = stranger.post("import/", project=project.slug, document="x")
    assert answer.status_code == 400
    assert "document" not in answer.json().get("errors", {})


def test_who_reads_derives_and_imports_nothing(client, owner, project):
    reader = Caller(client, a_member(project, "viewer"))
    assert reader.get("export/", project=project.slug).status_code == 200
    assert reader.post("derive/", project=project.slug, at=0.1).status_code == 400


def test_the_openapi_document_shows_the_fields_of_each_kind(owner, project):
    answer = owner.client.get(
        "/api/v1/schema/?format=json", headers=owner.headers
    ).json()
    schemas = answer["components"]["schemas"]
    details = schemas["RequirementRequest"]["properties"]["details"]
    shown = schemas["RequirementVersion"]["properties"]["details"]
    assert details["anyOf"] == shown["anyOf"]
    by_kind = {each["title"]: each for each in details["anyOf"]}
    assert by_kind["frequency"]["properties"]["mode"]["enum"] == ["real_time", "batch"]
    assert "answers" in by_kind["compliance"]["properties"]
