"""Experiments and runs through the API, by token."""

import math

import pytest
from rest_framework.test import APIClient

from core.models import Job
from experiments.models import Experiment, Run
from tests.experiments.factories import a_run
from tests.factories import a_member, a_token, a_user

RULES = {
    "task": "binary",
    "target": "churn",
    "positive": "yes",
    "primary_metric": "average_precision",
    "folds": 2,
}


def by_token(user, scope="write"):
    api = APIClient()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {a_token(user, scope)}")
    return api


@pytest.fixture
def api(owner):
    return by_token(owner)


def test_the_loop_from_hypothesis_to_candidate(api, project, version, jobs_inline):
    body = {"project": project.slug, "name": "Spring", "hypothesis": "It pays."}
    experiment = api.post("/api/v1/experiments/", body, format="json")
    assert experiment.status_code == 201, experiment.data
    protocol = api.post(
        "/api/v1/protocols/",
        {
            "experiment": experiment.data["id"],
            "data_set_version": version.pk,
            "content": RULES,
        },
        format="json",
    )
    assert protocol.status_code == 201, protocol.data
    sweep = api.post(
        "/api/v1/sweeps/",
        {"protocol": protocol.data["id"], "trials": [{"family": "linear"}]},
        format="json",
    )
    assert sweep.status_code == 201, sweep.data
    (pk,) = sweep.data["runs"]
    jobs_inline()
    run = api.get(f"/api/v1/runs/{pk}/").data
    assert run["status"] == "FINISHED"
    assert run["price"]["p5"] <= run["price"]["mean"] <= run["price"]["p95"]
    assert {file["path"] for file in api.get(f"/api/v1/runs/{pk}/files/").data} >= {
        "model.skops"
    }
    curve = api.get(f"/api/v1/runs/{pk}/profit-curve/").json()
    nearest = min(
        curve, key=lambda point: abs(float(point["threshold"]) - run["threshold"])
    )
    assert curve[0]["acted_on"] == 0 == curve[0]["money_per_1000"]
    assert curve[-1]["acted_on"] == pytest.approx(1)
    assert nearest["money_per_1000"] <= max(p["money_per_1000"] for p in curve)
    sent = api.get(f"/api/v1/runs/{pk}/file/", {"path": "model.skops"})
    assert sent["Content-Disposition"].startswith("attachment")
    assert api.get(f"/api/v1/runs/{pk}/file/", {"path": "../x"}).status_code == 404
    assert api.post(f"/api/v1/runs/{pk}/nominate/").status_code == 200
    project.refresh_from_db()
    assert project.candidate_id == pk


def test_a_script_logs_a_run_with_nan_and_infinity(api, experiment, jobs_inline):
    made = api.post("/api/v1/runs/", {"experiment": experiment.pk}, format="json")
    assert made.status_code == 201, made.data
    pk = made.data["id"]
    logged = {
        "metrics": [
            {"key": "loss", "value": "NaN", "step": 2},
            {"key": "loss", "value": 0.5, "step": 1},
            {"key": "peak", "value": "Infinity"},
            *(
                {"key": k, "value": v}
                for k, v in {"tp": 80, "fn": 20, "fp": 40, "tn": 260}.items()
            ),
        ],
        "params": [{"key": "C", "value": "1"}],
        "tags": [{"key": "team", "value": "a"}],
    }
    sent = api.post(f"/api/v1/runs/{pk}/log/", logged, format="json")
    assert sent.status_code == 204, sent.data
    metrics = {
        m["key"]: m["value"] for m in api.get(f"/api/v1/runs/{pk}/").json()["metrics"]
    }
    assert metrics["loss"] == "NaN"
    assert math.isfinite(metrics["peak"])
    history = api.get(f"/api/v1/runs/{pk}/history/", {"key": "loss"}).json()
    assert [point["value"] for point in history] == [0.5, "NaN"]
    changed = {"params": [{"key": "C", "value": "2"}]}
    refused = api.post(f"/api/v1/runs/{pk}/log/", changed, format="json")
    assert refused.status_code == 400
    assert "never changes" in refused.data["errors"]["params"][0]
    ended = api.patch(f"/api/v1/runs/{pk}/", {"status": "FINISHED"}, format="json")
    assert ended.status_code == 200, ended.data
    jobs_inline()
    assert Run.objects.get(pk=pk).price_state == Run.Price.BAND


def test_a_run_that_was_over_is_priced_by_what_is_logged_later(
    api, experiment, jobs_inline
):
    body = {"experiment": experiment.pk, "status": "FINISHED"}
    pk = api.post("/api/v1/runs/", body, format="json").data["id"]
    jobs_inline()
    assert "tp" in Run.objects.get(pk=pk).not_priced
    counts = {"tp": 80, "fn": 20, "fp": 40, "tn": 260}
    logged = {"metrics": [{"key": k, "value": v} for k, v in counts.items()]}
    for _twice in range(2):
        api.post(f"/api/v1/runs/{pk}/log/", logged, format="json")
    assert Job.objects.filter(kind="experiments.price").count() == 2
    jobs_inline()
    assert Run.objects.get(pk=pk).price_state == Run.Price.BAND


def test_the_same_key_creates_one_experiment(api, project):
    body = {"project": project.slug, "name": "Once"}
    answers = [
        api.post(
            "/api/v1/experiments/",
            body,
            format="json",
            headers={"Idempotency-Key": "k"},
        )
        for _again in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert Experiment.objects.filter(name="Once").count() == 1


def test_runs_are_filtered_and_sorted_as_on_the_page(api, experiment, project):
    for value in (0.2, 0.9, 0.5):
        a_run(experiment, name=f"r{value}", metrics={"recall": value})
    found = api.get(
        "/api/v1/runs/", {"project": project.slug, "q": "recall>0.3", "sort": "-recall"}
    )
    assert [run["name"] for run in found.data["results"]] == ["r0.9", "r0.5"]
    assert api.get("/api/v1/runs/", {"q": "colour:red"}).status_code == 400


@pytest.mark.parametrize(
    "content",
    [
        {},
        {**RULES, "holdout_share": 0.9},
        {**RULES, "unheard": 1},
        {**RULES, "folds": "many"},
        {**RULES, "task": "divination"},
    ],
)
def test_rules_that_contradict_are_refused(api, experiment, version, content):
    body = {
        "experiment": experiment.pk,
        "data_set_version": version.pk,
        "content": content,
    }
    answer = api.post("/api/v1/protocols/", body, format="json")
    assert answer.status_code == 400
    assert "content" in answer.data["errors"]


def test_outsiders_find_nothing_and_readers_change_nothing(experiment, project):
    run = a_run(experiment)
    outsider, reader = (
        by_token(a_user("Outsider")),
        by_token(a_member(project, "viewer")),
    )
    read_only = by_token(project.created_by, "read")
    for url in (f"/api/v1/runs/{run.pk}/", f"/api/v1/experiments/{experiment.pk}/"):
        assert outsider.get(url).status_code == 404
        assert reader.get(url).status_code == 200
        for api in (outsider, reader, read_only):
            assert api.patch(url, {"name": "x"}, format="json").status_code in {
                403,
                404,
            }
    assert outsider.get("/api/v1/runs/").data["count"] == 0
    for api in (outsider, reader, read_only):
        body = {"experiment": experiment.pk}
        assert api.post("/api/v1/runs/", body, format="json").status_code in {400, 403}
        for verb in ("log", "archive", "nominate"):
            url = f"/api/v1/runs/{run.pk}/{verb}/"
            assert api.post(url, {}, format="json").status_code in {403, 404}
    run.refresh_from_db()
    assert run.is_active
