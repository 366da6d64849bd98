"""What somebody believes about one number, as a distribution."""

from engine.value.distributions.base import (
    TABLE_POINTS,
    Distribution,
    DistributionProblem,
    FloatArray,
    Inverse,
)
from engine.value.distributions.bounded import Beta, Fixed, Pert, Triangular
from engine.value.distributions.mixture import Mixture
from engine.value.distributions.ranges import (
    SHAPES,
    belief,
    pert_from_quantiles,
    triangular_from_quantiles,
)
from engine.value.distributions.stored import distribution_from_json
from engine.value.distributions.unbounded import Z95, LogNormal, Normal

__all__ = [
    "SHAPES",
    "TABLE_POINTS",
    "Z95",
    "Beta",
    "Distribution",
    "DistributionProblem",
    "Fixed",
    "FloatArray",
    "Inverse",
    "LogNormal",
    "Mixture",
    "Normal",
    "Pert",
    "Triangular",
    "belief",
    "distribution_from_json",
    "pert_from_quantiles",
    "triangular_from_quantiles",
]
