"""Classifiers are worth what VALUE's vectors 6 and 14 say."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from engine.value.case import CaseProblem, Category, Driver, Per
from engine.value.classifier import (
    BadScores,
    Cells,
    Counts,
    NotPriced,
    best_binormal_cut,
    break_even_precision,
    break_even_recall,
    elkan_threshold,
    ev_per_case,
    iso_profit_slope,
    largest_fpr,
    least_auc,
    policies,
    price,
    price_all,
    price_at_rates,
    profit_curve,
    rates_of,
    required_recall,
    threshold_by_money,
)
from engine.value.distributions import Fixed, Normal, Pert
from engine.value.simulate import cell_shares, yearly_net
from engine.value.templates import PLAIN

approx = pytest.approx
CELLS = Cells(tp=180, fn=0, fp=-20, tn=0)
YEARLY = {"prevalence": 0.05, "volume": 200_000, "fixed_cost": 600_000}
RUNS = {
    "A": Counts(120, 80, 110, 3690),
    "B": Counts(150, 50, 330, 3470),
    "C": Counts(170, 30, 620, 3180),
    "D": Counts(95, 105, 40, 3760),
    "E": Counts(160, 40, 380, 3420),
}


def test_classifier_is_vector_6a():
    assert ev_per_case(CELLS, prevalence=0.05, tpr=0.8, fpr=0.1) == approx(5.3)
    assert ev_per_case(CELLS, prevalence=0.05, tpr=1, fpr=1) == approx(-10)
    assert elkan_threshold(CELLS) == approx(0.1)
    assert break_even_precision(CELLS) == approx(0.1)
    shares = cell_shares(0.05, 0.8, 0.1)
    caught = shares[Per.TP] / (shares[Per.TP] + shares[Per.FP])
    assert caught == approx(0.296296296)


def test_break_even_is_vector_6b():
    assert break_even_recall(CELLS, **YEARLY, fpr=0.1) == approx(0.544444444)
    assert largest_fpr(CELLS, **YEARLY, tpr=0.8) == approx(0.221052632)


def test_binormal_is_vector_6c():
    slope = iso_profit_slope(CELLS, prevalence=0.05)
    assert slope == approx(2.11111111, rel=1e-8)
    best = best_binormal_cut(1.8, slope=slope)
    assert best.auc == approx(0.898454106, rel=1e-8)
    assert best.cut == approx(1.31511911, rel=1e-8)
    assert best.tpr == approx(0.686119580, rel=1e-8)
    assert best.fpr == approx(0.0942349372, rel=1e-8)
    per_case = ev_per_case(CELLS, prevalence=0.05, tpr=best.tpr, fpr=best.fpr)
    assert per_case == approx(4.38461241, rel=1e-8)
    assert 200_000 * per_case - 600_000 == approx(276_922.482, rel=1e-8)
    # Acting from a posterior of one half on, as classifiers do by default.
    half = (math.log(0.95 / 0.05) + 1.8**2 / 2) / 1.8
    tpr, fpr = ndtr(1.8 - half), ndtr(-half)
    default = ev_per_case(CELLS, prevalence=0.05, tpr=tpr, fpr=fpr)
    assert default == approx(1.97175603, rel=1e-8)
    # The posterior at the best cut is Elkan's threshold.
    odds = 0.05 / 0.95 * math.exp(1.8 * best.cut - 1.8**2 / 2)
    assert odds / (1 + odds) == approx(0.1)


def test_least_auc_that_pays_is_that_of_the_model_that_just_does():
    cost = 200_000 * 4.384612409
    found = least_auc(CELLS, **YEARLY | {"fixed_cost": cost})
    assert found == approx(0.898454106, rel=1e-7)
    assert least_auc(CELLS, **YEARLY | {"fixed_cost": -1}) == 0.5
    assert least_auc(CELLS, **YEARLY | {"fixed_cost": 2_000_000}) is None


def test_benefit_is_against_what_a_missed_case_costs_already():
    """Trap 4: a benefit in b_TP or as −b_FN is the same, in both it is double."""
    as_loss = Cells(tp=0, fn=-180, fp=-20, tn=0)
    assert elkan_threshold(as_loss) == elkan_threshold(CELLS)
    both = Cells(tp=180, fn=-180, fp=-20, tn=0)
    assert elkan_threshold(both) < elkan_threshold(CELLS)


@pytest.mark.parametrize(
    "ask",
    [
        lambda cells: elkan_threshold(cells),
        lambda cells: iso_profit_slope(cells, prevalence=0.1),
        lambda cells: break_even_recall(cells, **YEARLY, fpr=0.1),
        lambda cells: least_auc(cells, **YEARLY),
    ],
)
def test_catching_that_gains_nothing_is_refused(ask):
    with pytest.raises(CaseProblem, match="give true positives a value"):
        ask(Cells(tp=-5, fn=0, fp=-20, tn=0))


def test_free_alarms_have_no_limit():
    free = Cells(tp=180, fn=0, fp=0, tn=0)
    with pytest.raises(CaseProblem, match="no rate is too large"):
        largest_fpr(free, **YEARLY, tpr=0.8)
    with pytest.raises(CaseProblem, match="act on every case"):
        least_auc(free, **YEARLY)


def test_runs_are_vector_14(classifier_case):
    case = classifier_case()
    nets = {
        name: yearly_net(case, case.means(), counts.tp / 200, counts.fp / 3800)
        for name, counts in RUNS.items()
    }
    exact = {"A": 370_000, "B": 420_000, "C": 310_000, "D": 215_000, "E": 460_000}
    assert nets == approx(exact)
    prices = {name: price(case, counts, seed=1) for name, counts in RUNS.items()}
    assert {name: p.observed for name, p in prices.items()} == approx(exact)
    assert max(prices, key=lambda name: prices[name].mean) == "E"


def test_mean_price_is_the_value_function_at_the_means(classifier_case):
    case = classifier_case(hit=Pert(100, 180, 300), cases=Normal(200_000, 20_000))
    found = price(case, RUNS["A"], draws=200_000, seed=1)
    # Jeffreys: (120 + ½)/(200 + 1), (110 + ½)/(3800 + 1); E[hit] = 186.67.
    recall, alarms = 120.5 / 201, 110.5 / 3801
    per_case = 0.05 * recall * (1120 / 6) - 0.95 * alarms * 20
    assert found.mean == approx(200_000 * per_case - 600_000)
    assert found.mean_is_exact
    # And the draws agree with it.
    assert found.p5 < found.sampling_p5 < found.mean < found.sampling_p95 < found.p95


def test_sampling_band_of_known_business_is_the_whole_band(classifier_case):
    found = price(classifier_case(), RUNS["A"], seed=1)
    assert found.p5 == approx(found.sampling_p5)
    assert found.p95 == approx(found.sampling_p95)
    # Recall alone: sd ≈ √(.6·.4/200) · 200k·.05·180 ≈ 62k.
    assert found.p95 - found.p5 == approx(2 * 1.645 * 63_000, rel=0.05)


def test_curved_case_is_priced_by_its_draws(classifier_case):
    case = classifier_case(hit=Normal(180, 60))
    squared = replace(case.drivers[0], expression="hit ** 2 / 180")
    case = replace(case, drivers=(squared, *case.drivers[1:]))
    found = price(case, RUNS["A"], draws=100_000, seed=1)
    assert not found.mean_is_exact
    gain = 200_000 * 0.05 * (120.5 / 201) * (180**2 + 60**2) / 180
    cost = 200_000 * 0.95 * (110.5 / 3801) * 20 + 600_000
    assert found.mean == approx(gain - cost, rel=0.03)


def test_price_uses_the_target_population_not_the_test_set(classifier_case):
    balanced = Counts(tp=800, fn=200, fp=100, tn=900)
    rare = Counts(tp=800, fn=200, fp=1000, tn=9000)
    case = classifier_case()
    assert price(case, balanced, seed=1).observed == approx(460_000)
    assert price(case, rare, seed=1).observed == approx(460_000)


def test_runs_priced_together_cost_what_they_cost_alone(classifier_case):
    case = classifier_case(hit=Pert(100, 180, 300))
    alone = tuple(price(case, counts, seed=1) for counts in RUNS.values())
    assert price_all(case, RUNS.values(), seed=1) == alone
    assert price_all(case, [], seed=1) == ()


def test_runs_share_their_random_numbers(classifier_case):
    case = classifier_case(hit=Pert(100, 180, 300))
    assert price(case, RUNS["A"], seed=1) == price(case, RUNS["A"], seed=1)
    better = price(case, Counts(130, 70, 110, 3690), seed=1)
    worse = price(case, Counts(120, 80, 110, 3690), seed=1)
    for quantile in ("mean", "p5", "p50", "p95"):
        assert getattr(better, quantile) > getattr(worse, quantile)


def test_174_positive_cases_are_evidence_enough_and_150_are_not():
    """Trap 7."""
    assert not Counts(139, 35, 100, 900).too_little_evidence
    assert Counts(120, 30, 100, 900).too_little_evidence
    # A false alarm rate of 20 % needs as many negatives.
    assert Counts(900, 100, 20, 80).too_little_evidence


def test_run_without_a_positive_case_has_a_wide_price(classifier_case):
    found = price(classifier_case(), Counts(0, 0, 10, 90), seed=1)
    assert found.observed is None
    assert found.too_little_evidence
    assert math.isfinite(found.mean)


def test_rates_without_counts_are_no_evidence(classifier_case):
    found = price_at_rates(classifier_case(), tpr=0.8, fpr=0.1, seed=1)
    assert found.mean == approx(460_000)
    assert found.sampling_p5 == found.sampling_p95 == approx(460_000)
    assert found.too_little_evidence


def test_rules_without_a_model_are_priced(classifier_case):
    found = policies(classifier_case(), seed=1)
    assert found.nobody.mean == approx(-600_000)
    assert found.everybody.mean == approx(-2_600_000)
    assert not found.everybody.too_little_evidence
    assert found.nobody.p_positive == 0


def test_plain_case_prices_no_run():
    case = PLAIN.case({})
    with pytest.raises(NotPriced, match="give it a volume, a prevalence"):
        price(case, RUNS["A"], seed=1)
    with pytest.raises(NotPriced):
        policies(case, seed=1)
    with pytest.raises(NotPriced):
        required_recall(case, fpr=0.1, seed=1)
    with pytest.raises(NotPriced):
        profit_curve([0.1, 0.9], [0, 1], case)


def test_senseless_counts_and_rates_are_refused(classifier_case):
    with pytest.raises(NotPriced, match="fn is -1"):
        Counts(1, -1, 0, 0)
    with pytest.raises(NotPriced, match=r"rate 1\.1"):
        price_at_rates(classifier_case(), tpr=1.1, fpr=0, seed=1)
    with pytest.raises(NotPriced, match=r"fpr -0\.1"):
        required_recall(classifier_case(), fpr=-0.1, seed=1)
    with pytest.raises(NotPriced, match="confidence 90"):
        required_recall(classifier_case(), fpr=0.1, confidence=90, seed=1)


def test_price_becomes_json(classifier_case):
    found = price(classifier_case(), RUNS["A"], seed=1)
    assert json.loads(json.dumps(found.to_json()))["observed"] == approx(370_000)
    assert found.digest != price(classifier_case(), RUNS["B"], seed=1).digest


def test_required_recall_of_known_business_is_the_break_even(classifier_case):
    found = required_recall(classifier_case(), fpr=0.1, seed=1)
    for recall in (found.p50, found.p80, found.p90, found.recall):
        assert recall == approx(0.544444444)
    assert found.note == ""


def test_required_recall_breaks_even_as_often_as_said(classifier_case):
    # R* = (3 + 1.9)/(.05·hit) falls in hit: P90 is at hit's P10, 180 − 1.2816·20.
    case = classifier_case(hit=Normal(180, 20))
    found = required_recall(case, fpr=0.1, draws=100_000, seed=1)
    assert found.p90 is not None
    assert found.p90 == approx(4.9 / 0.05 / (180 - 1.28155 * 20), rel=0.005)
    assert found.p50 == approx(0.544444, rel=0.005)
    assert found.recall == found.p90
    sure = price_at_rates(
        case, tpr=found.p90, fpr=0.1, draws=100_000, seed=1
    ).p_positive
    assert sure == approx(0.9, abs=0.001)


def test_required_recall_is_rounded_to_the_safe_side(classifier_case):
    case = classifier_case(hit=Normal(180, 20))
    found = required_recall(case, fpr=0.1, confidence=0.905, draws=100, seed=1)
    assert found.recall is not None
    just_above = found.recall + 1e-9
    sure = price_at_rates(case, tpr=just_above, fpr=0.1, draws=100, seed=1)
    assert sure.p_positive == 0.91


def test_confidence_that_no_recall_reaches_is_said(classifier_case):
    found = required_recall(classifier_case(hit=Normal(100, 20)), fpr=0.1, seed=1)
    assert found.p50 == approx(0.98, rel=0.01)
    assert found.p90 is None
    assert found.recall is None
    assert found.note == "no recall pays at this confidence"


def test_business_that_pays_without_a_model_asks_for_no_recall(classifier_case):
    found = required_recall(classifier_case(fixed=Fixed(-1e6)), fpr=0.1, seed=1)
    assert found.p90 == 0


def test_threshold_by_money_is_the_best_of_a_small_sweep():
    scores = [0.9, 0.8, 0.7, 0.6, 0.5]
    labels = [1, 0, 1, 0, 0]
    cells = Cells(tp=10, fn=0, fp=-4, tn=0)
    curve = profit_curve(scores, labels, cells, 0.4)
    # Cumulated: 0, 10, 6, 16, 12, 8 over five cases.
    assert curve.per_case == approx(np.array([0, 10, 6, 16, 12, 8]) / 5)
    assert threshold_by_money(scores, labels, cells, 0.4) == 0.7


def test_equal_scores_are_kept_together():
    scores = [0.9, 0.7, 0.7, 0.7, 0.1]
    labels = [1, 1, 0, 0, 0]
    curve = profit_curve(scores, labels, Cells(10, 0, -6, 0), 0.4)
    assert curve.per_case == approx(np.array([0, 10, 8, 2]) / 5)
    turned = profit_curve(scores[::-1], labels[::-1], Cells(10, 0, -6, 0), 0.4)
    assert turned.per_case.tolist() == curve.per_case.tolist()


def test_rare_target_population_raises_the_threshold():
    scores = [0.9, 0.8, 0.7, 0.6]
    labels = [1, 0, 1, 0]
    cells = Cells(tp=10, fn=0, fp=-4, tn=0)
    assert threshold_by_money(scores, labels, cells, 0.5) == 0.7
    assert threshold_by_money(scores, labels, cells, 0.05) == 0.9


def test_acting_on_nobody_is_above_the_greatest_score():
    scores, labels = [0.9, 0.8], [0, 1]
    found = threshold_by_money(scores, labels, Cells(1, 0, -100, 0), 0.5)
    assert found > 0.9
    assert found == approx(0.9)


def test_case_brings_its_cells_and_prevalence(classifier_case):
    scores, labels = [0.9, 0.8, 0.7, 0.6], [1, 0, 1, 0]
    by_case = profit_curve(scores, labels, classifier_case())
    by_cells = profit_curve(scores, labels, CELLS, 0.05)
    assert by_case.per_case == approx(by_cells.per_case)


def test_cells_of_a_case_sum_its_drivers(classifier_case):
    case = classifier_case()
    call = Driver("calls", "", Category.COST, Per.TP, "alarm / 4")
    assert Cells.of(replace(case, drivers=(*case.drivers, call))).tp == approx(175)


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 1)), min_size=2, max_size=40
    ).filter(lambda rows: len({label for _, label in rows}) == 2)
)
def test_best_of_the_curve_beats_every_threshold(rows):
    scores, labels = (np.array(column) for column in zip(*rows, strict=True))
    share = 0.3
    best = threshold_by_money(scores, labels, CELLS, share)

    def worth(threshold):
        acted = scores >= threshold
        tpr, fpr = acted[labels == 1].mean(), acted[labels == 0].mean()
        return float(ev_per_case(CELLS, prevalence=share, tpr=tpr, fpr=fpr))

    assert worth(best) >= max(map(worth, range(11))) - 1e-9


@pytest.mark.parametrize(
    ("scores", "labels", "prevalence", "told"),
    [
        ([0.1], [0, 1], 0.1, "one label a score"),
        ([], [], 0.1, "0 of 0 labels are positive"),
        ([0.1, 0.2], [1, 1], 0.1, "2 of 2 labels are positive: both must occur"),
        ([0.1, 0.2], [0, 0], 0.1, "0 of 2 labels"),
        ([0.1, math.nan], [0, 1], 0.1, "1 of 2 scores are not finite"),
        ([0.1, 0.2], [0, 2], 0.1, "neither 0 nor 1"),
        ([0.1, 0.2], [0, 1], None, "prevalence None: give"),
        ([0.1, 0.2], [0, 1], 1.2, r"prevalence 1\.2: give"),
    ],
)
def test_scores_that_cannot_be_swept_are_refused(scores, labels, prevalence, told):
    with pytest.raises(BadScores, match=told):
        profit_curve(scores, labels, CELLS, prevalence)


def test_rates_are_found_from_what_was_logged():
    # 6a: of .05·.8 + .95·.1 acted on, .296296 are right.
    logged = {"recall": 0.8, "precision": 0.296296296, "prevalence": 0.05}
    assert rates_of(logged) == approx((0.8, 0.1), rel=1e-6)
    assert rates_of({**logged, "fpr": 0.2}) == (0.8, 0.2)
    assert rates_of({"precision": 0.3, "prevalence": 0.05}) is None
    assert rates_of({"recall": 0.8, "precision": 0.3}) is None
    # Everybody acted on, rounded.
    everybody = {"recall": 1.0, "precision": 0.0499, "prevalence": 0.05}
    assert rates_of(everybody) == (1.0, 1.0)


def test_rates_of_different_test_sets_are_refused():
    with pytest.raises(NotPriced, match=r"means a false alarm rate of 11: log all"):
        rates_of({"recall": 0.8, "precision": 0.1, "prevalence": 0.6})
