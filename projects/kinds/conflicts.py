"""Where requirements contradict each other, or what was measured so far.

Pure functions over plain values: bounds as they are in force, runs as their evidence
names them. Each conflict names its two sides and what can be done.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from django.utils.translation import gettext as _

from projects.kinds.asking import Bound
from projects.kinds.catalogue import (
    INTERPRETABILITY,
    LEVEL_OF_FAMILY,
    LEVEL_TITLES,
    LEVELS,
    PLATFORMS,
    allowed_families,
)

MINUTE_MS = 60_000.0
Say = Callable[[float, str], str]  # value and unit in words


@dataclass(frozen=True)
class Rule:
    """A requirement in force, as conflicts see it."""

    id: int
    title: str
    kind: str
    bounds: tuple[Bound, ...]
    details: Mapping[str, Any]
    names: Mapping[str, str] = field(default_factory=dict)  # of metrics, by key


@dataclass(frozen=True)
class Measured:
    """A run: its family and what was measured of it, by metric and slice."""

    id: str
    label: str
    url: str
    family: str  # "" where nobody knows
    values: Mapping[tuple[str, str], float]

    def keeps(self, bound: Bound) -> bool | None:
        """Whether it keeps a bound; None if that was not measured."""
        value = self.values.get((bound.metric_key, bound.slice))
        return None if value is None else bound.holds_for(value)


@dataclass(frozen=True)
class Side:
    """One side of a conflict: a requirement by its id, or something with an address."""

    label: str
    requirement: int | None = None
    url: str = ""


@dataclass(frozen=True)
class Conflict:
    """Two sides that cannot both hold, in a sentence, with a remedy."""

    kind: str
    sentence: str
    sides: tuple[Side, Side]
    remedy: str


def _side(rule: Rule) -> Side:
    return Side(rule.title, requirement=rule.id)


def _of(run: Measured) -> Side:
    return Side(run.label, url=run.url)


def conflicts(
    rules: Sequence[Rule], runs: Sequence[Measured], *, say: Say
) -> list[Conflict]:
    """Return every conflict, those between requirements first."""
    return [
        *contradictory_bounds(rules, say=say),
        *impossible_bounds(rules, say=say),
        *clashing_times(rules, say=say),
        *too_large_for_platform(rules, runs, say=say),
        *out_of_reach(rules, runs, say=say),
        *never_together(rules, runs),
    ]


# -- between requirements


def contradictory_bounds(rules: Sequence[Rule], *, say: Say) -> list[Conflict]:
    """Return pairs that ask for at least more than another allows at most."""
    at_least = [(r, b) for r in rules for b in r.bounds if b.comparison == "ge"]
    at_most = [(r, b) for r in rules for b in r.bounds if b.comparison == "le"]
    return [
        Conflict(
            "bounds",
            _("%(metric)s cannot be at least %(low)s and at most %(high)s.")
            % {
                "metric": _name(one, low),
                "low": say(low.threshold, low.unit),
                "high": say(high.threshold, high.unit),
            },
            (_side(one), _side(other)),
            _("Move one of the two thresholds, or limit one to a slice."),
        )
        for one, low in at_least
        for other, high in at_most
        if (low.metric_key, low.slice) == (high.metric_key, high.slice)
        and low.threshold > high.threshold
    ]


def impossible_bounds(rules: Sequence[Rule], *, say: Say) -> list[Conflict]:
    """Return thresholds that no value of their metric can reach."""
    found = []
    for rule in rules:
        for bound in rule.bounds:
            too_high = bound.comparison == "ge" and bound.threshold > 1
            too_low = bound.comparison == "le" and bound.threshold < 0
            if bound.unit == "share" and (too_high or too_low):
                found.append(
                    Conflict(
                        "impossible",
                        _("%(metric)s is a share and can never be %(value)s.")
                        % {
                            "metric": _name(rule, bound),
                            "value": say(bound.threshold, bound.unit),
                        },
                        (_side(rule), Side(_("what is possible"))),
                        _("Write it between 0 and 1, such as 0.7 or 70 %."),
                    )
                )
    return found


def clashing_times(rules: Sequence[Rule], *, say: Say) -> list[Conflict]:
    """Return answers promised sooner, or batches larger, than deployment allows."""
    frequencies = [each for each in rules if each.kind == "frequency"]
    found = []
    for deployment in (each for each in rules if each.kind == "deployment"):
        limits = {b.metric_key: b for b in deployment.bounds if b.comparison == "le"}
        found += _slower_than_typical(deployment, limits, say)
        for frequency in frequencies:
            found += _slower_than_asked(frequency, deployment, limits, say)
            found += _longer_than_window(frequency, deployment, limits, say)
    return found


def _slower_than_typical(
    rule: Rule, limits: Mapping[str, Bound], say: Say
) -> list[Conflict]:
    typical, slow = limits.get("latency_p50"), limits.get("latency_p99")
    if typical is None or slow is None or typical.threshold <= slow.threshold:
        return []
    return [
        Conflict(
            "latency",
            _("A typical answer may take %(p50)s, yet a slow one only %(p99)s.")
            % {"p50": say(typical.threshold, "ms"), "p99": say(slow.threshold, "ms")},
            (_side(rule), _side(rule)),
            _("Make the typical limit the smaller one."),
        )
    ]


def _slower_than_asked(
    frequency: Rule, deployment: Rule, limits: Mapping[str, Bound], say: Say
) -> list[Conflict]:
    asked, allowed = frequency.details.get("latency_ms"), limits.get("latency_p99")
    if not asked or allowed is None or allowed.threshold <= asked:
        return []
    return [
        Conflict(
            "latency",
            _("Answers are needed within %(asked)s, and deployment allows %(allowed)s.")
            % {"asked": say(asked, "ms"), "allowed": say(allowed.threshold, "ms")},
            (_side(frequency), _side(deployment)),
            _("Lower the limit of the deployment, or let answers take longer."),
        )
    ]


def _longer_than_window(
    frequency: Rule, deployment: Rule, limits: Mapping[str, Bound], say: Say
) -> list[Conflict]:
    rows = frequency.details.get("rows")
    window = frequency.details.get("window_minutes")
    each = limits.get("latency_p50") or limits.get("latency_p99")
    if not rows or not window or each is None:
        return []
    needed = rows * each.threshold / MINUTE_MS
    if needed <= window:
        return []
    return [
        Conflict(
            "batch",
            _(
                "%(rows)s cases one after the other at %(each)s take %(needed)s; the "
                "batch has %(window)s."
            )
            % {
                "rows": say(rows, ""),
                "each": say(each.threshold, "ms"),
                "needed": say(needed, "min"),
                "window": say(window, "min"),
            },
            (_side(frequency), _side(deployment)),
            _("Ask for faster answers, give the batch more time, or split it."),
        )
    ]


def too_large_for_platform(
    rules: Sequence[Rule], runs: Sequence[Measured], *, say: Say
) -> list[Conflict]:
    """Return sizes that the memory, or the platform, does not hold."""
    found = []
    for rule in rules:
        size = rule.details.get("model_mb")
        memory = rule.details.get("memory_mb")
        platform = PLATFORMS.get(rule.details.get("platform", ""))
        if size and memory and size > memory:
            sentence = _("A model of %(size)s does not fit in %(memory)s of memory.")
            words = {"size": say(size, "MB"), "memory": say(memory, "MB")}
            found.append(
                Conflict(
                    "platform",
                    sentence % words,
                    (_side(rule), _side(rule)),
                    _("Ask for a smaller model, or allow more memory."),
                )
            )
        if platform and platform.usual_mb:
            limit = min(each for each in (memory, platform.usual_mb) if each)
            found += _for_platform(rule, str(platform.title), limit, size, runs, say)
    return found


def _for_platform(
    rule: Rule,
    platform: str,
    limit: float,
    size: float | None,
    runs: Sequence[Measured],
    say: Say,
) -> list[Conflict]:
    if size and size > limit:
        return [
            Conflict(
                "platform",
                _("%(size)s is allowed; a %(platform)s usually holds about %(limit)s.")
                % {
                    "size": say(size, "MB"),
                    "platform": platform,
                    "limit": say(limit, "MB"),
                },
                (_side(rule), Side(platform)),
                _("Ask for a smaller model, or choose another platform."),
            )
        ]
    sizes = [(r.values[SIZE], r) for r in runs if SIZE in r.values]
    if not sizes or min(value for value, _run in sizes) <= limit:
        return []
    smallest, run = min(sizes, key=lambda each: each[0])
    return [
        Conflict(
            "platform",
            _("The smallest of %(n)s models has %(size)s; a %(platform)s usually holds "
              "about %(limit)s.")
            % {
                "n": len(sizes),
                "size": say(smallest, "MB"),
                "platform": platform,
                "limit": say(limit, "MB"),
            },
            (_side(rule), _of(run)),
            _("Train a smaller model, or choose another platform."),
        )
    ]  # fmt: skip


SIZE = ("model_bytes", "")


# -- with what was measured


def out_of_reach(
    rules: Sequence[Rule], runs: Sequence[Measured], *, say: Say
) -> list[Conflict]:
    """Return thresholds that no run has reached, with the run that came closest."""
    found = []
    for rule in rules:
        for bound in rule.bounds:
            measured = _measured(bound, runs)
            if not measured or any(bound.holds_for(value) for value, _run in measured):
                continue
            if bound.metric_key == INTERPRETABILITY:
                found.append(_no_family(rule, bound, measured))
                continue
            choose = max if bound.comparison == "ge" else min
            value, run = choose(measured, key=lambda each: each[0])
            found.append(
                Conflict(
                    "reach",
                    _("None of %(n)s runs reaches %(metric)s %(wanted)s; the closest "
                      "has %(value)s.")
                    % {
                        "n": len(measured),
                        "metric": _name(rule, bound),
                        "wanted": say(bound.threshold, bound.unit),
                        "value": say(value, bound.unit),
                    },
                    (_side(rule), _of(run)),
                    _("Improve the data or the model, or say why less is enough."),
                )
            )  # fmt: skip
    return found


def _no_family(
    rule: Rule, bound: Bound, measured: Sequence[tuple[float, Measured]]
) -> Conflict:
    families = sorted({run.family for _value, run in measured if run.family})
    return Conflict(
        "transparency",
        _("Only %(families)s were tried, and “%(level)s” allows none of them.")
        % {"families": ", ".join(families), "level": _level(bound)},
        (_side(rule), _of(measured[0][1])),
        _("Train one of: %(allowed)s.")
        % {"allowed": ", ".join(allowed_families(bound.threshold))},
    )


def never_together(rules: Sequence[Rule], runs: Sequence[Measured]) -> list[Conflict]:
    """Return pairs that runs keep one by one, and no single run keeps both.

    A level of transparency is said by the families it leaves out.
    """
    flat = [(rule, bound) for rule in rules for bound in rule.bounds]
    kept = {
        index: ({r.id for r in runs if r.keeps(bound)}, _known(bound, runs))
        for index, (_rule, bound) in enumerate(flat)
    }
    found = []
    for one, other in combinations(range(len(flat)), 2):
        (first, first_known), (second, second_known) = kept[one], kept[other]
        both_known = first_known & second_known
        if not first & both_known or not second & both_known:
            continue
        if first & second or flat[one][0].id == flat[other][0].id:
            continue
        found.append(_never(flat[one], flat[other], runs, len(both_known)))
    return found


def _never(
    one: tuple[Rule, Bound],
    other: tuple[Rule, Bound],
    runs: Sequence[Measured],
    n: int,
) -> Conflict:
    (first, bound), (second, second_bound) = one, other
    if bound.metric_key == INTERPRETABILITY:
        return _excluded(first, bound, second, second_bound, runs)
    if second_bound.metric_key == INTERPRETABILITY:
        return _excluded(second, second_bound, first, bound, runs)
    return Conflict(
        "together",
        _("None of %(n)s runs meets both %(one)s and %(other)s, though some meet each.")
        % {"n": n, "one": _quoted(first), "other": _quoted(second)},
        (_side(first), _side(second)),
        _("Loosen one of them, or try models that balance the two."),
    )


def _excluded(
    rule: Rule,
    bound: Bound,
    accuracy: Rule,
    wanted: Bound,
    runs: Sequence[Measured],
) -> Conflict:
    meeting = [each for each in runs if each.keeps(wanted) and each.family]
    families = sorted({each.family for each in meeting})
    return Conflict(
        "transparency",
        _("Only runs of %(families)s meet %(title)s; “%(level)s” leaves them out.")
        % {
            "families": ", ".join(families),
            "title": _quoted(accuracy),
            "level": _level(bound),
        },
        (_side(rule), _side(accuracy)),
        _(
            "Ask for explanations instead, accept what %(allowed)s reach, or improve them."
        )
        % {"allowed": ", ".join(allowed_families(bound.threshold))},
    )


def _known(bound: Bound, runs: Iterable[Measured]) -> set[str]:
    return {each.id for each in runs if each.keeps(bound) is not None}


def _measured(bound: Bound, runs: Iterable[Measured]) -> list[tuple[float, Measured]]:
    key = (bound.metric_key, bound.slice)
    return [(each.values[key], each) for each in runs if key in each.values]


def _name(rule: Rule, bound: Bound) -> str:
    name = rule.names.get(bound.metric_key, bound.metric_key)
    if not bound.slice:
        return name
    return _("%(metric)s of %(slice)s") % {"metric": name, "slice": bound.slice}


def _level(bound: Bound) -> str:
    titles = {LEVELS[key]: str(title) for key, title in LEVEL_TITLES.items()}
    return titles.get(bound.threshold, f"{bound.threshold:g}")


def _quoted(rule: Rule) -> str:
    return f"“{rule.title}”"


def family_of(note: str) -> str:
    """Return the family that evidence names, if it is one that is known."""
    return note if note in LEVEL_OF_FAMILY else ""
