"""Choosing projects: VALUE.md, vector 8, from the form, a scenario and the API."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from core.access import Actor
from core.models import User
from engine.value.calibration import BiasRatio
from engine.value.portfolio import Rules
from projects.models import (
    Calculation,
    Membership,
    Project,
    RealisedValue,
    Scenario,
)
from projects.selectors.portfolio.asked_rules import query_of, typed
from projects.selectors.portfolio.choice import choose, frontier_of, problem_of
from tests.factories import a_member, a_project, a_user
from tests.projects.portfolios import (
    LIMITS,
    TODAY,
    a_worth,
    ask,
    body,
    page_of,
    set_gain,
    the_vector,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def written(written_once):
    """Write the projects of vector 8 and their owner; return the owner's key."""

    def make():
        owner = a_user("Ana Ferreira")
        the_vector(owner)
        return owner.pk

    return written_once(make)


@pytest.fixture
def owner(db, written):
    return User.objects.get(pk=written)


@pytest.fixture
def signed_in(client, owner):
    client.force_login(owner)
    return client


@pytest.fixture
def vector(owner):
    return {each.name: each for each in Project.objects.filter(created_by=owner)}


def chosen(page):
    return "".join(sorted(line.row.project.name for line in page.chosen))


VECTOR_8 = [
    ({}, "BCEFH", 850),
    ({"mandatory": ("d",)}, None, 785),
    ({"exclusive": (("b", "f"),)}, None, 815),
    ({"requires": (("f", "a"),)}, None, 815),
    ({"budget": 450.0}, "ABCEH", 910),
    ({"people": 10.0}, "BCEFH", 850),
    ({"budget": 450.0, "people": 10.0}, "ABEGH", 930),
]


def test_choice_is_that_of_vector_8(owner, vector):
    for rules, names, value in VECTOR_8:
        page = page_of(owner, **{**LIMITS, **rules})
        assert page.choice.selection.value == pytest.approx(value), rules
        assert names is None or chosen(page) == names


def test_page_says_what_to_do_and_what_it_takes(signed_in, vector):
    url = reverse("projects:portfolio_optimiser") + "?budget=400&people=9"
    text = body(signed_in.get(url))
    assert "Do 5 of 8 projects: they bring about €850 a year," in text
    assert "They take €400 of €400 and 9 of 9 people." in text  # 395, in two digits


def test_what_was_left_out_says_what_taking_it_would_do(owner, vector):
    line = next(
        each
        for each in page_of(owner, **LIMITS).left_out
        if each.row.project.name == "D"
    )
    # With D the best is 785, 65 less.
    assert "€65 a year less" in line.why
    assert "pushes out" in line.why


def test_one_person_more_brings_nothing_though_the_dual_is_20(owner, vector):
    answers = {each.change: each for each in page_of(owner, **LIMITS).answers}
    assert answers["1 person more"].effect == "as much as before"
    assert answers["1 person more"].how == "The choice stays."


def test_each_rule_says_what_keeping_it_costs(owner, vector):
    page = page_of(owner, **LIMITS, mandatory=("d",))
    answers = {each.change: each.effect for each in page.answers}
    assert answers["Without the rule: “D” has to be in"] == "€65 a year more"


def test_contradicting_rules_are_named_and_each_can_be_dropped(signed_in, vector):
    url = reverse("projects:portfolio_optimiser")
    response = signed_in.get(f"{url}?budget=100&people=9&with=d&with=a&without=h")
    page = response.context["page"]
    assert "These rules contradict each other." in body(response)
    said = {each.words for each in page.contradicting}
    assert "the budget of €100" in said
    assert "“H” stays out" not in said
    for each in page.contradicting:
        dropped = parse_qs(urlsplit(each.url).query)
        assert dropped != {"budget": ["100"], "people": ["9"], "with": ["d", "a"]}


def test_rule_is_added_by_its_form_and_kept_in_the_address(signed_in, vector):
    url = reverse("projects:portfolio_optimiser")
    asked = "?budget=400&people=9&one=f&rule=needs&other=a"
    page = signed_in.get(url + asked).context["page"]
    assert page.problem.rules.requires == (("f", "a"),)
    assert ("needs", "f~a") in page.every_param


def test_what_is_no_rule_is_left_out(signed_in, vector):
    url = reverse("projects:portfolio_optimiser")
    for asked in ("with=x", "apart=a~a", "needs=a", "one=a&rule=drop"):
        page = signed_in.get(f"{url}?{asked}").context["page"]
        assert page.problem.rules == Rules(), asked


def test_number_that_is_none_is_said_beside_its_box(signed_in, vector):
    url = reverse("projects:portfolio_optimiser")
    text = body(signed_in.get(f"{url}?budget=a+lot&people=9"))
    assert "is not a number" in text
    assert "Shown is the choice without that limit." in text


@pytest.mark.parametrize("sign", ["comma", "point"])
def test_address_is_read_alike_whatever_the_decimal_sign(sign, client, owner):
    owner.number_format = sign
    owner.save()
    client.force_login(owner)
    url = reverse("projects:portfolio_optimiser")
    for amount in (0.0, 1.5, 1.125, 400.0, 2_000_000.0, 1e15):
        query = query_of(Rules(budget=amount), is_shrunk=False)
        assert typed(amount) in query
        assert client.get(url + query).context["page"].problem.rules.budget == amount


def test_close_choices_are_chosen_in_some_futures_and_safe_ones_in_all(db):
    owner = a_user()
    a_worth(owner, "Safe", slug="safe", gain=1_000, budget_needed=10)
    a_worth(owner, "One", slug="one", gain=100, spread=80, budget_needed=10)
    a_worth(owner, "Other", slug="other", gain=100, spread=80, budget_needed=10)
    shares = page_of(owner, budget=20.0).choice.frequency.shares
    assert shares["safe"] == 1.0
    assert 0.3 < shares["one"] < 0.7
    assert shares["one"] + shares["other"] == pytest.approx(1.0)


def test_same_figures_give_the_same_digest_and_others_another(owner, vector):
    actor = Actor(user=owner)
    first = problem_of(actor, Rules(**LIMITS), today=TODAY)
    again = problem_of(actor, Rules(**LIMITS), today=TODAY)
    assert first.digest == again.digest
    assert choose(first) == choose(again)
    set_gain(vector["A"], 301)
    assert problem_of(actor, Rules(**LIMITS), today=TODAY).digest != first.digest


def test_frontier_never_falls(owner, vector):
    steps = frontier_of(problem_of(Actor(user=owner), Rules(people=9), today=TODAY))
    values = [each.selection.value for each in steps]
    assert values == sorted(values)
    assert values[0] == 0


def test_frontier_page_has_the_same_rows_as_its_picture(signed_in, vector):
    response = signed_in.get(reverse("projects:portfolio_frontier") + "?people=9")
    assert len(response.context["steps"]) == len(response.context["figure"].data[0].x)


def test_gains_are_shrunk_by_what_came_true(owner, vector):
    measured = BiasRatio(0.5, 0.4, 0.6, 4)
    problem = problem_of(
        Actor(user=owner), Rules(**LIMITS), today=TODAY, optimism=measured
    )
    # All gain, so all halve alike and the choice stays.
    assert choose(problem).selection.value == pytest.approx(425)


def test_optimism_is_offered_only_once_something_is_measured(signed_in, vector):
    url = reverse("projects:portfolio_optimiser")
    assert "no project has a realised value yet" in body(signed_in.get(url))
    page = signed_in.get(f"{url}?shrink=on").context["page"]
    assert page.problem.shrink is None


def test_example_says_nothing_of_optimism(owner, vector, signed_in):
    project = vector["A"]
    RealisedValue.objects.create(
        project=project,
        starts_on="2026-01-01",
        ends_on="2026-03-31",
        value=10,
        method="books",
    )
    project.is_example = True
    project.save()
    page = signed_in.get(reverse("projects:portfolio_optimiser"))
    assert page.context["optimism"] is None


# Scenarios


def save(client, name="Half of it", **fields):
    typed_in = {"name": name, "budget": "400", "people": "9", **fields}
    return client.post(reverse("projects:scenario_save"), typed_in)


def test_scenario_keeps_rules_and_result_with_seed_and_digest(signed_in, owner, vector):
    assert save(signed_in, **{"with": "d"}).status_code == 302
    row = Scenario.objects.get()
    assert row.rules["mandatory"] == ["d"]
    kept = row.calculation
    assert (kept.kind, kept.project, kept.by) == ("portfolio", None, owner)
    assert kept.result["selection"]["value"] == pytest.approx(785)
    assert kept.inputs["rules"]["budget"] == 400
    assert kept.seed is not None
    assert len(kept.digest) == 64


def test_saved_twice_the_calculation_is_kept_once(signed_in, vector):
    save(signed_in, "One")
    save(signed_in, "Two")
    assert Scenario.objects.count() == 2
    assert Calculation.objects.count() == 1


def test_scenarios_are_compared_where_they_differ(signed_in, vector):
    save(signed_in, "Small")
    save(signed_in, "Large", budget="450")
    found = signed_in.get(reverse("projects:scenarios")).context["comparison"]
    assert [line.kept.value for line in found.lines] == pytest.approx([910, 850])
    # Large takes A for F.
    assert {row.name: row.inside for row in found.rows} == {
        "A": (True, False),
        "F": (False, True),
    }


def test_scenario_says_when_figures_have_changed(signed_in, vector):
    save(signed_in)
    page = signed_in.get(reverse("projects:scenarios"))
    assert page.context["comparison"].lines[0].is_current
    set_gain(vector["A"], 999)
    assert "figures have changed" in body(signed_in.get(reverse("projects:scenarios")))


def test_contradicting_scenario_is_not_saved(signed_in, vector):
    response = save(signed_in, budget="1", **{"with": "d"})
    assert response.status_code == 422
    assert "drop one before you save them" in body(response)
    assert not Scenario.objects.exists()


@pytest.mark.parametrize("name", ["", "x" * 10_000])
def test_scenario_needs_a_name_that_fits(name, signed_in, vector):
    assert save(signed_in, name).status_code == 422


def test_deleted_scenario_comes_back(signed_in, vector):
    save(signed_in)
    row = Scenario.objects.get()
    signed_in.post(reverse("projects:scenario_delete", args=[row.pk]))
    assert "1 in the trash" in body(signed_in.get(reverse("projects:scenarios")))
    signed_in.post(reverse("projects:scenario_restore", args=[row.pk]))
    assert "Half of it" in body(signed_in.get(reverse("projects:scenarios")))


def test_scenario_is_its_makers_alone(signed_in, client, vector):
    save(signed_in)
    row = Scenario.objects.get()
    client.force_login(a_member(vector["A"], "owner"))
    assert "Half of it" not in body(client.get(reverse("projects:scenarios")))
    url = reverse("projects:scenario_delete", args=[row.pk])
    assert client.post(url).status_code == 404


def test_kept_result_is_hidden_from_who_left_a_project(signed_in, owner, vector):
    save(signed_in)
    calculation = Calculation.objects.get()
    Membership.objects.filter(project=vector["F"], user=owner).delete()
    line = signed_in.get(reverse("projects:scenarios")).context["comparison"].lines[0]
    assert line.kept is None
    url = f"/api/v1/calculations/{calculation.pk}/"
    assert signed_in.get(url).status_code == 404


# The API


def test_api_gives_the_choice_with_all_that_computes_it_again(client, owner, vector):
    answer = ask(client, owner, "/api/v1/portfolio/optimise/", LIMITS)
    assert answer.status_code == 200
    found = answer.json()
    assert found["result"]["selection"]["chosen"] == ["b", "c", "e", "f", "h"]
    assert {"inputs", "seed", "engine_version", "digest"} <= set(found)
    again = ask(client, owner, f"/api/v1/calculations/{found['id']}/")
    assert again.json()["digest"] == found["digest"]


def test_api_says_which_rule_cannot_be_kept(client, owner, vector):
    a_worth(a_user("Otto"), "Secret", slug="secret")
    for rules, words in [
        ({"mandatory": ["secret"]}, "is no counted project of yours"),
        ({"budget": -1}, "greater than or equal to 0"),
        ({"requires": [["a"]]}, "at least 2"),
        ({"budget": 1, "mandatory": ["d"]}, "must be in"),
        ({"shrink": True}, "No project has a realised value yet"),
    ]:
        answer = ask(client, owner, "/api/v1/portfolio/optimise/", rules)
        assert answer.status_code == 400, rules
        assert words in str(answer.json())


def test_api_sums_what_may_be_seen_and_lists_what_it_left_out(client, owner, vector):
    a_worth(a_user("Otto"), "Secret")
    untold = a_project(owner=owner)
    found = ask(client, owner, "/api/v1/portfolio/sum/").json()
    assert (found["counted"], found["gain_mean"]) == (8, pytest.approx(1700))
    (untouched,) = found["left_out"]
    assert (untouched["not_counted"], untouched["projects"]) == (
        "no_estimate",
        [untold.slug],
    )
    assert "Estimate it first" in untouched["words"]


def test_api_keeps_changes_and_deletes_a_scenario(client, owner, vector):
    made = ask(client, owner, "/api/v1/scenarios/", {"name": "Half", "rules": LIMITS})
    assert made.status_code == 201, made.json()
    url = f"/api/v1/scenarios/{made.json()['id']}/"
    client.force_login(owner)
    changed = client.patch(
        url, {"rules": {"budget": 450, "people": 9}}, content_type="application/json"
    ).json()
    assert changed["calculation"] != made.json()["calculation"]
    assert changed["name"] == "Half"
    assert client.delete(url).status_code == 204
    assert client.get(url).status_code == 404


def test_token_that_reads_saves_no_scenario(client, owner, vector):
    made = ask(
        client, owner, "/api/v1/scenarios/", {"name": "x", "rules": LIMITS}, "read"
    )
    assert made.status_code == 403
