"""Thresholds derived from the money, beside the closed forms of VALUE's vector 6."""

import json

import pytest

from engine.value.classifier import (
    Cells,
    NotPriced,
    least_auc,
    required,
    required_recall,
)
from engine.value.distributions import Fixed, Normal
from engine.value.simulate import draw, yearly_net
from engine.value.templates import PLAIN

approx = pytest.approx
CELLS = Cells(tp=180, fn=0, fp=-20, tn=0)


def test_known_business_asks_for_the_break_evens_of_6b(classifier_case):
    case = classifier_case()
    recall = required(case, metric="recall", at=0.1, seed=1)
    alarms = required(case, metric="fpr", at=0.8, seed=1)
    assert recall.threshold == approx(0.544444444, rel=1e-8)
    assert alarms.threshold == approx(0.221052632, rel=1e-8)
    assert (recall.comparison, alarms.comparison) == ("at_least", "at_most")
    # .04 caught of .04 + .95·.221052632 acted on
    precision = required(case, metric="precision", at=0.8, seed=1)
    assert precision.threshold == approx(0.16, rel=1e-8)
    # Without fixed costs the break-even precision of 6a.
    free = classifier_case(fixed=Fixed(0))
    assert required(free, metric="precision", at=0.3, seed=1).threshold == approx(0.1)


def test_known_business_asks_for_the_closed_form_auc(classifier_case):
    found = required(classifier_case(), metric="auc", seed=1)
    closed = least_auc(CELLS, prevalence=0.05, volume=200_000, fixed_cost=600_000)
    assert found.threshold == approx(closed, rel=1e-9)
    # Vector 6c: what pays 276,922.482 more is the AUC of d′ = 1.8.
    dear = classifier_case(fixed=Fixed(600_000 + 276_922.482))
    found = required(dear, metric="auc", seed=1)
    assert found.threshold == approx(0.898454106, rel=1e-8)


def test_recall_is_what_required_recall_says(classifier_case):
    case = classifier_case(hit=Normal(180, 20))
    one = required(case, metric="recall", at=0.1, confidence=0.95, seed=4)
    other = required_recall(case, fpr=0.1, confidence=0.95, seed=4)
    assert (one.p50, one.p80, one.p90) == (other.p50, other.p80, other.p90)
    assert one.threshold == other.recall


@pytest.mark.parametrize("metric", ["recall", "precision", "fpr"])
@pytest.mark.parametrize("confidence", [0.5, 0.8, 0.9])
def test_threshold_kept_pays_as_often_as_said(classifier_case, metric, confidence):
    case = classifier_case(hit=Normal(180, 20), positive=Normal(0.05, 0.004))
    at = 0.1 if metric == "recall" else 0.8
    found = required(
        case, metric=metric, at=at, confidence=confidence, draws=20_000, seed=1
    )
    values = draw(case, draws=20_000, seed=1)
    tpr, fpr = (found.threshold, 0.1) if metric == "recall" else (0.8, found.threshold)
    if metric == "precision":
        # How many alarms a precision means depends on each future's prevalence.
        share, kept = values["positive"], found.threshold
        fpr = share * 0.8 * (1 - kept) / ((1 - share) * kept)
    sure = (yearly_net(case, values, tpr, fpr) >= -1e-6).mean()
    assert sure == approx(confidence, abs=0.001)


def test_auc_kept_pays_as_often_as_said(classifier_case):
    # Only the fixed cost is unknown, so the best cut is the same in all futures.
    case = classifier_case(fixed=Normal(700_000, 100_000))
    found = required(case, metric="auc", confidence=0.9, draws=20_000, seed=1)
    # Its P90 is 700 000 + 1.281552·100 000.
    closed = least_auc(
        CELLS, prevalence=0.05, volume=200_000, fixed_cost=828_155.1565544601
    )
    assert found.threshold == approx(closed, rel=2e-3)


@pytest.mark.parametrize("metric", ["recall", "precision", "auc"])
def test_surer_asks_for_more(classifier_case, metric):
    case = classifier_case(hit=Normal(180, 20))
    at = 0.1 if metric == "recall" else 0.8
    found = required(case, metric=metric, at=at, seed=1, confidence=0.95)
    asked = [found.p50, found.p80, found.p90, found.threshold]
    assert asked == sorted(asked)
    assert len(set(asked)) == 4


def test_surer_bears_fewer_alarms(classifier_case):
    case = classifier_case(hit=Normal(180, 20))
    found = required(case, metric="fpr", at=0.8, seed=1)
    assert found.p50 > found.p80 > found.p90 == found.threshold


@pytest.mark.parametrize("metric", ["recall", "precision", "fpr", "auc"])
def test_business_no_model_can_save_has_no_threshold(classifier_case, metric):
    case = classifier_case(fixed=Fixed(2_000_000))
    found = required(case, metric=metric, at=0.1, seed=1)
    assert found.threshold is None
    assert found.note == f"no {metric} pays at this confidence"


def test_business_that_pays_without_a_model_asks_for_nothing(classifier_case):
    case = classifier_case(fixed=Fixed(-1e7))
    found = {
        metric: required(case, metric=metric, at=0.1, seed=1).threshold
        for metric in ("recall", "precision", "fpr", "auc")
    }
    assert found == {"recall": 0, "precision": 0, "fpr": 1, "auc": 0.5}


def test_free_alarms_bear_every_rate(classifier_case):
    case = classifier_case(alarm=Fixed(0))
    assert required(case, metric="fpr", at=0.8, seed=1).threshold == 1
    assert required(case, metric="precision", at=0.8, seed=1).threshold == 0
    # Acting on everybody gains 5 % · 180 · 200 000 less 600 000: no model is needed.
    assert required(case, metric="auc", seed=1).threshold == 0.5


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"metric": "f1", "at": 0.1}, "choose one of recall, precision, fpr, auc"),
        ({"metric": "recall"}, "depends on the false alarm rate"),
        ({"metric": "precision"}, "depends on the recall"),
        ({"metric": "fpr", "at": 1.2}, r"at 1\.2: give a share"),
        ({"metric": "auc", "confidence": 90}, "confidence 90: give a share"),
    ],
)
def test_senseless_questions_are_refused(classifier_case, asked, said):
    with pytest.raises(NotPriced, match=said):
        required(classifier_case(), **asked, seed=1)


def test_case_without_single_cases_has_no_requirement():
    with pytest.raises(NotPriced, match="counts nothing per case"):
        required(PLAIN.case({}), metric="auc", seed=1)


def test_requirement_can_be_computed_again(classifier_case):
    case = classifier_case(hit=Normal(180, 20))
    first, again, other = (
        required(case, metric="auc", seed=seed) for seed in (3, 3, 4)
    )
    assert first == again
    assert first.digest != other.digest
    assert json.loads(json.dumps(first.to_json()))["threshold"] == first.threshold
