"""What it is worth to find out several inputs of a case, all of them together.

The worth of each alone does not add up to it: knowing one leaves less to be gained
by the other, or more.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from engine.digests import digest
from engine.value import information
from engine.value.case import ValueCase
from engine.value.distributions import FloatArray
from engine.value.information import MOST_TOGETHER, InformationProblem
from engine.value.simulate import (
    Futures,
    Span,
    check_divisors,
    draw,
    expected_gains,
    sways,
)
from engine.version import ENGINE_VERSION


@dataclass(frozen=True)
class JointWorth:
    """The worth of finding out some inputs before deciding, per year.

    Never below `alone` of one of them, nor above `evpi`.
    """

    names: tuple[str, ...]  # in order
    evppi: float  # of all of them
    alone: dict[str, float]  # the EVPPI of each
    evpi: float
    is_exact: bool  # else regressed on the draws
    draws: int
    seed: int
    engine_version: str
    digest: str  # of case, names, seed, draws and engine version

    def to_json(self) -> dict[str, Any]:
        """Return the worth as JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "JointWorth":
        """Return the worth that `to_json` wrote."""
        return cls(**content | {"names": tuple(content["names"])})


def joint_digest(
    case: Mapping[str, Any], names: Iterable[str], *, draws: int, seed: int
) -> str:
    """Return what identifies the inputs, of a case as JSON and before computing."""
    return digest(["joint", case, sorted(names), seed, draws, ENGINE_VERSION])


def joint_worth(
    case: ValueCase, names: Iterable[str], *, draws: int = 100_000, seed: int
) -> JointWorth:
    """Return what it is worth to find out all of `names`.

    Exact where the gain is a product of what is independent: then the others stand
    in it by their means. Else the gain is regressed on the draws of all of them.

    Raises
    ------
    InformationProblem
        If fewer than 2 or more than 4 quantities are named, or one is unknown.
    CaseProblem
        If the case has problems, or a formula divides by what may be 0.
    """
    asked = _asked(case, names)
    case.check()
    values = draw(case, draws=draws, seed=seed)
    check_divisors(case, values)
    gains = np.broadcast_to(expected_gains(case, values), (draws,))
    alone = {
        each.name: each.evppi
        for each in sways(case, values, gains)
        if each.name in asked
    }
    is_exact = case.is_multilinear and not set(asked) & set().union(*case.linked)
    found = (
        information.evppi_of_product(
            lambda at: _gains_at(case, at), [case.by_name[name] for name in asked]
        )
        if is_exact
        else information.joint_evppi([values[name] for name in asked], gains)
    )
    # Of the draws one may fall below a part of it that is known exactly.
    worth = max([found, *alone.values()])
    futures = Futures.of(case, values, draws=draws, seed=seed)
    return JointWorth(
        names=asked,
        evppi=worth,
        alone=alone,
        evpi=max(information.evpi(futures.npv / Span.of(case).annuity), worth),
        is_exact=is_exact,
        draws=draws,
        seed=seed,
        engine_version=ENGINE_VERSION,
        digest=joint_digest(case.to_json(), asked, draws=draws, seed=seed),
    )


def _gains_at(case: ValueCase, at: Mapping[str, FloatArray]) -> FloatArray:
    shape = np.broadcast_shapes(*map(np.shape, at.values()))
    return np.broadcast_to(expected_gains(case, case.means() | dict(at)), shape)


def _asked(case: ValueCase, names: Iterable[str]) -> tuple[str, ...]:
    asked = tuple(sorted(set(names)))
    if unknown := [name for name in asked if name not in case.by_name]:
        known = ", ".join(sorted(case.by_name))
        msg = f"{unknown[0]!r} is no quantity of this case: choose among {known}"
        raise InformationProblem(msg)
    if not 2 <= len(asked) <= MOST_TOGETHER:
        msg = f"{len(asked)} quantities: choose 2 to {MOST_TOGETHER} different ones"
        raise InformationProblem(msg)
    return asked
