"""What a portfolio is chosen from, under which rules, and what was chosen."""

import math
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any, Literal, TypeVar

import numpy as np

from engine.errors import EngineError
from engine.value.distributions import FloatArray

RuleKind = Literal[
    "budget", "people", "mandatory", "excluded", "exclusive", "requires", "platform"
]


T = TypeVar("T")


class BadPortfolio(EngineError):
    """Candidates or rules that no choice can be made from."""


@dataclass(frozen=True)
class Rule:
    """One of the rules, such as it can be named and dropped alone."""

    kind: RuleKind
    keys: tuple[str, ...] = ()
    limit: float | None = None  # of budget and people

    def __str__(self) -> str:
        match self.kind:
            case "budget" | "people":
                return f"{self.kind} of at most {self.limit:g}"
            case "mandatory":
                return f"{self.keys[0]!r} must be in"
            case "excluded":
                return f"{self.keys[0]!r} must be out"
            case "exclusive":
                return f"at most one of {', '.join(map(repr, self.keys))}"
            case "requires":
                return f"{self.keys[0]!r} requires {self.keys[1]!r}"
            case "platform":
                return f"{self.keys[0]!r} needs platform {self.keys[1]!r}"


class Infeasible(EngineError):
    """Rules that contradict each other.

    Attributes
    ----------
    rules : tuple of Rule
        An irreducible set: without any one of them the others can be kept.
    """

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self.rules = rules
        said = "; ".join(map(str, rules))
        super().__init__(f"no choice keeps all of these rules, drop one: {said}")


@dataclass(frozen=True, eq=False)
class Candidate:
    """A project that may be done.

    `value` is its net present value after its own costs; without one, the mean of
    its draws. The k-th draws of all candidates belong to one possible future.
    `cost` and `people` are what it takes of the budget and of the people.
    """

    key: str
    cost: float
    people: float = 0.0
    value: float | None = None
    value_draws: FloatArray | None = None  # (draws,)
    risk: float | None = None  # the chance that it does not pay back; shown only

    @cached_property
    def worth(self) -> float:
        """The value counted; raises BadPortfolio if there is none."""
        if self.value is not None:
            return self.value
        if self.value_draws is None or not len(self.value_draws):
            msg = f"{self.key!r} has no value: give a value or draws of it"
            raise BadPortfolio(msg)
        return float(np.mean(self.value_draws))


@dataclass(frozen=True)
class Use:
    """A candidate builds on a platform, and bears a share of what that costs."""

    key: str  # of the candidate
    weight: float = 1.0
    is_needed: bool = True  # else it can be done without, for `cost_without` more
    cost_without: float = 0.0


@dataclass(frozen=True)
class Platform:
    """Shared infrastructure that enables candidates.

    `value` is what it brings by itself, as a rule the negative present value of
    its costs; it must not be in the candidates' own values.
    """

    key: str
    value: float
    cost: float
    people: float = 0.0
    uses: tuple[Use, ...] = ()


@dataclass(frozen=True)
class Rules:
    """What a choice must keep; mandatory and excluded may name platforms too."""

    budget: float | None = None  # None: no limit
    people: float | None = None
    mandatory: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    exclusive: tuple[tuple[str, ...], ...] = ()  # at most one of each group
    requires: tuple[tuple[str, str], ...] = ()  # the first only with the second

    def single(self) -> Iterator[Rule]:
        """Return the rules one by one."""
        for kind, limit in (("budget", self.budget), ("people", self.people)):
            if limit is not None:
                yield Rule("budget" if kind == "budget" else "people", (), limit)
        yield from (Rule("mandatory", (key,)) for key in self.mandatory)
        yield from (Rule("excluded", (key,)) for key in self.excluded)
        yield from (Rule("exclusive", keys) for keys in self.exclusive)
        yield from (Rule("requires", keys) for keys in self.requires)

    def without(self, rule: Rule) -> "Rules":
        """Return the rules but this one."""
        match rule.kind:
            case "budget":
                return replace(self, budget=None)
            case "people":
                return replace(self, people=None)
            case "mandatory":
                return replace(self, mandatory=_less(self.mandatory, rule.keys[0]))
            case "excluded":
                return replace(self, excluded=_less(self.excluded, rule.keys[0]))
            case "exclusive":
                return replace(self, exclusive=_less(self.exclusive, rule.keys))
            case "requires":
                return replace(
                    self, requires=_less(self.requires, (rule.keys[0], rule.keys[1]))
                )
            case "platform":
                return self

    def to_json(self) -> dict[str, Any]:
        """Return the rules as JSON."""
        return {
            "budget": self.budget,
            "people": self.people,
            "mandatory": list(self.mandatory),
            "excluded": list(self.excluded),
            "exclusive": [list(keys) for keys in self.exclusive],
            "requires": [list(keys) for keys in self.requires],
        }

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "Rules":
        """Return the rules that `to_json` wrote; what is missing sets no rule.

        Raises
        ------
        BadPortfolio
            If a part has another shape or name.
        """
        if unknown := set(content) - set(cls.__dataclass_fields__):
            msg = f"rules: {sorted(unknown)[0]!r} is no kind of rule"
            raise BadPortfolio(msg)
        pairs = [
            _keys(content, "requires", part) for part in _list(content, "requires")
        ]
        if any(len(pair) != 2 for pair in pairs):
            msg = "rules: requires takes pairs: [project, the one it needs]"
            raise BadPortfolio(msg)
        return cls(
            budget=_limit(content, "budget"),
            people=_limit(content, "people"),
            mandatory=_keys(content, "mandatory", content.get("mandatory", [])),
            excluded=_keys(content, "excluded", content.get("excluded", [])),
            exclusive=tuple(
                _keys(content, "exclusive", part)
                for part in _list(content, "exclusive")
            ),
            requires=tuple((pair[0], pair[1]) for pair in pairs),
        )


def _less(items: tuple[T, ...], gone: T) -> tuple[T, ...]:
    return tuple(item for item in items if item != gone)


def _list(content: dict[str, Any], name: str) -> list[Any]:
    found = content.get(name, [])
    if not isinstance(found, list | tuple):
        msg = f"rules: {name} is {found!r}: write a list"
        raise BadPortfolio(msg)
    return list(found)


def _keys(content: dict[str, Any], name: str, part: object) -> tuple[str, ...]:
    if not isinstance(part, list | tuple) or not all(
        isinstance(key, str) for key in part
    ):
        msg = f"rules: {name} is {content.get(name)!r}: write lists of keys"
        raise BadPortfolio(msg)
    return tuple(part)


def _limit(content: dict[str, Any], name: str) -> float | None:
    limit = content.get(name)
    if limit is None:
        return None
    if isinstance(limit, bool) or not isinstance(limit, int | float):
        msg = f"rules: {name} is {limit!r}: write a number, or null for no limit"
        raise BadPortfolio(msg)
    return float(limit)


@dataclass(frozen=True)
class Selection:
    """The choice worth the most.

    Of choices worth the same the cheapest, then the one with the fewest people,
    then the one with the first keys: the order of the candidates never matters.
    """

    chosen: tuple[str, ...]  # keys of candidates, in ascending order
    platforms: tuple[str, ...]  # those bought
    value: float  # after platforms and what it costs to do without them
    cost: float
    people: float
    is_proven: bool  # whether nothing better exists; False if the search was cut short
    # Of the summed draws, if each chosen candidate has draws.
    p5: float | None = None
    p95: float | None = None
    p_positive: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the selection as JSON."""
        return asdict(self)


def check(
    candidates: Sequence[Candidate], rules: Rules, platforms: Sequence[Platform]
) -> None:
    """Raise BadPortfolio with what is wrong with the candidates or the rules."""
    keys = [c.key for c in candidates] + [p.key for p in platforms]
    found = [
        *(f"{key!r} appears twice" for key, n in Counter(keys).items() if n > 1),
        *_bad_amounts(candidates, platforms),
        *_bad_draws(candidates),
    ]
    if found:
        raise BadPortfolio("; ".join(found))
    check_rules(candidates, rules, platforms)


def check_rules(
    candidates: Sequence[Candidate], rules: Rules, platforms: Sequence[Platform]
) -> None:
    """Raise BadPortfolio if a limit is none or a key is not known."""
    own = {candidate.key for candidate in candidates}
    every = own | {platform.key for platform in platforms}
    if found := [*_bad_limits(rules), *_unknown(rules, platforms, own, every)]:
        raise BadPortfolio("; ".join(found))


def _bad_amounts(
    candidates: Sequence[Candidate], platforms: Sequence[Platform]
) -> Iterator[str]:
    items: tuple[Candidate | Platform, ...] = (*candidates, *platforms)
    for each in items:
        worth = each.worth if isinstance(each, Candidate) else each.value
        if not math.isfinite(worth):
            yield f"value of {each.key!r} is {worth}: give a finite amount"
        for name, amount in (("cost", each.cost), ("people", each.people)):
            if not 0 <= amount < math.inf:
                yield f"{name} of {each.key!r} is {amount:g}: give 0 or more"
    for platform in platforms:
        for use in platform.uses:
            if not (0 <= use.weight < math.inf and 0 <= use.cost_without < math.inf):
                yield f"{platform.key!r} for {use.key!r}: give 0 or more as its share"


def _bad_limits(rules: Rules) -> Iterator[str]:
    for name, limit in (("budget", rules.budget), ("people", rules.people)):
        if limit is not None and not 0 <= limit < math.inf:
            yield f"{name} is {limit:g}: give 0 or more, or nothing for no limit"


def _unknown(
    rules: Rules, platforms: Sequence[Platform], own: set[str], every: Collection[str]
) -> Iterator[str]:
    for rule in rules.single():
        known = every if rule.kind in {"mandatory", "excluded"} else own
        for key in rule.keys:
            if key not in known:
                yield f"{key!r} is no candidate, but there is a rule: {rule}"
    for platform in platforms:
        for use in platform.uses:
            if use.key not in own:
                yield f"{use.key!r} is no candidate, but uses {platform.key!r}"


def _bad_draws(candidates: Sequence[Candidate]) -> Iterator[str]:
    shapes = {c.value_draws.shape for c in candidates if c.value_draws is not None}
    if len(shapes) > 1:
        yield f"draws of shapes {sorted(shapes)}: draw as many futures for each"
    for candidate in candidates:
        draws = candidate.value_draws
        if draws is not None and not np.isfinite(draws).all():
            yield f"draws of {candidate.key!r} are not all finite"
