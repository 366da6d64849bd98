"""Each template is a case that can be estimated as it stands."""

import re

import pytest

from engine.value.case import Category, Per
from engine.value.classifier import Cells, Counts, price
from engine.value.distributions import Fixed
from engine.value.simulate import estimate, yearly_net
from engine.value.templates import CHURN, PLAIN, TEMPLATES

approx = pytest.approx


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_template_is_a_complete_case(template):
    case = template.case({})
    assert case.problems() == []
    assert estimate(case, seed=1).mean_is_exact
    assert 5 <= len(template.asked) <= 7
    assert not set(template.asked) & set(template.refined)


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_sentence_names_the_questions_asked(template):
    named = re.findall(r"{(\w+)}", template.sentence)
    assert set(named) == {question.name for question in template.asked}


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_defaults_lie_in_their_bounds(template):
    for question in template.questions:
        assert question.lower <= question.low <= question.likely <= question.high
        assert question.high <= question.upper
        # Per cent is stored as a share.
        assert (question.scale == 0.01) == (question.suffix == "%")


def test_churn_asks_six_numbers_and_assumes_two():
    assert [question.name for question in CHURN.asked] == [
        "customers",
        "churn_rate",
        "save_rate",
        "margin",
        "contact_cost",
        "running_cost",
    ]
    assert CHURN.assumed == ("tpr", "fpr")
    assert {question.name for question in CHURN.refined} == {"tpr", "fpr", "build_cost"}


def test_churn_values_a_model_by_hand():
    beliefs = {
        "customers": Fixed(50_000),
        "churn_rate": Fixed(0.12),
        "save_rate": Fixed(0.15),
        "margin": Fixed(200),
        "contact_cost": Fixed(5),
        "running_cost": Fixed(40_000),
        "tpr": Fixed(0.7),
        "fpr": Fixed(0.15),
        "build_cost": Fixed(60_000),
    }
    case = CHURN.case(beliefs, horizon_years=3, discount_rate=0.0)
    assert vars(Cells.of(case)) == approx({"tp": 25, "fn": 0, "fp": -5, "tn": 0})
    # 6 000 leavers · .7 · 25 − 44 000 loyal · .15 · 5 − 40 000
    net = 105_000 - 33_000 - 40_000
    assert yearly_net(case, case.means(), 0.7, 0.15) == approx(net)
    assert estimate(case, seed=1).npv.mean == approx(3 * net - 60_000)
    assert price(case, Counts(700, 300, 150, 850), seed=1).observed == approx(net)


def test_plain_has_a_driver_in_each_category():
    found = {driver.category for driver in PLAIN.drivers}
    assert found == set(Category)
    assert not PLAIN.case({}).is_per_case
    assert {driver.per for driver in PLAIN.drivers} == {Per.YEAR, Per.ONCE}


def test_unknown_question_is_refused():
    assert CHURN.question("margin").prefix == "{currency}"
    with pytest.raises(KeyError):
        CHURN.question("nothing")
