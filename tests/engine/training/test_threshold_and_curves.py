import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as reference

from engine.errors import EngineError
from engine.training import curves
from engine.training.threshold import Cells, best_threshold, cells_from, steps

LABELS = np.array([1, 1, 0, 1, 0, 0])
SCORES = np.array([0.9, 0.8, 0.7, 0.6, 0.4, 0.2])


def test_money_per_1000_by_hand():
    # π .05, b_TP 180, c_FP 20, TPR .8, FPR .1 earn 5.30 per case.
    cells = Cells(tp=180, fn=0, fp=-20, tn=0, prevalence=0.05)
    assert cells.per_1000(np.array([0.8]), np.array([0.1]))[0] == pytest.approx(5300)


def test_best_threshold_by_hand():
    # Acting on 0, 1, 2, 3, 4, 5, 6 cases earns 0 10 20 14 24 18 12: stop after four.
    cells = Cells(tp=10, fn=0, fp=-6, tn=0, prevalence=0.5)
    assert best_threshold(LABELS, SCORES, cells) == pytest.approx(0.5)


def test_nobody_is_acted_on_when_acting_never_pays():
    cells = Cells(tp=1, fn=0, fp=-50, tn=0, prevalence=0.01)
    threshold = best_threshold(LABELS[::-1], SCORES, cells)
    assert not (threshold <= SCORES).any()
    assert threshold > 1


def test_everybody_is_acted_on_when_acting_is_free():
    cells = Cells(tp=10, fn=0, fp=0, tn=-1, prevalence=0.5)
    assert best_threshold(LABELS, SCORES, cells) <= SCORES.min()


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 12)), min_size=2, max_size=40))
def test_best_threshold_is_what_trying_all_of_them_finds(cases):
    labels = np.array([0, 1, *(int(a) for a, _ in cases)])
    scores = np.array([0.3, 0.6, *(b / 12 for _, b in cases)])
    cells = Cells(tp=7, fn=-1, fp=-3, tn=0.5, prevalence=0.3)

    def earned(threshold):
        flags = scores >= threshold
        tpr = np.array([flags[labels == 1].mean()])
        fpr = np.array([flags[labels == 0].mean()])
        return cells.per_1000(tpr, fpr)[0]

    tried = max(earned(t) for t in [*scores, 2.0])
    assert earned(best_threshold(labels, scores, cells)) == pytest.approx(tried)


def test_thresholds_between_neighbouring_floats_still_part_them():
    scores = np.array([np.nextafter(0.5, 1), 0.5])
    found = steps(np.array([1, 0]), scores)
    assert (scores >= found.thresholds[1]).tolist() == [True, False]


@pytest.mark.parametrize("broken", [{}, {"tp": "much"}, {"prevalence": 0}])
def test_cells_that_cannot_be_used_are_named(broken):
    good = {"tp": 1, "fn": 0, "fp": -1, "tn": 0, "prevalence": 0.2}
    with pytest.raises(EngineError, match=r"cells: \w+ is"):
        cells_from({**good, **broken} if broken else {"tp": 1})


def test_roc_curve_agrees_with_scikit_learn(ranked):
    labels, scores = ranked
    found = curves.roc_curve(labels, scores)
    fpr, tpr, _ = reference.roc_curve(labels, scores)
    assert np.interp(0.37, found.fpr, found.tpr) == pytest.approx(
        np.interp(0.37, fpr, tpr)
    )
    assert np.trapezoid(found.tpr, found.fpr) == pytest.approx(found.auc)


def test_curves_are_thinned_with_their_ends_kept():
    rng = np.random.default_rng(1)
    labels, scores = rng.integers(0, 2, 20_000), rng.random(20_000)
    cells = Cells(tp=10, fn=0, fp=-1, tn=0, prevalence=0.2)
    roc = curves.roc_curve(labels, scores)
    profit = curves.profit_curve(labels, scores, cells)
    lines = [roc.fpr, profit.acted, curves.lift_curve(labels, scores).acted]
    lines.append(curves.precision_recall_curve(labels, scores).recall)
    for x in lines:
        assert len(x) <= 500
        assert (x[0], x[-1]) == pytest.approx((0, 1))
    found = steps(labels, scores)
    assert profit.per_1000.max() == cells.per_1000(found.tpr, found.fpr).max()


def test_precision_recall_ends_at_the_base_rate(ranked):
    labels, scores = ranked
    found = curves.precision_recall_curve(labels, scores)
    assert found.precision[-1] == pytest.approx(labels.mean()) == found.base_rate


def test_wilson_interval_as_published():
    # Newcombe (1998), table I: 81 of 263 gives 0.2553 to 0.3662; 0 of 20 0 to 0.1611.
    low, high = curves.wilson(np.array([81.0, 0.0]), np.array([263, 20]))
    assert low == pytest.approx([0.2553, 0.0], abs=5e-5)
    assert high == pytest.approx([0.3662, 0.1611], abs=5e-5)


def test_calibration_bins_hold_equal_counts():
    scores = np.linspace(0, 1, 100)
    found = curves.calibration((scores > 0.5).astype(int), scores)
    assert found.counts.tolist() == [10] * 10
    assert found.observed.tolist() == [0.0] * 5 + [1.0] * 5


def test_confusion_counts_truth_by_answer():
    found = curves.confusion(LABELS, SCORES, ("no", "yes"), threshold=0.65)
    assert found.counts.tolist() == [[2, 1], [1, 2]]
    three = np.eye(3)[[0, 2, 2]]
    many = curves.confusion(np.array([0, 1, 2]), three, ("a", "b", "c"))
    assert many.counts.tolist() == [[1, 0, 0], [0, 0, 1], [0, 0, 1]]


def test_residuals_keep_the_worst_misses():
    truth = np.zeros(5_000)
    predicted = np.linspace(-7, 9, 5_000)
    found = curves.residuals(truth, predicted)
    assert len(found.predicted) < 500
    assert (found.predicted.min(), found.predicted.max()) == (-7, 9)
