"""How much of a case's uncertainty each input makes, alone and together.

References
----------
Sobol' (1993); first order by Saltelli et al., *Variance based sensitivity analysis
of model output* (2010); total by Jansen, *Analysis of variance designs for model
output* (1999). Points: Owen-scrambled Sobol' sequence (Joe & Kuo 2008).
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from engine.value.case import ValueCase
from engine.value.distributions import FloatArray
from engine.value.simulate import expected_gain, expected_gains, values_at

LEAST_POINTS, MOST_POINTS = 2**10, 2**17
_AT_ONCE = 2**14  # the values of so many points stay in the cache
_LEAST_UNIFORM = 2.0**-31  # half a step of the sequence, which begins at 0
_STREAM = int.from_bytes(hashlib.sha256(b"sobol indices").digest()[:16])


@dataclass(frozen=True)
class SobolIndex:
    """The share of the variance of the annual gain that inputs make."""

    names: tuple[str, ...]  # one input, or inputs that move together
    first_order: float  # by themselves: the rest of the variance would be left
    total: float  # with all that they are combined with


def points(draws: int) -> int:
    """Return how many points stand for so many draws: a power of two."""
    return min(max(1 << (draws - 1).bit_length(), LEAST_POINTS), MOST_POINTS)


def sobol_indices(case: ValueCase, *, draws: int, seed: int) -> tuple[SobolIndex, ...]:
    """Return the indices of each independent block of quantities, in order of names.

    The output is the annual gain with the chance of success put in, so an input that
    stands in several drivers counts once, for all of them. Inputs that move together
    have no indices of their own: their block has. Nothing depends on the order of
    quantities or of draws; at 100,000 draws the indices are good to about 0.001.

    Returns
    -------
    tuple of SobolIndex
        0 ≤ first order ≤ total; empty if nothing is uncertain.
    """
    sums = _Sums(len(case.blocks))
    centre = expected_gain(case, case.means())

    def gains(at: dict[str, FloatArray]) -> FloatArray:
        found = expected_gains(case, at) - centre
        return np.broadcast_to(found, np.broadcast_shapes(*map(np.shape, at.values())))

    for here, there in _points(case, count=points(draws), seed=seed):
        moved = (
            gains(here | {name: there[name] for name in block}) for block in case.blocks
        )
        sums.add(gains(here), gains(there), moved)
    return sums.indices(case.blocks)


def _points(
    case: ValueCase, *, count: int, seed: int
) -> Iterator[tuple[dict[str, FloatArray], dict[str, FloatArray]]]:
    """Yield the values at both halves of the points, some points at a time."""
    # Half a second to load, and few processes analyse.
    from scipy.stats import qmc

    names = sorted(case.by_name)
    rng = np.random.default_rng([seed, _STREAM])
    sequence = qmc.Sobol(2 * len(names), scramble=True, rng=rng)
    for _ in range(0, count, _AT_ONCE):
        shares = sequence.random(min(count, _AT_ONCE)).T
        shares = np.maximum(shares, _LEAST_UNIFORM)
        here, there = (
            values_at(case, dict(zip(names, half, strict=True)))
            for half in np.split(shares, 2)
        )
        yield here, there


def _sum_of_products(one: FloatArray, other: FloatArray) -> float:
    # The matrix product would wake threads, which wait for each other on a busy
    # machine for longer than so short a sum takes.
    return float(np.einsum("i,i->", one, other))


class _Sums:
    """What the estimators need of all points, added up."""

    def __init__(self, blocks: int) -> None:
        self.count = 0
        self.gained = np.zeros(2)  # at both halves
        self.squared = np.zeros(2)
        self.moved = np.zeros(blocks)
        self.moved_squared = np.zeros(blocks)
        self.moved_by_other = np.zeros(blocks)

    def add(
        self, gains: FloatArray, others: FloatArray, moved: Iterator[FloatArray]
    ) -> None:
        """Add points: their gains, and those with each block from the other half."""
        self.count += gains.size
        self.gained += gains.sum(), others.sum()
        self.squared += _sum_of_products(gains, gains), _sum_of_products(others, others)
        for at, each in enumerate(moved):
            step = each - gains
            self.moved[at] += step.sum()
            self.moved_squared[at] += _sum_of_products(step, step)
            self.moved_by_other[at] += _sum_of_products(step, others)

    def indices(self, blocks: Sequence[tuple[str, ...]]) -> tuple[SobolIndex, ...]:
        """Return the indices of the blocks, or nothing if the gain is certain."""
        means = self.gained / self.count
        variance = float((self.squared / self.count - means**2).mean())
        if variance <= 0 or not self.moved_squared.any():
            return ()
        # Both halves centred at 0: what is added to every gain explains nothing.
        shared = self.moved_by_other / self.count - means[1] * self.moved / self.count
        total = self.moved_squared / self.count / 2 / variance
        # The true ones lie between 0 and the total, so this only takes error away.
        first = np.clip(shared / variance, 0.0, total)
        return tuple(
            SobolIndex(block, float(one), float(every))
            for block, one, every in zip(blocks, first, total, strict=True)
        )
