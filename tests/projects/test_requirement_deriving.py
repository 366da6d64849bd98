"""Thresholds derived from the value case: one click, looser with a reason, stale."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from core.access import Actor
from engine.numbers import two_digits
from projects import services
from projects.models import Calculation, Project, Requirement
from projects.selectors.deriving import Derivation, said_of, title_of
from projects.selectors.requirements import State, standing_of
from projects.services import Measurement, NothingPays, Subject
from tests.factories import a_member, a_project, a_stakeholder, a_user, an_answer


def derivation(value, **changes):
    fields = {
        "metric": "recall",
        "comparison": "ge",
        "at": {"fpr": 0.1},
        "confidence": 0.9,
        "value": value,
        "ladder": {0.5: 0.4, 0.8: 0.6, 0.9: value},
        "draws": 10_000,
        "seed": 1,
        "value_case": "a" * 64,
        "case_version": 3,
        **changes,
    }
    return Derivation(**fields)


@pytest.fixture
def project(db):
    return a_project()


@pytest.fixture
def actor(project):
    return Actor(user=project.created_by)


@pytest.fixture
def derived_row(project, actor):
    found = services.derive(project, at=0.02, confidence=0.5)
    return services.require_derived(found, project=project, actor=actor).requirement


@pytest.mark.parametrize(
    ("value", "comparison", "threshold"),
    [
        (0.7, "ge", 0.7),
        (0.7000000000000001, "ge", 0.7),
        (0.7001, "ge", 0.71),
        (0.0421, "ge", 0.043),
        (0.7099, "le", 0.7),
        (None, "ge", None),
    ],
)
def test_a_derived_threshold_is_rounded_to_the_side_that_keeps_the_promise(
    value, comparison, threshold
):
    assert derivation(value, comparison=comparison).threshold == threshold


def test_it_is_said_in_the_words_of_the_template(project):
    said, promise = said_of(derivation(0.7), project)
    assert said == (
        "It must catch at least 70 of 100 leavers while bothering no more than 10 of "
        "100 loyal customers."
    )
    assert "9 of 10 possible futures" in promise
    project.template = "fraud"
    assert "frauds" in title_of(derivation(0.7), project)


def test_a_value_that_nothing_reaches_is_said_and_not_required(project, actor):
    said, remedy = said_of(derivation(None), project)
    assert "no share of leavers caught breaks even in 9 of 10" in said
    assert "less certainty" in remedy
    with pytest.raises(NothingPays):
        services.require_derived(derivation(None), project=project, actor=actor)


def test_a_derivation_is_a_calculation_that_can_be_done_again(project, derived_row):
    kept = Calculation.objects.get(kind="requirement")
    again = services.derive(project, at=0.02, confidence=0.5)
    assert kept.result["value"] == again.value
    assert kept.inputs["value_case"] == project.value_cases.get().content
    assert derived_row.current.derivation["calculation"] == kept.pk
    assert (kept.seed, len(kept.digest)) == (again.seed, 64)


def change(row, actor, **said):
    before = Requirement.objects.get(pk=row.pk).current.said()
    del before["derivation"]
    return services.save_requirement(
        row, actor=actor, said={**before, "reason": "", **said}
    )


def test_looser_than_derived_needs_a_reason_and_stricter_does_not(derived_row, actor):
    threshold = derived_row.current.threshold
    with pytest.raises(ValidationError, match="looser than") as found:
        change(derived_row, actor, threshold=threshold / 2)
    assert list(found.value.message_dict) == ["reason"]
    assert change(derived_row, actor, threshold=1.0).version == 2
    looser = change(derived_row, actor, threshold=threshold / 2, reason="a pilot")
    assert (looser.version, looser.reason) == (3, "a pilot")
    # It was said once why: another title asks for no second reason.
    assert change(derived_row, actor, title="Finds some").version == 4


def test_words_that_name_the_threshold_follow_it_and_own_words_stay(derived_row, actor):
    worded = derived_row.current.title
    looser = change(derived_row, actor, threshold=0.125, reason="a pilot")
    assert worded.startswith("Finds at least ")
    assert looser.title.startswith("Finds at least 12.5 of 100 leavers, bothering")
    change(derived_row, actor, title="Finds enough")
    own = change(derived_row, actor, threshold=0.2, reason="a pilot")
    assert own.title == "Finds enough"


def test_a_changed_case_turns_a_derived_requirement_stale(project, actor, derived_row):
    services.record_evidence(
        project,
        subject=Subject("run", "r1", "heron"),
        measurements=[Measurement("recall", 0.99, unit="share", n=900)],
        inputs={},
    )
    services.nominate_candidate(
        project, actor=actor, kind="run", subject_id="r1", label="heron"
    )
    assert standing_of(Requirement.objects.get()).state is State.MET
    an_answer(a_stakeholder(project), factor=1.5)
    standing = standing_of(Requirement.objects.get())
    assert standing.is_derived_stale
    assert standing.state is State.STALE


def test_deriving_again_shows_old_and_new_and_keeps_both(client, project, derived_row):
    an_answer(a_stakeholder(project), factor=1.5)
    client.force_login(project.created_by)
    page = client.get(derived_row.get_absolute_url()).content.decode()
    assert "The value case has changed since" in page
    address = reverse(
        "projects:requirement_derive", args=[project.slug, derived_row.pk]
    )
    shown = client.get(address)
    old, new = derived_row.current.threshold, shown.context["derived"].threshold
    assert new is not None
    assert f"{100 * old:g}\N{NO-BREAK SPACE}%" in shown.content.decode()
    assert client.post(address).status_code == 302
    row = Requirement.objects.get()
    assert [v.threshold for v in row.versions.all()] == [new, old]
    assert not standing_of(row).is_derived_stale


def test_one_click_makes_a_requirement(client, project):
    client.force_login(project.created_by)
    address = project.url("projects:derive")
    assert client.get(address).status_code == 200
    answer = client.post(address, {"fpr": "2", "confidence": "0.5"})
    row = Requirement.objects.get()
    assert answer.url == row.get_absolute_url()
    assert row.current.derivation["at"] == {"fpr": 0.02}
    assert row.current.derivation["value_case"] == project.value_cases.get().digest


@pytest.mark.parametrize("typed", ["two", "200", "-1", ""])
def test_a_bad_rate_is_refused_beside_its_field(client, project, typed):
    client.force_login(project.created_by)
    address = project.url("projects:derive")
    if typed:
        assert "problem" in client.get(address, {"fpr": typed}).content.decode()
        assert client.post(address, {"fpr": typed}).status_code == 422
    assert not Requirement.objects.exists()


def test_who_only_reads_looks_and_does_not_require(client, project, derived_row):
    client.force_login(a_member(project, "viewer"))
    address = project.url("projects:derive")
    assert client.get(address).status_code == 200
    assert client.post(address, {"fpr": "2"}).status_code == 404
    again = reverse("projects:requirement_derive", args=[project.slug, derived_row.pk])
    assert client.get(again).status_code == 404
    client.force_login(a_user())
    assert client.get(address).status_code == 404


@pytest.fixture
def forecast(db):
    return a_project(name="Order what sells", template="forecast", task="regression")


def test_a_forecast_case_asks_for_its_error_as_sure_as_wished(client, forecast):
    client.force_login(forecast.created_by)
    address = forecast.url("projects:derive")
    shown = client.get(address)
    derived = shown.context["derived"]
    sure = [derived.ladder[each] for each in (0.5, 0.8, 0.9)]
    assert sure == sorted(sure, reverse=True)
    assert (derived.metric, derived.comparison, derived.value) == ("mae", "le", sure[2])
    page = shown.content.decode()
    assert "Forecasts may miss by no more than" in page
    assert "Others bothered" not in page
    assert client.post(address, {"confidence": "0.8"}).status_code == 302
    row = Requirement.objects.get()
    said = two_digits(row.current.threshold)
    assert (
        str(row)
        == f"Misses by at most {said}\N{NO-BREAK SPACE}units a forecast, on average"
    )
    assert row.current.bounds[0].holds_for(row.current.threshold)
    assert row.current.threshold <= sure[1]
    assert row.current.unit == "target"
    assert "breaks even in 8 of 10 futures" in row.current.source
    client.force_login(a_member(forecast, "viewer"))
    assert client.post(address).status_code == 404


def test_a_changed_cost_of_errors_turns_their_bound_stale(forecast):
    actor = Actor(user=forecast.created_by)
    found = services.derive(forecast, confidence=0.5)
    row = services.require_derived(found, project=forecast, actor=actor).requirement
    services.record_evidence(
        forecast,
        subject=Subject("run", "r1", "heron"),
        measurements=[Measurement("mae", found.threshold / 2, unit="target", n=900)],
        inputs={},
    )
    services.nominate_candidate(
        forecast, actor=actor, kind="run", subject_id="r1", label="heron"
    )
    assert standing_of(Requirement.objects.get()).state is State.MET
    an_answer(a_stakeholder(forecast), factor=1.5)
    assert standing_of(Requirement.objects.get()).state is State.STALE
    again = services.derive(Project.objects.get(pk=forecast.pk), confidence=0.5)
    assert again.value != found.value
    assert row.current.derivation["at"] == {"low_share": pytest.approx(0.5)}


@pytest.mark.parametrize(
    ("value", "threshold"), [(9.44, 9.4), (0.0876, 0.087), (1234.0, 1200.0), (0.0, 0.0)]
)
def test_an_error_is_rounded_down_to_two_digits(value, threshold):
    found = derivation(value, metric="mae", comparison="le", unit="target", at={})
    assert found.threshold == pytest.approx(threshold)
