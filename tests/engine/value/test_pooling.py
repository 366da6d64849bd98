"""Several people are pooled as VALUE's vector 10 says."""

import json
from dataclasses import replace

import pytest

from engine.value.case import Quantity, ValueCase
from engine.value.distributions import DistributionProblem, Fixed, LogNormal, Normal
from engine.value.pooling import Mixture, disagreement_share, overlap, pool
from engine.value.simulate import draw, estimate

approx = pytest.approx
PEOPLE = [
    LogNormal.from_interval(40, 80),
    LogNormal.from_interval(60, 150),
    LogNormal.from_interval(120, 300),
]


def test_pool_is_vector_10():
    pooled = pool(PEOPLE)
    quantiles = pooled.ppf([0.05, 0.5, 0.95])
    assert quantiles == approx([45.306079, 94.907310, 253.298796], rel=1e-7)
    assert pooled.mean == approx(117.900020, rel=1e-8)
    assert disagreement_share(PEOPLE) == approx(0.787026143, rel=1e-8)


def test_pool_serves_as_a_quantity(product_case):
    case = product_case()
    pooled = tuple(
        replace(q, distribution=pool(PEOPLE)) if q.name == "margin" else q
        for q in case.quantities
    )
    case = replace(case, quantities=pooled)
    draws = draw(case, draws=200_000, seed=1)["margin"]
    assert draws.mean() == approx(117.90, abs=0.6)
    assert estimate(case, seed=1).mean_is_exact
    assert ValueCase.from_json(json.loads(json.dumps(case.to_json()))) == case


def test_pool_of_one_is_that_belief():
    assert pool(PEOPLE[:1]) == PEOPLE[0]


def test_pool_of_certainties_takes_each_as_often():
    pooled = pool([Fixed(1), Fixed(3)])
    assert isinstance(pooled, Mixture)
    assert pooled.mean == 2
    assert pooled.sd == 1
    draws = draw_of(pooled)
    assert set(draws.round(9).tolist()) == {1.0, 3.0}
    assert (draws < 2).mean() == approx(0.5, abs=0.03)


def draw_of(belief):
    case = ValueCase((Quantity("x", belief),), (), None, None, 1, 0.0)
    return draw(case, draws=10_000, seed=1)["x"]


def test_disagreement_goes_from_none_to_all():
    assert disagreement_share([Normal(1, 2), Normal(1, 2)]) == 0
    assert disagreement_share([Fixed(1), Fixed(1)]) == 0
    assert disagreement_share([Fixed(1), Fixed(2)]) == 1
    # Means 0 and 2: variance 1 between; sd 1: variance 1 within.
    assert disagreement_share([Normal(0, 1), Normal(2, 1)]) == approx(0.5)


def test_overlap_is_the_shared_area():
    # Two unit normals d apart share 2Φ(−d/2): .6170750775 at d = 1.
    assert overlap(Normal(0, 1), Normal(1, 1)) == approx(0.6170750775, abs=1e-5)
    assert overlap(Normal(0, 1), Normal(0, 1)) == approx(1)
    assert overlap(Normal(0, 1), Normal(99, 1)) == approx(0, abs=1e-12)
    assert overlap(Fixed(2), Fixed(2)) == 1
    assert overlap(Fixed(2), Fixed(3)) == 0


def test_overlap_does_not_ask_who_comes_first():
    assert overlap(*PEOPLE[:2]) == approx(overlap(*PEOPLE[1::-1]))


@pytest.mark.parametrize("ask", [pool, disagreement_share])
def test_nobody_is_refused(ask):
    with pytest.raises(DistributionProblem, match="at least one"):
        ask([])
