"""The value cases of VALUE's test vectors."""

from collections.abc import Mapping

import pytest

from engine.value.case import Category, Driver, Per, Quantity, ValueCase
from engine.value.distributions import Distribution, Fixed, LogNormal, Pert

PRODUCT_INPUTS = {
    "cust": Pert(40_000, 50_000, 60_000),
    "churn": Pert(0.08, 0.12, 0.20),
    "save": Pert(0.05, 0.15, 0.30),
    "margin": Pert(150, 200, 260),
    "cost": Pert(120_000, 160_000, 260_000),
}


def driver(name: str, category: Category, per: Per, expression: str) -> Driver:
    return Driver(name, name, category, per, expression)


def yearly_case(
    inputs: Mapping[str, Distribution], gain: str, cost: str, **more
) -> ValueCase:
    """A gain less a cost in one year, undiscounted."""
    return ValueCase(
        quantities=tuple(Quantity(name, belief) for name, belief in inputs.items()),
        drivers=(
            driver("gain", Category.REVENUE, Per.YEAR, gain),
            driver("cost", Category.COST, Per.YEAR, cost),
        ),
        **{
            "volume": None,
            "prevalence": None,
            "horizon_years": 1,
            "discount_rate": 0.0,
        }
        | more,
    )


def product_case(**more) -> ValueCase:
    """Vector 4."""
    return yearly_case(PRODUCT_INPUTS, "cust * churn * save * margin", "cost", **more)


def lognormal_case() -> ValueCase:
    """Vector 3."""
    inputs = {
        "benefit": LogNormal.from_interval(80_000, 400_000),
        "spending": LogNormal.from_interval(100_000, 200_000),
    }
    return yearly_case(inputs, "benefit", "spending")


def classifier_case(**inputs: Distribution) -> ValueCase:
    """Vectors 6 and 14: 200,000 cases, 5 % positive, 180 a hit, 20 an alarm."""
    beliefs = {
        "cases": Fixed(200_000),
        "positive": Fixed(0.05),
        "hit": Fixed(180),
        "alarm": Fixed(20),
        "fixed": Fixed(600_000),
        "tpr": Fixed(0.8),
        "fpr": Fixed(0.1),
    } | inputs
    return ValueCase(
        quantities=tuple(Quantity(name, belief) for name, belief in beliefs.items()),
        drivers=(
            driver("hits", Category.REVENUE, Per.TP, "hit"),
            driver("alarms", Category.COST, Per.FP, "alarm"),
            driver("running", Category.COST, Per.YEAR, "fixed"),
        ),
        volume="cases",
        prevalence="positive",
        horizon_years=3,
        discount_rate=0.08,
    )


@pytest.fixture(name="product_case")
def product_case_fixture():
    return product_case


@pytest.fixture(name="lognormal_case")
def lognormal_case_fixture():
    return lognormal_case


@pytest.fixture(name="classifier_case")
def classifier_case_fixture():
    return classifier_case
