"""Distributions from their JSON."""

from collections.abc import Callable, Sequence
from typing import Any

from engine.value.distributions.base import (
    Distribution,
    DistributionProblem,
)
from engine.value.distributions.bounded import Beta, Fixed, Pert, Triangular
from engine.value.distributions.mixture import Mixture
from engine.value.distributions.unbounded import LogNormal, Normal

_KINDS: dict[str, tuple[Callable[..., Distribution], Sequence[str]]] = {
    "fixed": (Fixed, ("value",)),
    "beta": (Beta, ("alpha", "beta")),
    "pert": (Pert, ("low", "likely", "high")),
    "triangular": (Triangular, ("low", "likely", "high")),
    "normal": (Normal, ("mean", "sd")),
    "lognormal": (LogNormal, ("mu", "sigma")),
}


def distribution_from_json(content: dict[str, Any]) -> Distribution:
    """Return the distribution that `to_json` wrote.

    Raises
    ------
    DistributionProblem
        If the kind is unknown or a parameter is missing or not a number.
    """
    kind = content.get("kind")
    if kind == "mixture":
        return Mixture(tuple(map(distribution_from_json, content.get("parts", []))))
    if kind not in _KINDS:
        known = ", ".join([*_KINDS, "mixture"])
        msg = f"distribution kind {kind!r} is unknown: use one of {known}"
        raise DistributionProblem(msg)
    make, names = _KINDS[kind]
    try:
        numbers = [float(content[name]) for name in names]
    except (KeyError, TypeError, ValueError) as error:
        msg = f"distribution {kind}: give the numbers {', '.join(names)}"
        raise DistributionProblem(msg) from error
    return make(*numbers)
