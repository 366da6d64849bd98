"""Rounds, drivers, correlations, analyses and bad input through the REST API."""

from datetime import timedelta

import pytest
from django.utils import timezone

from projects.models import Calculation, Estimate, EstimateRound, Role, Stakeholder
from projects.selectors.value import current_case
from tests import factories
from tests.core.test_api_design import Caller

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(db):
    return factories.a_project(factories.a_user("Ana Ferreira"))


@pytest.fixture
def owner(project):
    return Caller(project.created_by)


@pytest.fixture
def editor(project):
    return Caller(factories.a_member(project, Role.EDITOR))


@pytest.fixture
def contributor(project):
    return Caller(factories.a_member(project, Role.CONTRIBUTOR))


@pytest.fixture
def viewer(project):
    return Caller(factories.a_member(project, Role.VIEWER))


@pytest.fixture
def outsider(db):
    return Caller(factories.a_user("Otto Outside"))


@pytest.fixture
def answered(project):
    people = [
        factories.a_stakeholder(project, name) for name in ("Ruth Adler", "Jonas Weber")
    ]
    for person, factor in zip(people, (0.5, 1.0), strict=True):
        factories.an_answer(person, factor=factor)
    return people


def anew(people):
    """Return the people as the database knows them: a round may have been opened."""
    return [Stakeholder.objects.get(pk=each.pk) for each in people]


def test_a_round_is_opened_read_and_revealed(project, answered, owner, editor, viewer):
    asked = {"project": project.slug, "reason": "New figures."}
    assert viewer.post("estimate-rounds/", asked).status_code in {400, 403, 404}
    opened = editor.post("estimate-rounds/", asked)
    assert opened.status_code == 201
    assert (opened.json()["number"], opened.json()["is_revealed"]) == (2, False)
    again = editor.post("estimate-rounds/", asked)
    assert again.status_code == 400
    assert "Round 2 is not over" in str(again.json())
    ruth, jonas = anew(answered)
    factories.an_invitation(jonas)
    factories.an_answer(ruth, factor=0.9)
    rows = viewer.get("estimates/", project=project.slug, round=2).json()["results"]
    assert rows == []
    assert (
        editor.post("estimate-rounds/reveal/", {"project": project.slug}).status_code
        == 403
    )
    revealed = owner.post("estimate-rounds/reveal/", {"project": project.slug})
    assert revealed.status_code == 204
    rows = viewer.get("estimates/", project=project.slug, round=2).json()["results"]
    assert {row["round"] for row in rows} == {2}
    first = viewer.get("estimates/", project=project.slug, round=1).json()["results"]
    assert len(first) == 12


def test_an_outsider_sees_no_rounds_and_no_calculations(
    project, answered, owner, outsider
):
    owner.post("estimate-rounds/", {"project": project.slug, "reason": "x"})
    owner.post(f"value-cases/{current_case(project).pk}/analyse/")
    row, kept = EstimateRound.objects.get(), Calculation.objects.get()
    assert outsider.get("estimate-rounds/").json()["results"] == []
    assert outsider.get("calculations/").json()["results"] == []
    assert outsider.get(f"estimate-rounds/{row.pk}/").status_code == 404
    assert outsider.get(f"calculations/{kept.pk}/").status_code == 404
    case = f"value-cases/{current_case(project).pk}/"
    assert outsider.post(case + "analyse/").status_code == 404
    assert outsider.post(case + "restore/").status_code == 404


def test_an_estimate_in_the_second_round_leaves_the_first(project, editor, contributor):
    Stakeholder.objects.create(
        project=project, name="Me", group="expert", user=contributor.user
    )
    margin = project.quantities.get(name="margin")
    said = {"quantity": margin.pk, "low": 100, "likely": 150, "high": 200}
    assert contributor.post("estimates/", said).json()["round"] == 1
    editor.post("estimate-rounds/", {"project": project.slug, "reason": "x"})
    second = contributor.post("estimates/", {**said, "low": 140})
    assert second.json()["round"] == 2
    assert sorted(Estimate.objects.values_list("low", flat=True)) == [100, 140]


def test_an_analysis_comes_with_all_that_repeats_it(
    project, contributor, viewer, editor
):
    case = current_case(project)
    path = f"value-cases/{case.pk}/analyse/"
    assert viewer.post(path).status_code == 404
    found = contributor.post(path).json()
    assert found["kind"] == "analysis"
    assert found["inputs"]["case"] == case.content
    assert found["seed"] == case.seed
    assert found["engine_version"] == case.engine_version
    assert found["digest"] == found["result"]["digest"]
    assert {each["name"] for each in found["result"]["inputs"]} == {
        each.name for each in project.quantities.all()
    }
    assert editor.post(path).json()["id"] == found["id"]
    listed = viewer.get("calculations/", project=project.slug, kind="analysis").json()
    assert [each["id"] for each in listed["results"]] == [found["id"]]
    assert (
        viewer.get(f"calculations/{found['id']}/").json()["digest"] == found["digest"]
    )


def test_numbers_found_out_together_come_with_all_that_repeats_it(
    project, contributor, viewer
):
    path = f"value-cases/{current_case(project).pk}/together/"
    assert viewer.post(path, {"names": ["save_rate", "margin"]}).status_code == 404
    unknown = contributor.post(path, {"names": ["save_rate", "wages"]})
    assert unknown.status_code == 400
    assert "'wages' is no quantity" in str(unknown.json())
    asked = {"names": ["save_rate", "margin"]}
    found = contributor.post(path, asked).json()
    assert found["inputs"]["together"] == ["margin", "save_rate"]
    assert found["digest"] == found["result"]["digest"]
    assert contributor.post(path, asked).json()["id"] == found["id"]


def test_a_calculation_over_several_projects_is_its_askers_alone(
    project, owner, viewer
):
    row = Calculation.objects.create(
        kind=Calculation.Kind.PORTFOLIO,
        inputs={},
        engine_version="0",
        digest="0" * 64,
        result={},
        by=owner.user,
    )
    assert owner.get(f"calculations/{row.pk}/").status_code == 200
    assert viewer.get(f"calculations/{row.pk}/").status_code == 404
    bound = Caller(owner.user, project=project)
    assert bound.get(f"calculations/{row.pk}/").status_code == 404


DRIVER = {
    "name": "calm",
    "label": "Calmer customers",
    "category": "customer_experience",
    "per": "year",
    "counted": "proxy",
    "kind": "customer_experience",
    "proxy": {"quantity": "1000", "money": "12", "source": "Contact centre"},
}


def test_drivers_with_kinds_and_proxies_are_changed_and_come_back(project, editor):
    case = current_case(project)
    path = f"value-cases/{case.pk}/"
    kept = editor.get(path).json()
    changed = editor.patch(
        path,
        {
            "drivers": [*kept["drivers"], DRIVER],
            "correlations": [{"one": "margin", "other": "save_rate", "rho": 0.5}],
        },
    )
    assert changed.status_code == 200, changed.json()
    body = changed.json()
    assert body["drivers"][-1]["expression"] == "1000 * 12"
    assert body["correlations"] == [{"one": "margin", "other": "save_rate", "rho": 0.5}]
    assert body["unit_problems"] == []
    back = editor.post(f"{path}restore/").json()
    assert back["version"] == body["version"] + 1
    assert (back["digest"], back["correlations"]) == (case.digest, [])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"correlations": [{"one": "margin", "other": "marjin", "rho": 0.5}]},
            "marjin",
        ),
        ({"correlations": [{"one": "margin", "rho": 0.5}]}, "other"),
        ({"drivers": [{**DRIVER, "kind": "build"}]}, "kind of cost"),
        ({"drivers": [{**DRIVER, "proxy": {"quantity": "1"}}]}, "money"),
        ({"drivers": [{"name": "x"}]}, "category"),
        (
            {
                "drivers": [
                    {**DRIVER, "counted": "money", "kind": "risk", "expression": "1"}
                ]
            },
            "no price of its own",
        ),
        (
            {
                "drivers": [
                    {
                        "name": "x",
                        "label": "x",
                        "category": "revenue",
                        "per": "year",
                        "expression": "running_cost / (save_rate - 0.15)",
                    }
                ]
            },
            "divides by",
        ),
        ({"forecast": {"under": "1"}}, "under_today"),
    ],
)
def test_a_model_that_cannot_be_computed_is_refused_with_the_place(
    project, editor, changes, message
):
    case = current_case(project)
    answer = editor.patch(f"value-cases/{case.pk}/", changes)
    assert answer.status_code == 400
    assert message in str(answer.json())
    assert current_case(project).pk == case.pk


def test_correlations_that_contradict_each_other_name_the_pair(project, editor):
    case = current_case(project)
    pairs = [
        {"one": "margin", "other": "save_rate", "rho": 0.9},
        {"one": "save_rate", "other": "churn_rate", "rho": 0.9},
        {"one": "margin", "other": "churn_rate", "rho": -0.9},
    ]
    answer = editor.patch(f"value-cases/{case.pk}/", {"correlations": pairs})
    assert answer.status_code == 400
    assert "contradict" in str(answer.json())


def test_a_quantity_has_a_shape_and_a_unit(project, editor):
    margin = project.quantities.get(name="margin")
    path = f"quantities/{margin.pk}/"
    before = current_case(project).digest
    changed = editor.patch(path, {"shape": "lognormal"})
    assert changed.json()["shape"] == "lognormal"
    assert current_case(project).digest != before
    refused = editor.patch(path, {"formula_unit": "USD / customer"})
    assert refused.status_code == 400
    assert "USD" in str(refused.json())
    assert editor.patch(path, {"shape": "square"}).status_code == 400


LONG = "x" * 10_000
MIXED = "عملاء يغادرون 🚪 <b>"


def test_names_of_ten_thousand_characters_are_refused_with_the_limit(project, editor):
    quantity = {
        "project": project.slug,
        "name": "n",
        "label": LONG,
        "default_low": 1,
        "default_likely": 2,
        "default_high": 3,
    }
    answer = editor.post("quantities/", quantity)
    assert answer.status_code == 400
    assert "200" in str(answer.json()["errors"]["label"])
    reason = editor.post("estimate-rounds/", {"project": project.slug, "reason": LONG})
    assert reason.status_code == 400


def test_text_from_right_to_left_with_emoji_is_kept_as_it_is(
    project, answered, editor, client
):
    editor.post("estimate-rounds/", {"project": project.slug, "reason": MIXED})
    assert EstimateRound.objects.get().reason == MIXED
    client.force_login(editor.user)
    page = client.get(project.url("projects:value")).content.decode()
    assert "عملاء يغادرون 🚪 &lt;b&gt;" in page


def test_the_preview_takes_correlations_and_shapes(project, editor):
    body = {
        "project": project.slug,
        "draws": 2000,
        "correlations": [{"one": "margin", "other": "save_rate", "rho": 0.9}],
    }
    linked = editor.post("value-cases/preview/", body).json()
    alone = editor.post("value-cases/preview/", {**body, "correlations": []}).json()
    assert linked["annual"]["p95"] > alone["annual"]["p95"]


def test_after_the_deadline_the_next_answer_ends_the_round(project, answered, editor):
    editor.post("estimate-rounds/", {"project": project.slug, "reason": "x"})
    ruth, jonas = anew(answered)
    factories.an_invitation(jonas, deadline=timezone.now() - timedelta(days=1))
    listed = editor.get("estimate-rounds/", project=project.slug).json()["results"]
    assert not listed[0]["is_revealed"]
    factories.an_answer(ruth, factor=0.9)
    listed = editor.get("estimate-rounds/", project=project.slug).json()["results"]
    assert listed[0]["is_revealed"]
