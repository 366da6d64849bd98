"""Quantities that move together: which pairs, how strongly, and in what futures.

A correlation is that of the normal scores behind two quantities (a Gaussian copula),
so each keeps its own distribution; the rank correlation it gives is (6/π)·asin(ρ/2).

References
----------
Nelsen, *An Introduction to Copulas* (2006); Kruskal (1958) for the rank correlation.
"""

import itertools
import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from engine.value.case.parts import CaseProblem
from engine.value.distributions import FloatArray

# Nearer to the edge the draws would hardly differ from those of a broken matrix.
_EDGE = 1e-9
_LEAST_UNIFORM, _GREATEST_UNIFORM = 2.0**-54, 1 - 2.0**-53


@dataclass(frozen=True)
class Correlation:
    """Two quantities that move together (rho above 0) or apart (below 0)."""

    one: str
    other: str
    rho: float  # between the normal scores of the two; above -1, below 1

    @property
    def pair(self) -> frozenset[str]:
        """The two names, in no order."""
        return frozenset({self.one, self.other})

    @property
    def spearman(self) -> float:
        """The rank correlation that the draws of the two have."""
        return 6 / math.pi * math.asin(self.rho / 2)

    @property
    def where(self) -> str:
        """How a message names it."""
        return f"correlation of {self.one!r} and {self.other!r}"


def problems(
    correlations: Sequence[Correlation], known: Collection[str]
) -> Iterator[str]:
    """Yield what keeps quantities from moving together so, one sentence each."""
    sound, seen = [], set[frozenset[str]]()
    for each in correlations:
        if told := _problem(each, known):
            yield told
        elif each.pair in seen:
            yield f"{each.where} is stated twice: keep one of them"
        else:
            seen.add(each.pair)
            sound.append(each)
    yield from _contradictions(sound)


def _problem(correlation: Correlation, known: Collection[str]) -> str:
    where = correlation.where
    for name in (correlation.one, correlation.other):
        if name not in known:
            return f"{where}: no quantity is called {name!r}; choose one that is"
    if correlation.one == correlation.other:
        return f"{where}: a quantity moves with itself anyway; choose another one"
    if not abs(correlation.rho) < 1:
        return f"{where}: {correlation.rho:g} is not between -1 and 1, as 0.5 is"
    return ""


def _contradictions(correlations: Sequence[Correlation]) -> Iterator[str]:
    """Yield the pair that cannot be as stated while all others are; or nothing."""
    names = sorted(frozenset().union(*(each.pair for each in correlations)))
    matrix = _matrix(names, correlations)
    if not names or np.linalg.eigvalsh(matrix)[0] > _EDGE:
        return
    remedies = _remedies(names, matrix)
    stated = [each for each in correlations if each.pair in remedies]
    if not stated:
        told = " and ".join(f"{each.one!r}–{each.other!r}" for each in correlations)
        yield f"correlations of {told} contradict each other: weaken several of them"
        return
    last = stated[-1]
    low, high = remedies[last.pair]
    told = (
        f"{last.where}: {last.rho:g} contradicts the other correlations, with which "
        f"it lies between {low:.2f} and {high:.2f}"
    )
    unsaid = remedies.keys() - {each.pair for each in correlations}
    for one, other in sorted(map(sorted, unsaid))[:1]:
        low, high = remedies[frozenset({one, other})]
        told += (
            f"; or say how {one!r} and {other!r} move together, "
            f"between {low:.2f} and {high:.2f}"
        )
    yield told


def _matrix(names: Sequence[str], correlations: Iterable[Correlation]) -> FloatArray:
    place = {name: at for at, name in enumerate(names)}
    matrix = np.eye(len(names))
    for each in correlations:
        if each.one in place and each.other in place:
            i, j = place[each.one], place[each.other]
            matrix[i, j] = matrix[j, i] = each.rho
    return matrix


def _remedies(
    names: Sequence[str], matrix: FloatArray
) -> dict[frozenset[str], tuple[float, float]]:
    """Return the pairs that could mend the matrix alone, each with its open range."""
    found = {}
    for i, j in itertools.combinations(range(len(names)), 2):
        if (ends := _bearable(matrix, i, j)) is not None:
            found[frozenset({names[i], names[j]})] = ends
    return found


def _bearable(matrix: FloatArray, i: int, j: int) -> tuple[float, float] | None:
    """Return which entries (i, j) make the matrix positive definite; None if none.

    If it is so without i, and without j, the partial correlation of the two given
    the others may be anything between -1 and 1.
    """
    for left_out in (i, j):
        rest = np.delete(np.delete(matrix, left_out, 0), left_out, 1)
        if np.linalg.eigvalsh(rest)[0] <= _EDGE:
            return None
    others = [at for at in range(len(matrix)) if at not in (i, j)]
    ends = matrix[np.ix_(others, [i, j])]
    explained = ends.T @ np.linalg.solve(matrix[np.ix_(others, others)], ends)
    left = math.sqrt((1 - explained[0, 0]) * (1 - explained[1, 1]))
    centre = float(explained[0, 1])
    return centre - left, centre + left


def blocks(
    names: Iterable[str], correlations: Iterable[Correlation]
) -> tuple[tuple[str, ...], ...]:
    """Return the names in independent blocks; each and their list in order.

    Two names share a block if a chain of correlations other than 0 leads from one
    to the other.
    """
    block_of = {name: {name} for name in names}
    for each in correlations:
        if each.rho and block_of[each.one] is not block_of[each.other]:
            joined = block_of[each.one] | block_of[each.other]
            block_of |= dict.fromkeys(joined, joined)
    return tuple(sorted({tuple(sorted(block)) for block in block_of.values()}))


def couple(
    correlations: Iterable[Correlation],
    block: Sequence[str],
    uniforms: Mapping[str, FloatArray],
) -> dict[str, FloatArray]:
    """Return the uniforms of a block, made to move together.

    The symmetric root of the correlation matrix knows no first quantity, and of all
    roots it leaves each quantity closest to its own random numbers.

    Parameters
    ----------
    uniforms : mapping of name to ndarray of shape (draws,)
        Independent, in (0, 1).
    """
    values, vectors = np.linalg.eigh(_matrix(block, correlations))
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    scores = root @ ndtri(np.stack([uniforms[name] for name in block]))
    # A score beyond 8.2 would round to 1, where a normal's inverse is infinite.
    coupled = np.clip(ndtr(scores), _LEAST_UNIFORM, _GREATEST_UNIFORM)
    return dict(zip(block, coupled, strict=True))


def to_json(correlation: Correlation) -> dict[str, Any]:
    """Return a correlation as JSON."""
    return {
        "one": correlation.one,
        "other": correlation.other,
        "rho": float(correlation.rho),
    }


def from_json(content: dict[str, Any]) -> Correlation:
    """Return the correlation that `to_json` wrote.

    Raises
    ------
    CaseProblem
        If a name is missing or the strength is no number.
    """
    try:
        one, other, rho = content["one"], content["other"], float(content["rho"])
    except (KeyError, TypeError, ValueError) as error:
        msg = f"correlation {content!r}: give the names one and other and a number rho"
        raise CaseProblem(msg) from error
    return Correlation(one, other, rho)
