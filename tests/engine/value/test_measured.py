"""A case whose formulas name metrics is priced by what a run measured of them."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import beta

from engine.value.case import Category, Correlation, Driver, Per, Quantity, ValueCase
from engine.value.classifier import NotPriced
from engine.value.distributions import Normal, Pert
from engine.value.measured import (
    Measured,
    MetricsMissing,
    price_by_metrics,
    required_metric,
)
from engine.value.simulate import estimate

approx = pytest.approx


def sorting_case(**more) -> ValueCase:
    """40,000 letters a year, 2 € for each that goes where it belongs; 60,000 to run."""
    return ValueCase(
        **{
            "quantities": (
                Quantity("letters", Pert(30_000, 40_000, 50_000), lower=0),
                Quantity("spared", Pert(1.5, 2, 2.5), lower=0),
                Quantity("accuracy", Pert(0.6, 0.8, 0.95), 0.0, 1.0),
            ),
            "drivers": (
                Driver(
                    "sorted",
                    "",
                    Category.SAVINGS,
                    Per.YEAR,
                    "letters * accuracy * spared",
                ),
                Driver("running", "", Category.COST, Per.YEAR, "60000"),
            ),
            "volume": None,
            "prevalence": None,
            "horizon_years": 3,
            "discount_rate": 0.08,
            "metrics": ("accuracy",),
        }
        | more
    )


def test_a_run_replaces_what_was_assumed():
    # 40,000 · .9 · 2 − 60,000 = 12,000; assumed: (.6+3.2+.95)/6 · 80,000 − 60,000.
    found = price_by_metrics(sorting_case(), {"accuracy": Measured(0.9)}, seed=1)
    assert found.mean == approx(12_000)
    assert found.mean_is_exact
    assert estimate(sorting_case(), seed=1).annual.mean == approx(10_000 / 3)
    # Only the business varies, so nothing is evidence yet.
    assert found.sampling_p5 == approx(found.sampling_p95)
    assert found.too_little_evidence


def test_the_band_is_that_of_the_test_set():
    """1,800 of 2,000 right: Jeffreys' posterior, through its 95 % interval."""
    posterior = beta(1800.5, 200.5)
    low, high = posterior.ppf([0.025, 0.975])
    measured = {"accuracy": Measured(0.9, low, high)}
    found = price_by_metrics(sorting_case(), measured, draws=100_000, seed=1)
    nets = 80_000 * posterior.ppf([0.05, 0.95]) - 60_000
    assert [found.sampling_p5, found.sampling_p95] == approx(nets, abs=60)
    assert found.p5 < found.sampling_p5 < found.sampling_p95 < found.p95
    assert not found.too_little_evidence
    few = {"accuracy": Measured(0.9, 0.8, 0.96)}
    assert price_by_metrics(sorting_case(), few, seed=1).too_little_evidence


def test_an_accuracy_of_so_many_rows_has_jeffreys_interval():
    found = Measured.of("accuracy", 0.9, test_rows=2000)
    ends = beta(1800.5, 200.5).ppf([0.025, 0.975])
    assert [found.low, found.high] == approx(ends)
    assert Measured.of("macro_f1", 0.9, test_rows=2000).sd is None
    assert Measured.of("macro_f1", 0.9, interval=(0.8, 0.95)).low == 0.8


def test_an_error_is_a_number_of_its_own():
    case = sorting_case()
    loss = Quantity("log_loss", Normal(0.5, 0.1))
    driver = replace(case.drivers[0], expression="letters * (1 - log_loss) * spared")
    case = replace(
        case,
        quantities=(*case.quantities[:2], loss),
        drivers=(driver, case.drivers[1]),
        metrics=("log_loss",),
    )
    found = price_by_metrics(case, {"log_loss": Measured(0.2, 0.19, 0.21)}, seed=1)
    assert found.mean == approx(80_000 * 0.8 - 60_000)
    # Ends at 0 where 80,000 · (1 − x) = 60,000, in the middle future.
    asked = required_metric(case, "log_loss", confidence=0.5, seed=1)
    assert asked.comparison == "at_most"
    assert asked.threshold == approx(0.25, abs=0.01)


def test_a_metric_that_was_not_measured_is_named():
    with pytest.raises(MetricsMissing, match="accuracy missing") as found:
        price_by_metrics(sorting_case(), {"macro_f1": Measured(0.8)}, seed=1)
    assert found.value.names == ("accuracy",)
    with pytest.raises(NotPriced, match="names a metric"):
        price_by_metrics(sorting_case(metrics=()), {}, seed=1)


def test_the_threshold_keeps_its_promise():
    case = sorting_case()
    found = required_metric(case, "accuracy", confidence=0.8, seed=4)
    assert found.comparison == "at_least"
    assert found.p50 < found.p80 == found.threshold
    kept = {"accuracy": Measured(found.threshold)}
    assert price_by_metrics(case, kept, seed=4).p_positive == approx(0.8, abs=1e-3)
    dear = replace(case.drivers[1], expression="600000")
    hopeless = replace(case, drivers=(case.drivers[0], dear))
    assert required_metric(hopeless, "accuracy", seed=4).threshold is None


def test_a_threshold_that_is_no_single_number_is_refused():
    bent = replace(sorting_case().drivers[0], expression="letters * accuracy ** 2")
    case = replace(sorting_case(), drivers=(bent,))
    with pytest.raises(NotPriced, match="no line in accuracy"):
        required_metric(case, "accuracy", seed=1)
    with pytest.raises(NotPriced, match="no formula names 'macro_f1'"):
        required_metric(sorting_case(), "macro_f1", seed=1)


def test_what_was_believed_of_the_metric_moves_nothing_once_it_is_measured():
    linked = sorting_case(correlations=(Correlation("accuracy", "spared", 0.8),))
    measured = {"accuracy": Measured(0.9)}
    assert not linked.is_multilinear
    found = price_by_metrics(linked, measured, seed=1)
    assert found.mean == approx(price_by_metrics(sorting_case(), measured, seed=1).mean)


def test_the_case_keeps_its_metrics_and_others_their_digest():
    case = sorting_case()
    assert ValueCase.from_json(case.to_json()) == case
    assert "metrics" not in sorting_case(metrics=()).to_json()
    assert "is no quantity" in sorting_case(metrics=("macro_f1",)).problems()[0]
    counted = sorting_case(volume="letters", prevalence="accuracy")
    assert any("priced by those" in each for each in counted.problems())


def test_a_share_never_leaves_its_bounds():
    share = Quantity("accuracy", Pert(0.6, 0.8, 0.95), 0.0, 1.0)
    belief = Measured(0.99, 0.97, 1.0).belief(share)
    assert np.all(belief.ppf([0.001, 0.999]) <= 1)
    assert belief.mean == approx(0.99)
