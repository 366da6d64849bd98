"""The form in depth: not knowing, comments, one bet, what finding out is worth."""

import re
from dataclasses import replace

import pytest
from django.urls import reverse

from core.access import Actor
from engine.value.simulate import Summary
from projects import services
from projects.forms.bet import bet_on
from projects.forms.estimate import EstimateForm
from projects.forms.triples import triples
from projects.models import Estimate, Stakeholder
from projects.selectors.picture import Picture, SwayWords
from projects.selectors.value import case_result, current_case
from tests import factories
from tests.projects.test_estimate_form import form_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def seat(project, cast):
    return Stakeholder.objects.create(
        project=project, name="Me", group="expert", user=cast.contributor
    )


def page_of(project):
    return reverse("projects:estimate", args=[project.slug])


def test_not_knowing_puts_the_wide_default_into_the_boxes(project):
    form = form_of(project, margin_unknown="on", margin_low="", margin_high="7")
    triple = triples(form, {"margin": "€330"})["margin"]
    assert [box.value for box in triple.boxes] == ["150", "260", "200"]
    assert "Knowing it is worth up to €330 a year." in triple.echo


def test_a_comment_is_kept_with_the_number_and_comes_back(project, seat, browser_of):
    typed = factories.typed(project, margin_comment="From the contracts.")
    browser_of("contributor").post(page_of(project), typed)
    row = Estimate.objects.get(quantity__name="margin")
    assert row.comment == "From the contracts."
    again = browser_of("contributor").get(page_of(project)).content.decode()
    assert ">From the contracts.</textarea>" in again


def test_a_comment_that_is_too_long_is_named(project):
    form = form_of(project, margin_comment="x" * 501)
    assert "500" in str(form.errors["margin_comment"])


def test_the_bet_is_about_the_first_narrow_guess(project):
    narrow = {"margin_low": "199", "margin_high": "201", "margin_likely": "200"}
    bet = bet_on(form_of(project, **narrow), ["churn_rate"])
    assert (bet.about, bet.advice) == ("margin", "")
    assert bet.choices[0].label == "The truth lies between €199 and €201 per year."


def test_without_a_narrow_guess_it_is_about_what_is_worth_most(project):
    assert bet_on(form_of(project), ["save_rate", "margin"]).about == "save_rate"


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        ("wheel", "your range is too narrow"),
        ("range", "your range is wider than what you know"),
        ("either", "right 9 times in 10"),
    ],
)
def test_the_bet_says_which_way_to_move_the_ends(project, answer, advice):
    form = form_of(project, bet=answer, bet_about="margin")
    bet = bet_on(form, ["save_rate"])
    assert bet.about == "margin"
    assert advice in bet.advice


def test_there_is_no_bet_on_nothing(project):
    form = EstimateForm(list(project.quantities.all()), {}, decimal=".")
    form.is_valid()
    assert bet_on(form, ["margin"]) is None


def test_the_bet_is_offered_until_the_numbers_are_sent(project, seat, browser_of):
    browser = browser_of("contributor")
    preview = reverse("projects:estimate_preview", args=[project.slug])
    assert (
        b"which bet would you take"
        in browser.post(preview, factories.typed(project)).content
    )
    browser.post(page_of(project), factories.typed(project))
    assert b"which bet would you take" not in browser.get(page_of(project)).content


def test_what_is_refined_comes_in_the_order_of_its_worth(project, seat, browser_of):
    text = browser_of("contributor").get(page_of(project)).content.decode()
    refined = re.findall(r'id="q-(tpr|fpr|build_cost)"', text)
    sways = case_result(current_case(project)).sways
    by_worth = [each.name for each in sways if each.name in refined]
    assert refined == by_worth


def a_picture(project, *, p, worth="€11k"):
    result = case_result(current_case(project))
    annual = Summary(mean=1, p5=-1, p50=1, p95=2, p_positive=p)
    result = replace(result, p_pays_back=p, annual=annual, evpi=5.0)
    return Picture(result, "EUR", (SwayWords("the save rate", "", worth),))


def test_too_close_to_call_names_what_to_find_out(project):
    assert a_picture(project, p=0.6).finding_out == (
        "Too close to call; finding out “the save rate” is worth up to €11k a year."
    )


def test_a_plain_case_says_what_not_to_spend_more_on(project):
    assert "do not spend more on it" in a_picture(project, p=0.95).finding_out


def test_where_nothing_changes_the_decision_it_says_so(project):
    said = a_picture(project, p=0.95, worth="").finding_out
    assert said == "Nothing you could find out would change the decision."


def test_a_signed_in_person_answers_a_second_round_blind(project, seat, browser_of):
    browser = browser_of("contributor")
    browser.post(page_of(project), factories.typed(project))
    services.open_round(project, actor=Actor(), reason="New figures.")
    text = browser.get(page_of(project)).content.decode()
    assert "New figures." in text
    assert "Sent once already" not in text
    browser.post(page_of(project), factories.typed(project, margin_low="170"))
    assert Estimate.objects.filter(round=2, submitted_at__isnull=False).exists()
