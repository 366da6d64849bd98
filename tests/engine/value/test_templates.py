"""Each template is a case that can be estimated as it stands."""

import re

import pytest

from engine.value.case import Category, Per
from engine.value.classifier import Cells, Counts, price
from engine.value.distributions import Fixed
from engine.value.simulate import estimate, yearly_net
from engine.value.templates import (
    CHURN,
    FRAUD,
    PLAIN,
    TEMPLATES,
    TIME_SAVED,
    TRIAGE,
)

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


def fixed(**amounts):
    return {name: Fixed(amount) for name, amount in amounts.items()}


def test_fraud_values_a_model_by_hand():
    case = FRAUD.case(
        fixed(
            transactions=1_000_000,
            fraud_rate=0.002,
            loss=200,
            stop_rate=0.75,
            check_cost=6,
            upset_cost=4,
            running_cost=70_000,
            trust_value=5,
        )
    )
    # A fraud caught: .75 · 200 + 5 − 6; an honest customer stopped: −6 − 4.
    assert vars(Cells.of(case)) == approx({"tp": 149, "fn": 0, "fp": -10, "tn": 0})
    # 2 000 · .65 · 149 − 998 000 · .004 · 10 − 70 000
    net = yearly_net(case, case.means(), 0.65, 0.004)
    assert net == approx(193_700 - 39_920 - 70_000)


def test_triage_values_a_model_by_hand():
    case = TRIAGE.case(
        fixed(
            requests=20_000,
            urgent_rate=0.05,
            late_cost=180,
            spared_share=0.5,
            look_cost=8,
            running_cost=30_000,
            patience_value=10,
        )
    )
    # 1 000 · .75 · (90 + 10 − 8) − 19 000 · .08 · 8 − 30 000
    net = yearly_net(case, case.means(), 0.75, 0.08)
    assert net == approx(69_000 - 12_160 - 30_000)


def test_time_saved_values_a_model_by_hand():
    case = TIME_SAVED.case(
        fixed(
            items=60_000,
            minutes=6,
            hour_cost=45,
            simple_rate=0.5,
            used_share=0.6,
            mistake_cost=12,
            running_cost=25_000,
            sooner_value=0.2,
        )
    )
    # 30 000 · .8 · (6/60 · 45 · .6 + .2) − 30 000 · .04 · 12 − 25 000
    net = yearly_net(case, case.means(), 0.8, 0.04)
    assert net == approx(24_000 * 2.9 - 14_400 - 25_000)


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_defaults_leave_the_decision_open_or_say_so(template):
    found = estimate(template.case({}), seed=1)
    # Wide defaults are no advertisement: each template can lose money but plain,
    # whose numbers are sums already.
    assert found.annual.p5 < 0 or template is PLAIN
    assert found.annual.p95 > 0


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_task_that_fits_prices_its_runs(template):
    case = template.case({})
    assert case.is_forecast == (template.tasks == ("regression",))
    assert case.is_per_case or case.is_forecast or template is PLAIN
    assert set(template.assumed) <= {question.name for question in template.questions}


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_value_comes_from_a_named_source(template):
    sources = {d.category for d in template.drivers} - {Category.COST}
    assert sources
    if template not in (CHURN, PLAIN):
        assert {Category.SAVINGS, Category.EXPERIENCE} <= sources
