"""What has changed since a decision was proposed or signed, and whether it matters."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from projects.models import Decision, GateKey
from projects.selectors.requirements import STATE_WORDS, State
from projects.selectors.shown import shown

Content = dict[str, Any]
# A chance of paying back that moved by more points of 100 asks for a new signature.
MATERIAL_POINTS = 5


class Part(StrEnum):
    """What a gate may watch."""

    VALUE = "value"
    THRESHOLDS = "thresholds"
    MUSTS = "musts"
    CANDIDATE = "candidate"
    DATA = "data"


# A design gate comes before data and candidate; nominating one must not undo it.
WATCHED: dict[GateKey, frozenset[Part]] = {
    GateKey.DESIGN: frozenset({Part.VALUE, Part.THRESHOLDS}),
    GateKey.DATA: frozenset({Part.THRESHOLDS, Part.DATA}),
    GateKey.MODEL: frozenset(Part),
    GateKey.LAUNCH: frozenset(Part),
    GateKey.REVIEW: frozenset({Part.VALUE, Part.CANDIDATE}),
}


@dataclass(frozen=True)
class Change:
    """One thing that is no longer as it was."""

    part: str
    what: str
    before: str
    after: str

    def to_json(self) -> dict[str, str]:
        """Return it as JSON."""
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.what}: {self.before} → {self.after}"


def material_changes(
    before: Content, after: Content, *, gate: GateKey
) -> tuple[Change, ...]:
    """Return what matters to a gate and differs between two states of the evidence."""
    watched = WATCHED[gate]
    found = [
        *_value(before, after),
        *_requirements(before, after),
        *_candidate(before, after),
        *_data(before, after),
    ]
    return tuple(each for each in found if each.part in watched)


def reworded(before: Content, after: Content) -> tuple[Change, ...]:
    """Return in what a proposal itself says something else."""
    said = (
        ("question", _("question")),
        ("verdict", _("proposal")),
        ("rationale", _("why")),
    )
    return tuple(
        Change("words", title, _wording(name, before), _wording(name, after))
        for name, title in said
        if before.get(name) != after.get(name)
    )


def _wording(name: str, content: Content) -> str:
    text = str(content.get(name, ""))
    if name == "verdict" and text in Decision.Verdict.values:
        return str(Decision.Verdict(text).label)
    return text


def _value(before: Content, after: Content) -> Iterator[Change]:
    then, now = (
        each["value_case"]["result"]["p_pays_back"] for each in (before, after)
    )
    # Rounded: 0.85 − 0.80 is not quite 0.05 in binary.
    if round(100 * abs(now - then), 6) > MATERIAL_POINTS:
        what = _("the chance that it pays back")
        yield Change(Part.VALUE, what, _percent(then), _percent(now))


def _percent(share: float) -> str:
    return shown(share, "share", "")


def _requirements(before: Content, after: Content) -> Iterator[Change]:
    old, new = _by_requirement(before), _by_requirement(after)
    none = _("no must")
    for key in [*old, *(each for each in new if each not in old)]:
        was, now = old.get(key), new.get(key)
        if was is None or now is None:
            known = was or now or {}
            then = _threshold(was, before) if was else none
            later = _threshold(now, after) if now else none
            yield Change(Part.THRESHOLDS, known["title"], then, later)
            continue
        if _asks_otherwise(was, now):
            yield Change(
                Part.THRESHOLDS,
                now["title"],
                _threshold(was, before),
                _threshold(now, after),
            )
        if was["state"] != now["state"]:
            states = (str(STATE_WORDS[State(each["state"])]) for each in (was, now))
            yield Change(Part.MUSTS, now["title"], *states)


def _by_requirement(content: Content) -> dict[Any, Content]:
    return {each.get("requirement", each["title"]): each for each in content["musts"]}


def _asks_otherwise(was: Content, now: Content) -> bool:
    """Whether any bound differs; decisions of before knew a must's first one alone."""
    if "bounds" in was and "bounds" in now:
        return bool(was["bounds"] != now["bounds"])
    return any(was[name] != now[name] for name in ("threshold", "comparison"))


def _threshold(must: Content, content: Content) -> str:
    unit, currency = must["unit"], content["currency"]
    if must["threshold"] is None:
        return _("required")
    if len(must.get("bounds", ())) < 2:
        return _bound(must["comparison"], must["threshold"], unit, currency)
    return ", ".join(
        _bound(comparison, threshold, each_unit, currency)
        for _metric, _slice, comparison, threshold, each_unit in must["bounds"]
    )


def _bound(comparison: str, threshold: float, unit: str, currency: str) -> str:
    words = _("at least %(limit)s") if comparison == "ge" else _("at most %(limit)s")
    return words % {"limit": shown(threshold, unit, currency)}


def _candidate(before: Content, after: Content) -> Iterator[Change]:
    was, now = before["candidate"], after["candidate"]
    if (was or {}).get("id") != (now or {}).get("id"):
        none = _("none")
        yield Change(
            Part.CANDIDATE,
            _("the candidate"),
            was["label"] if was else none,
            now["label"] if now else none,
        )


def _data(before: Content, after: Content) -> Iterator[Change]:
    old, new = _data_by_name(before), _data_by_name(after)
    none = _("none")
    for name in sorted({*old, *new}):
        was, now = old.get(name), new.get(name)
        if (was or {}).get("digest") != (now or {}).get("digest"):
            yield Change(
                Part.DATA,
                _("the data"),
                was["label"] if was else none,
                now["label"] if now else none,
            )


def _data_by_name(content: Content) -> dict[str, dict[str, str]]:
    kept: dict[str, dict[str, str]] = content.get("data", {})
    return kept
