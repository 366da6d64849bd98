"""Each template makes a project that can be estimated, with a task that fits."""

import pytest
from django.urls import reverse

from core.access import Actor
from engine.value.case import ValueCase as EngineCase
from engine.value.templates import TEMPLATES
from projects.forms.estimate import EstimateForm
from projects.forms.project import ProjectForm
from projects.forms.triples import sentence, triples
from projects.models import Project
from projects.selectors.value import case_result, current_case, engine_case
from projects.services import create_project, save_estimates
from tests import factories

pytestmark = pytest.mark.django_db
KEYS = tuple(Project.Template.values)
NEW = {
    "name": "A new one",
    "problem": "It costs too much.",
    "decision_supported": "What to do first",
    "currency": "EUR",
    "horizon_years": "3",
}


def made(template: str, **fields) -> Project:
    owner = factories.a_user(f"Owner of {template}")
    project = Project(
        **{
            "name": f"Project {template}",
            "problem": "It costs too much.",
            "decision_supported": "What to do first",
            "template": template,
            **fields,
        }
    )
    return create_project(project, actor=Actor(user=owner), seed=11)


def test_every_choice_of_a_project_has_a_template():
    assert set(KEYS) == set(TEMPLATES)


@pytest.mark.parametrize("template", KEYS)
def test_project_of_a_template_computes(template):
    project = made(template)
    case = current_case(project)
    assert case.to_engine() == TEMPLATES[template].case({})
    assert EngineCase.from_json(case.content).problems() == []
    result = case_result(case)
    assert result.annual.p5 < result.annual.mean < result.annual.p95
    assert result.mean_is_exact
    # What is kept in columns makes the same case as the template itself.
    assert engine_case(project, case).to_json() == case.content


@pytest.mark.parametrize("template", KEYS)
def test_form_of_a_template_asks_five_to_seven_numbers(template):
    project = made(template)
    quantities = list(project.quantities.all())
    form = EstimateForm(quantities, factories.typed(project), decimal=".", sending=True)
    assert form.is_valid(), form.errors
    asked = [each.name for each in quantities if not each.is_refinement]
    assert 5 <= len(asked) <= 7
    assert set(form.ranges) == set(asked)
    # The sentence fills itself with each of them, and leaves no blank.
    parts = sentence(current_case(project).sentence, triples(form))
    filled = [part.triple.name for part in parts if part.triple]
    assert sorted(filled) == sorted(asked)
    assert "{" not in "".join(part.text for part in parts)


@pytest.mark.parametrize("template", KEYS)
def test_every_question_is_whole_and_says_its_unit(template):
    for quantity in made(template).quantities.all():
        assert quantity.asks.endswith("?")
        assert quantity.why.endswith(".")
        assert quantity.suffix
        # "of 100 leavers": what follows is counted, not measured.
        whole = quantity.unit.removeprefix("share of ")
        assert whole == quantity.unit or whole.endswith("s") or " per " in whole


@pytest.mark.parametrize("template", KEYS)
def test_answers_change_what_it_is_worth(template):
    project = made(template)
    before = current_case(project).result["annual"]["mean"]
    save_estimates(
        project,
        factories.a_stakeholder(project),
        factories.ranges_of(project, 0.5),
        actor=Actor(user=project.created_by),
        submit=True,
    )
    assert current_case(project).result["annual"]["mean"] != before


@pytest.mark.parametrize(
    ("template", "task"),
    [
        ("churn", "binary"),
        ("fraud", "binary"),
        ("forecast", "regression"),
        ("triage", "binary"),
        ("time_saved", "binary"),
        ("plain", "binary"),
    ],
)
def test_task_that_fits_is_taken_where_none_is_chosen(template, task):
    form = ProjectForm({**NEW, "template": template, "task": ""})
    assert form.is_valid(), form.errors
    assert form.save(commit=False).task == task


def test_task_whose_runs_have_no_price_is_refused_beside_its_field():
    form = ProjectForm({**NEW, "template": "forecast", "task": "binary"})
    assert not form.is_valid()
    (said,) = form.errors["task"]
    assert "“Forecast demand” prices runs of a number (regression) only" in said
    assert ProjectForm({**NEW, "template": "plain", "task": "multiclass"}).is_valid()


def test_page_of_a_new_project_says_what_a_template_asks(browser_of):
    client = browser_of("outsider")
    address = reverse("projects:project_create")
    page = client.get(address, {"template": "fraud"}).content.decode()
    assert "Transactions · Fraud that gets through · Loss of one fraud" in page
    assert '<option value="fraud" selected' in page
    unknown = client.get(address, {"template": "alchemy"})
    assert unknown.status_code == 200
    answer = client.post(address, {**NEW, "template": "forecast", "task": ""})
    assert answer.status_code == 302
    made = Project.objects.get(name="A new one")
    assert (made.template, made.task) == ("forecast", "regression")
    # Its metrics are those of a regression.
    assert {"mae", "rmse"} <= {each.key for each in made.metrics.all()}


@pytest.mark.parametrize(
    ("sent", "task"),
    [
        ({"template": "forecast"}, "regression"),
        ({"template": "fraud"}, "binary"),
        ({}, "binary"),
        # A tool that names a task means it.
        ({"template": "plain", "task": "multiclass"}, "multiclass"),
    ],
)
def test_project_made_through_the_api_gets_the_task_that_fits(client, sent, task):
    key = factories.a_token(factories.a_user())
    answer = client.post(
        "/api/v1/projects/",
        {
            "name": "By a tool",
            "problem": "It costs too much.",
            "decision_supported": "What to do first",
            **sent,
        },
        content_type="application/json",
        headers={"authorization": f"Bearer {key}"},
    )
    assert answer.status_code == 201, answer.content
    assert answer.json()["task"] == task
