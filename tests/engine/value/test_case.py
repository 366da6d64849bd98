"""A value case says what it lacks, and survives being stored."""

import json
import math
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest

from engine.digests import digest
from engine.value.case import (
    CaseProblem,
    Category,
    Driver,
    Per,
    Quantity,
    ValueCase,
)
from engine.value.distributions import (
    Fixed,
    LogNormal,
    Mixture,
    Normal,
    Triangular,
    pert_from_quantiles,
)

approx = pytest.approx


def test_complete_case_has_no_problems(product_case, classifier_case):
    assert product_case().problems() == []
    assert classifier_case().problems() == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"volume": None}, "'hits' counts per case .* no volume: name the cases"),
        ({"prevalence": None}, "a volume needs a prevalence"),
        ({"volume": "casse"}, "volume: 'casse' .* did you mean 'cases'"),
        ({"prevalence": "1 +"}, "prevalence: the end at position"),
        ({"tpr": "recall"}, "quantity 'recall' is missing: assume a recall"),
        ({"fpr": "alarms"}, "'alarms' is missing: assume a false alarm rate"),
        ({"horizon_years": 0}, "horizon of 0 years: choose 1 to 50"),
        ({"horizon_years": 51}, "horizon of 51 years"),
        ({"discount_rate": -1.0}, "discount rate -1.0: choose"),
        ({"discount_rate": math.nan}, "discount rate nan"),
        ({"success_probability": 1.1}, "success probability 1.1: choose"),
        ({"ramp_up": (0.5, -0.1)}, "ramp-up .* 0 or more"),
        ({"drivers": ()}, "no driver is counted in money"),
        ({"quantities": ()}, "'hit' at position 1 .* known names: none"),
    ],
)
def test_each_problem_names_place_and_remedy(classifier_case, change, told):
    case = replace(classifier_case(), **change)
    with pytest.raises(CaseProblem, match=told):
        case.check()


def test_driver_problems_are_named(classifier_case):
    case = classifier_case()
    bad = (
        Driver("a", "a", Category.REVENUE, Per.TP, "hit * tpr"),
        Driver("b", "b", Category.REVENUE, Per.YEAR, "hti"),
        Driver("b", "b", Category.REVENUE, Per.YEAR, "hit", counted=cast(Any, "maybe")),
    )
    problems = " | ".join(replace(case, drivers=bad).problems())
    assert "driver 'a' names 'tpr'" in problems
    assert "did you mean 'hit'" in problems
    assert "driver 'b' appears twice" in problems
    assert "'maybe' is none of" in problems


def test_quantity_problems_are_named(product_case):
    case = product_case()
    bad = (
        *case.quantities,
        Quantity("cust", Fixed(1)),
        Quantity("two words", Fixed(1)),
        Quantity("upside", Fixed(1), lower=2, upper=1),
    )
    problems = " | ".join(replace(case, quantities=bad).problems())
    assert "quantity 'cust' appears twice" in problems
    assert "'two words': use letters" in problems
    assert "lower bound 2 is not at most upper bound 1" in problems


def test_case_survives_json_to_the_same_digest(classifier_case):
    case = replace(
        classifier_case(hit=Mixture((Normal(1, 2), LogNormal(1, 0.5)))),
        ramp_up=(0.5, 0.75),
        success_probability=0.8,
        quantities=(
            *classifier_case().quantities,
            Quantity("extra", Triangular(0, 1, 2), lower=0.5),
        ),
    )
    content = json.loads(json.dumps(case.to_json()))
    again = ValueCase.from_json(content)
    assert again == case
    assert digest(again.to_json()) == digest(case.to_json())


@pytest.mark.parametrize("key", ["quantities", "drivers", "discount_rate", "tpr"])
def test_incomplete_json_names_what_is_missing(product_case, key):
    content = product_case().to_json()
    del content[key]
    with pytest.raises(CaseProblem, match=f"'{key}' is missing"):
        ValueCase.from_json(content)


def test_json_with_an_unknown_category_is_refused(product_case):
    content = product_case().to_json()
    content["drivers"][0]["category"] = "fame"
    with pytest.raises(CaseProblem, match="driver 'gain': 'fame'"):
        ValueCase.from_json(content)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"quantities": None}, "write it with to_json"),
        ({"discount_rate": "much"}, "write it with to_json"),
        ({"ramp_up": ["slow"]}, "write it with to_json"),
        ({"volume": 5}, "volume is 5: write it as text"),
        ({"tpr": None}, "tpr is None: write it as text"),
        ({"horizon_years": 2.5}, r"horizon_years is 2\.5: write a whole number"),
        ({"horizon_years": True}, "horizon_years is True"),
    ],
)
def test_json_of_another_shape_is_refused(product_case, change, told):
    with pytest.raises(CaseProblem, match=told):
        ValueCase.from_json(product_case().to_json() | change)


@pytest.mark.parametrize(
    "belief",
    [
        pert_from_quantiles(0.01, 0.05, 0.40),
        Normal(0.2, 0.3),
        LogNormal(-1.5, 0.9),
        Triangular(-0.5, 0.1, 1.5),
    ],
    ids=repr,
)
def test_mean_within_bounds_is_that_of_the_clipped_draws(belief):
    share = Quantity("share", belief, lower=0.0, upper=1.0)
    draws = share.clip(belief.ppf((np.arange(100_000) + 0.5) / 100_000))
    assert share.mean == approx(draws.mean(), rel=1e-5)
    for x in (0.05, 0.5):
        assert share.shortfall(x) == approx(np.maximum(x - draws, 0).mean(), abs=1e-5)
        assert share.excess(x) == approx(np.maximum(draws - x, 0).mean(), abs=1e-5)


def test_bound_far_away_changes_nothing():
    belief = pert_from_quantiles(40_000, 50_000, 60_000)
    assert Quantity("n", belief, 0.0, 1e12).mean == approx(belief.mean, rel=1e-6)


@pytest.mark.parametrize(
    ("volume", "prevalence", "hit", "multilinear"),
    [
        ("cases", "positive", "hit", True),
        ("cases * 2", "positive / 2", "hit - alarm", True),
        ("cases", "positive", "hit * positive", False),
        ("cases * positive", "positive", "hit", False),
        ("cases", "min(positive, 1)", "hit", False),
        ("cases", "positive", "hit ** 2", False),
    ],
)
def test_mean_of_the_net_is_known_where_factors_differ(
    classifier_case, volume, prevalence, hit, multilinear
):
    case = classifier_case()
    hits = replace(case.drivers[0], expression=hit)
    case = replace(
        case,
        volume=volume,
        prevalence=prevalence,
        drivers=(hits, *case.drivers[1:]),
    )
    assert case.is_multilinear is multilinear
