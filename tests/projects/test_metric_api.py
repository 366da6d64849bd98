"""The metrics' API: meanings, words of people, links, translations and money."""

import json

import pytest
from rest_framework.test import APIClient

from projects.models import Calculation
from projects.services import Measurement, Subject, record_evidence
from tests import factories
from tests.projects.test_metric_agreement import agree, vector_14

pytestmark = pytest.mark.django_db
KEPT = "recall * customers * churn_rate * save_rate"


@pytest.fixture
def api(cast):
    def of(who):
        client = APIClient()
        key = factories.a_token(getattr(cast, who), scope="write")
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
        return client

    return of


def a_kept(api, project):
    given = {
        "project": project.slug,
        "key": "kept",
        "title": "Customers kept",
        "kind": "domain",
        "unit": "customers",
    }
    answer = api("editor").post("/api/v1/metrics/", given, format="json")
    assert answer.status_code == 201, answer.data
    return answer.data["id"]


def link(project, effect, **given):
    return {
        "project": project.slug,
        "cause": project.metrics.get(key="recall").pk,
        "effect": effect,
        "relation": "formula",
        "formula": KEPT,
        **given,
    }


def test_another_meaning_is_the_next_version_and_what_it_was_is_kept(
    api, project, ruth
):
    editor = api("editor")
    pk = project.metrics.get(key="recall").pk
    said = {"stakeholder": ruth.pk, "metric": pk, "weight": "primary", "agreed": "yes"}
    answer = editor.post("/api/v1/alignments/", said, format="json")
    assert (answer.status_code, answer.data["version"]) == (201, 1)
    assert answer.data["noted_by"] == "Editor Person"
    changed = editor.patch(f"/api/v1/metrics/{pk}/", {"title": "Hits"}, format="json")
    assert changed.data["version"] == 2
    one = f"/api/v1/alignments/{answer.data['id']}/"
    assert editor.get(one).data["is_outdated"] is True
    (before,) = editor.get(f"/api/v1/metrics/{pk}/versions/").data
    assert before["said"]["title"] == "Recall"
    (open_one,) = editor.get(
        "/api/v1/metrics/unresolved/", {"project": project.slug}
    ).data
    assert (open_one["why"], open_one["metric"]) == ("outdated", "recall")
    again = editor.patch(one, {"agreed": "yes"}, format="json").data
    assert (again["version"], again["is_outdated"]) == (2, False)


@pytest.mark.parametrize("name", ["key", "project"])
def test_what_runs_log_it_under_and_where_it_belongs_stay(api, project, cast, name):
    other = factories.a_project(cast.editor)
    pk = project.metrics.get(key="recall").pk
    given = {"key": "other", "project": other.slug}
    answer = api("editor").patch(
        f"/api/v1/metrics/{pk}/", {name: given[name]}, format="json"
    )
    assert answer.status_code == 400
    assert "fixed once the metric is made" in answer.data["errors"][name][0]


def test_a_contributor_speaks_for_themselves_and_for_nobody_else(
    api, project, ruth, cast
):
    me = factories.a_stakeholder(project, "Ana", user=cast.contributor)
    pk = project.metrics.get(key="recall").pk
    said = {"stakeholder": me.pk, "metric": pk, "weight": "primary", "agreed": "yes"}
    contributor = api("contributor")
    answer = contributor.post("/api/v1/alignments/", said, format="json")
    assert answer.status_code == 201
    assert answer.data["noted_by"] is None
    said["stakeholder"] = ruth.pk
    refused = contributor.post("/api/v1/alignments/", said, format="json")
    assert refused.status_code == 400
    hers = api("editor").post("/api/v1/alignments/", said, format="json").data["id"]
    for other, status in ((hers, 404), (answer.data["id"], 204)):
        gone = contributor.delete(f"/api/v1/alignments/{other}/")
        assert gone.status_code == status


def test_a_retired_metric_is_not_to_be_named_until_it_is_restored(api, project, ruth):
    editor = api("editor")
    pk = project.metrics.get(key="recall").pk
    assert editor.post(f"/api/v1/metrics/{pk}/retire/").data["is_retired"] is True
    said = {"stakeholder": ruth.pk, "metric": pk, "weight": "primary", "agreed": "yes"}
    answer = editor.post("/api/v1/alignments/", said, format="json")
    assert "It is retired" in answer.data["errors"]["metric"][0]
    listed = editor.get("/api/v1/metrics/", {"project": project.slug, "retired": True})
    assert [each["key"] for each in listed.data["results"]] == ["recall"]
    editor.post(f"/api/v1/metrics/{pk}/restore/")
    assert editor.post("/api/v1/alignments/", said, format="json").status_code == 201
    assert api("viewer").post(f"/api/v1/metrics/{pk}/retire/").status_code == 404


def test_links_are_made_changed_and_taken_away(api, project):
    editor, kept = api("editor"), a_kept(api, project)
    answer = editor.post("/api/v1/metric-links/", link(project, kept), format="json")
    assert answer.status_code == 201, answer.data
    one = f"/api/v1/metric-links/{answer.data['id']}/"
    changed = editor.patch(
        one,
        {"relation": "elasticity", "elasticity": 2, "at_cause": 0.5, "at_effect": 9},
        format="json",
    )
    assert (changed.data["formula"], changed.data["elasticity"]) == ("", 2.0)
    assert api("viewer").get(one).status_code == 200
    assert api("outsider").get(one).status_code == 404
    assert api("contributor").delete(one).status_code == 404
    assert editor.delete(one).status_code == 204


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"formula": "recal * 2"}, "formula", "did you mean"),
        ({"formula": ""}, "__all__", "State the relation"),
        ({"formula": "x" * 10_000}, "formula", "500"),
        ({"relation": "elasticity"}, "at_cause", "known point"),
        (
            {"relation": "elasticity", "at_cause": 1, "at_effect": 1},
            "__all__",
            "State the relation",
        ),
        ({"effect": "cause"}, "effect", "linked to itself"),
        ({"effect": 2**70}, "effect", "nvalid"),
    ],
)
def test_a_link_that_says_nothing_is_refused_beside_its_field(
    api, project, given, field, words
):
    given = link(project, a_kept(api, project)) | given
    if given["effect"] == "cause":
        given["effect"] = given["cause"]
    answer = api("editor").post("/api/v1/metric-links/", given, format="json")
    assert answer.status_code == 400
    assert words in answer.data["errors"][field][0]


def test_a_number_that_is_none_is_refused(api, project):
    given = link(project, a_kept(api, project), relation="elasticity", at_cause=1)
    given |= {"at_effect": 1, "elasticity": "number"}
    body = json.dumps(given).replace('"number"', "1e999")
    answer = api("editor").post(
        "/api/v1/metric-links/", body, content_type="application/json"
    )
    assert answer.status_code == 400
    assert not project.metric_links.exists()


def test_a_run_is_translated_and_the_roll_up_names_who_disagrees(api, project):
    editor, kept = api("editor"), a_kept(api, project)
    editor.post("/api/v1/metric-links/", link(project, kept), format="json")
    agree(project, "kept", name="Iris", group="expert", primary="kept")
    record_evidence(
        project,
        subject=Subject("run", "r1", "quiet-heron"),
        measurements=[Measurement("recall", 0.8, 0.75, 0.85, unit="share")],
        inputs={},
    )
    asked = {"project": project.slug, "run": "r1"}
    found = api("viewer").get("/api/v1/metrics/translation/", asked)
    assert found.status_code == 200
    (sentence,) = found.data["sentences"]
    assert (sentence["group"], sentence["metric"]) == ("expert", "kept")
    readings = {each["metric"]: each for each in found.data["readings"]}
    assert readings["kept"]["path"] == ["recall", "kept"]
    nothing = api("viewer").get(
        "/api/v1/metrics/translation/", {"project": project.slug}
    )
    assert nothing.status_code == 404  # no candidate yet
    rows = api("viewer").get("/api/v1/metrics/roll-up/", {"project": project.slug}).data
    row = next(each for each in rows if each["key"] == "kept")
    expert = next(each for each in row["groups"] if each["group"] == "expert")
    assert (expert["stands"], expert["primary"]) == ("agreed", 1)
    assert expert["people"][0]["name"] == "Iris"


def test_the_comparison_with_money_is_had_live_and_kept(api, project):
    editor = api("editor")
    empty = editor.post(
        "/api/v1/metric-agreements/", {"project": project.slug}, format="json"
    )
    assert empty.status_code == 400
    vector_14(project)
    agree(project, "recall", "precision")
    asked = {"project": project.slug}
    live = api("viewer").get("/api/v1/metrics/agreement/", asked).data
    taus = {each["metric"]: each["tau"] for each in live["metrics"]}
    assert taus == pytest.approx({"recall": 0.4, "precision": -0.4})
    assert live["metrics"][0]["chosen"] == "run-C"
    assert len(live["sentences"]) == 3
    kept = editor.post("/api/v1/metric-agreements/", asked, format="json")
    assert kept.status_code == 201
    assert kept.data["digest"] == live["digest"]
    assert kept.data["inputs"] == live["inputs"]
    assert kept.data["engine_version"] == live["engine_version"]
    assert Calculation.objects.get().result == kept.data["result"]
    for who in ("viewer", "contributor"):
        refused = api(who).post("/api/v1/metric-agreements/", asked, format="json")
        assert refused.status_code == 400
    one = f"/api/v1/metric-agreements/{kept.data['id']}/"
    assert api("viewer").get(one).status_code == 200
    assert api("outsider").get(one).status_code == 404


@pytest.mark.parametrize("name", ["roll-up", "unresolved", "translation", "agreement"])
def test_a_project_is_to_be_named_and_an_outsider_knows_none(api, project, name):
    address = f"/api/v1/metrics/{name}/"
    assert api("viewer").get(address).status_code == 400
    for asked in ({"project": project.slug}, {"project": "nowhere\x00"}):
        assert api("outsider").get(address, asked).status_code == 400
