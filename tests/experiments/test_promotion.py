"""A run becomes the champion, if the model gate lets it."""

import pytest
from django.test import Client

from core.access import Actor
from experiments import services
from experiments.models import Alias, ModelVersion, Run
from projects.models import Gate, GateKey, GateOverride
from projects.services import GateClosed, set_gate
from tests.experiments.factories import NOW, a_run
from tests.experiments.test_api import by_token
from tests.factories import a_member, a_user


@pytest.fixture
def actor(owner):
    return Actor(user=owner)


def closed(project, key, actor):
    Gate.objects.filter(project=project, key=key).delete()
    set_gate(project, key, actor=actor, is_on=True, capacities=[], bounds={})


def finished(experiment):
    return a_run(experiment, status="FINISHED")


def test_promotion_registers_a_version_and_moves_the_alias(project, experiment, actor):
    first, second = finished(experiment), finished(experiment)
    one = services.promote_run(first, actor=actor)
    two = services.promote_run(second, actor=actor)
    assert (one.model.name, one.version, two.version) == (project.slug, 1, 2)
    assert Alias.objects.get(name="champion").version == two
    again = services.promote_run(Run.objects.get(pk=first.pk), actor=actor)
    assert again == one
    assert Alias.objects.get(name="champion").version == one
    project.refresh_from_db()
    assert project.candidate_id == first.pk


def test_a_closed_model_gate_keeps_a_run_from_being_promoted(
    project, experiment, actor
):
    run = finished(experiment)
    closed(project, GateKey.MODEL, actor)
    with pytest.raises(GateClosed, match="Nothing is proposed yet"):
        services.promote_run(run, actor=actor)
    assert not ModelVersion.objects.exists()
    services.promote_run(run, actor=actor, override_reason="a pilot for a week")
    assert GateOverride.objects.get().action == "promote"


def test_the_page_of_a_run_says_what_keeps_it_back(project, experiment, actor, client):
    run = finished(experiment)
    services.nominate(run, actor=actor)
    closed(project, GateKey.MODEL, actor)
    client.force_login(a_member(project, "editor"))
    text = client.get(run.get_absolute_url()).content.decode()
    assert "It cannot be promoted" in text
    assert "Promote past the gate" not in text
    client.force_login(actor.user)
    assert (
        "Promote past the gate" in client.get(run.get_absolute_url()).content.decode()
    )


def test_who_may_not_edit_promotes_nothing(project, experiment, client):
    run = finished(experiment)
    url = project.url("experiments:run_promote", pk=run.pk)
    for person in (a_member(project, "viewer"), a_user("Outsider")):
        client.force_login(person)
        assert client.post(url, {"override_reason": "x"}).status_code == 404
    client.force_login(a_member(project, "editor"))
    assert client.post(url).status_code == 302
    assert ModelVersion.objects.get().run == run


def test_the_api_answers_a_closed_gate_with_what_keeps_it_closed(
    project, experiment, actor
):
    run = finished(experiment)
    closed(project, GateKey.DESIGN, actor)
    closed(project, GateKey.MODEL, actor)
    api = by_token(actor.user, "admin")
    for act in ("nominate", "promote"):
        held = api.post(f"/api/v1/runs/{run.pk}/{act}/", {}, format="json")
        assert held.status_code == 409
        assert "closed" in held.data["detail"]
        reason = {"override_reason": "a pilot"}
        done = api.post(f"/api/v1/runs/{run.pk}/{act}/", reason, format="json")
        assert done.status_code in {200, 201}, done.data
    assert done.data["aliases"] == ["champion"]
    found = api.get("/api/v1/gate-overrides/", {"project": project.slug}).data
    assert {each["gate"] for each in found["results"]} == {"design", "model"}
    outsider = by_token(a_user("Outsider"))
    assert outsider.get("/api/v1/gate-overrides/").data["count"] == 0
    assert outsider.get(f"/api/v1/gates/{project.slug}/").status_code == 404


def test_a_closed_data_gate_keeps_training_from_starting(project, protocol, actor):
    closed(project, GateKey.DATA, actor)
    asked = [services.TrialAsked("baseline", {}, seed=1)]
    with pytest.raises(GateClosed, match="data gate is closed"):
        services.plan_sweep(protocol, asked, actor=actor, now=NOW)
    services.plan_sweep(
        protocol, asked, actor=actor, now=NOW, override_reason="to see what it finds"
    )
    assert GateOverride.objects.get().subject_kind == "data_set_version"


def test_the_gates_of_a_project_through_the_api(project, actor):
    api = by_token(actor.user, "admin")
    said = {
        "gate": "design",
        "is_on": True,
        "capacities": ["sponsor"],
        "bounds": {"least_chance": 0.6},
    }
    url = f"/api/v1/gates/{project.slug}/"
    kept = api.post(f"{url}keep/", said, format="json")
    assert kept.status_code == 200, kept.data
    gates = {each["key"]: each for each in api.get(url).data["gates"]}
    design = gates["design"]
    assert (design["is_on"], design["is_open"], gates["data"]["is_on"]) == (
        True,
        False,
        False,
    )
    assert design["bounds"] == {"least_chance": 0.6}
    assert "Nothing is proposed yet." in design["blocked_by"]
    assert {each["key"] for each in design["checks"]} >= {"pays_back", "payback"}


def test_the_form_to_go_past_a_gate_is_not_refused_as_forged(
    project, experiment, actor
):
    run = finished(experiment)
    closed(project, GateKey.DESIGN, actor)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(actor.user)
    page = browser.get(run.get_absolute_url()).content.decode()
    form = page[page.index("Why go past it?") - 600 : page.index("Why go past it?")]
    assert "csrfmiddlewaretoken" in form
