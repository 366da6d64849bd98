"""The checks of the gates: plain values in, one state and one sentence out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from engine.numbers import money
from projects.models import Requirement
from projects.selectors.requirements import State
from projects.selectors.shown import time_shown


class CheckState(StrEnum):
    """How a check of a gate came out."""

    MET = "met"
    FAILED = "failed"
    TOO_LITTLE = "too_little"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True)
class Check:
    """One check of a gate, computed from evidence."""

    key: str
    title: str
    state: CheckState
    words: str  # one sentence
    url: str = ""  # where its evidence is
    advises: bool = False  # says what would be wise; keeps nothing closed

    @property
    def blocks(self) -> bool:
        """Whether it keeps the gate closed; too little evidence is never a pass."""
        open_states = {CheckState.MET, CheckState.NOT_APPLICABLE}
        return self.state not in open_states and not self.advises

    @property
    def glyph(self) -> str:
        """The shape that shows the state."""
        if self.advises and self.state is CheckState.FAILED:
            return "waiting"
        return {
            CheckState.MET: "tick",
            CheckState.FAILED: "failing",
            CheckState.TOO_LITTLE: "waiting",
            CheckState.NOT_APPLICABLE: "unknown",
        }[self.state]

    @property
    def state_words(self) -> str:
        """The state in words."""
        if self.advises and self.state is CheckState.FAILED:
            return _("find out first")
        return {
            CheckState.MET: _("met"),
            CheckState.FAILED: _("failed"),
            CheckState.TOO_LITTLE: _("too little evidence"),
            CheckState.NOT_APPLICABLE: _("not applicable"),
        }[self.state]


def pays_back(*, chance: float, least: float, has_answers: bool, url: str) -> Check:
    """Check that the project pays back in enough futures."""
    title = _("It pays back")
    if not has_answers:
        words = _("Nobody has estimated yet; a template’s numbers are no evidence.")
        return Check("pays_back", title, CheckState.TOO_LITTLE, words, url)
    words = _(
        "It pays back in %(chance)s of 100 futures; at least %(least)s are asked."
    )
    state = CheckState.MET if chance >= least else CheckState.FAILED
    said = words % {"chance": _hundred(chance), "least": _hundred(least)}
    return Check("pays_back", title, state, said, url)


def payback(*, years: float | None, most: float, has_answers: bool, url: str) -> Check:
    """Check that the money is back in time; `years` is None if it never is."""
    title = _("The money is back in time")
    if not has_answers:
        words = _("Nobody has estimated yet; a template’s numbers are no evidence.")
        return Check("payback", title, CheckState.TOO_LITTLE, words, url)
    if years is None:
        words = _("The money is back in no future; %(most)s years are allowed.")
        said = words % {"most": f"{most:g}"}
        return Check("payback", title, CheckState.FAILED, said, url)
    words = _(
        "Half of the futures that pay are back within %(time)s; at most %(most)s years "
        "are asked."
    )
    state = CheckState.MET if years <= most else CheckState.FAILED
    said = words % {"time": time_shown(years), "most": f"{most:g}"}
    return Check("payback", title, state, said, url)


def requirements_complete(
    *, kinds: Collection[str], not_needed: Collection[str], musts: int, url: str
) -> Check:
    """Check that each kind of requirement is written, or stated as not needed."""
    title = _("Every kind of requirement is written")
    missing = [
        str(kind.label)
        for kind in Requirement.Kind
        if kind not in kinds and kind not in not_needed
    ]
    if missing:
        words = _("Neither written nor stated as not needed: %(kinds)s.")
        said = words % {"kinds": ", ".join(missing)}
        return Check("requirements_complete", title, CheckState.FAILED, said, url)
    if not musts:
        words = _("No must is written: nothing could ever keep a model back.")
        return Check("requirements_complete", title, CheckState.FAILED, words, url)
    left_out = [str(Requirement.Kind(kind).label) for kind in sorted(not_needed)]
    said = _("All five kinds are settled.")
    if left_out:
        words = _("All five kinds are settled; not needed: %(kinds)s.")
        said = words % {"kinds": ", ".join(left_out)}
    return Check("requirements_complete", title, CheckState.MET, said, url)


def requirements_measurable(
    *, written: int, unmeasurable: Sequence[str], url: str
) -> Check:
    """Check that each requirement can be measured, or attested by a person."""
    title = _("Every requirement can be tested")
    if not written:
        words = _("No requirement is written yet.")
        return Check("requirements_measurable", title, CheckState.FAILED, words, url)
    if unmeasurable:
        words = _("The project has no such metric: %(titles)s.")
        said = words % {"titles": first_of(unmeasurable)}
        return Check("requirements_measurable", title, CheckState.FAILED, said, url)
    said = ngettext(
        "The one requirement is measured by the portal or attested by a person.",
        "All %(n)s are measured by the portal or attested by a person.",
        written,
    ) % {"n": written}
    return Check("requirements_measurable", title, CheckState.MET, said, url)


def metrics_agreed(*, people: int, unresolved: Sequence[str], url: str) -> Check:
    """Check that people agree what success is called."""
    title = _("The metrics are agreed")
    if not people:
        words = _("Nobody with a say is listed yet.")
        return Check("metrics_agreed", title, CheckState.TOO_LITTLE, words, url)
    if unresolved:
        words = _("Unresolved: %(what)s.")
        said = words % {"what": first_of(unresolved)}
        return Check("metrics_agreed", title, CheckState.FAILED, said, url)
    words = _("Everybody with a say has agreed to their metrics.")
    return Check("metrics_agreed", title, CheckState.MET, words, url)


def find_out_first(
    *, worth: float, cost: float | None, question: str, currency: str, url: str
) -> Check:
    """Advise to find out first where that is worth more than it costs.

    `worth` is the EVPI over the horizon, `cost` what finding out would cost once.
    """
    title = _("Deciding now is wiser than finding out")
    worth_said = money(worth, currency)
    if cost is None:
        words = _("Knowing all is worth up to %(worth)s; type what finding out costs.")
        said = words % {"worth": worth_said}
        return Check(
            "find_out_first", title, CheckState.NOT_APPLICABLE, said, url, advises=True
        )
    if worth > cost:
        words = _(
            "Find out first, from “%(question)s”: it is worth up to %(worth)s and "
            "costs %(cost)s."
        )
        state = CheckState.FAILED
    else:
        words = _(
            "Knowing all is worth at most %(worth)s, and finding out costs %(cost)s."
        )
        state = CheckState.MET
    said = words % {
        "question": question,
        "worth": worth_said,
        "cost": money(cost, currency),
    }
    return Check("find_out_first", title, state, said, url, advises=True)


@dataclass(frozen=True)
class Score:
    """One quality score of current data: its worst, and of which data."""

    value: float | None
    label: str
    url: str


def dimension_titles() -> dict[str, str]:
    """Return the four leading dimensions of data quality by the key of their bound."""
    return {
        "accuracy": _("The data is accurate"),
        "completeness": _("The data is complete"),
        "consistency": _("The data is consistent"),
        "timeliness": _("The data is timely"),
    }


def quality(dimension: str, *, score: Score | None, least: float, url: str) -> Check:
    """Check one quality score against its bound."""
    key, title = f"quality_{dimension}", dimension_titles()[dimension]
    if score is None or score.value is None:
        words = _("No current data has this score yet; at least %(least)s is asked.")
        said = words % {"least": _hundred(least)}
        return Check(key, title, CheckState.TOO_LITTLE, said, url)
    words = _("%(label)s scores %(score)s of 100; at least %(least)s is asked.")
    state = CheckState.MET if score.value >= least else CheckState.FAILED
    said = words % {
        "label": score.label,
        "score": _hundred(score.value),
        "least": _hundred(least),
    }
    return Check(key, title, state, said, score.url or url)


def candidate_meets_musts(
    *, candidate: str, musts: Mapping[str, State], url: str
) -> Check:
    """Check that the nominated candidate meets every must, by title."""
    title = _("The candidate meets every must")
    key = "candidate_meets_musts"
    if not candidate:
        words = _("No candidate is nominated yet.")
        return Check(key, title, CheckState.TOO_LITTLE, words, url)
    if not musts:
        words = _("No must is written: there is nothing to meet.")
        return Check(key, title, CheckState.TOO_LITTLE, words, url)
    failed = [each for each, state in musts.items() if state is State.FAILED]
    if failed:
        words = _("%(candidate)s fails: %(musts)s.")
        said = words % {"candidate": candidate, "musts": first_of(failed)}
        return Check(key, title, CheckState.FAILED, said, url)
    unsure = [each for each, state in musts.items() if state is not State.MET]
    if unsure:
        words = _("Too little is known of %(candidate)s: %(musts)s.")
        said = words % {"candidate": candidate, "musts": first_of(unsure)}
        return Check(key, title, CheckState.TOO_LITTLE, said, url)
    said = ngettext(
        "%(candidate)s meets the one must.",
        "%(candidate)s meets all %(n)s musts.",
        len(musts),
    ) % {"candidate": candidate, "n": len(musts)}
    return Check(key, title, CheckState.MET, said, url)


def money_above_zero(
    *,
    candidate: str,
    low: float | None,
    high: float | None,
    is_stale: bool,
    currency: str,
    url: str,
) -> Check:
    """Check that the candidate pays in all but 1 of 20 futures."""
    title, key = _("The candidate pays for itself"), "money_above_zero"
    if not candidate:
        words = _("No candidate is nominated yet.")
        return Check(key, title, CheckState.TOO_LITTLE, words, url)
    if low is None or high is None:
        words = _("%(candidate)s has no price with a band: log its predictions.")
        said = words % {"candidate": candidate}
        return Check(key, title, CheckState.TOO_LITTLE, said, url)
    if is_stale:
        words = _("The price of %(candidate)s is out of date: price the runs again.")
        said = words % {"candidate": candidate}
        return Check(key, title, CheckState.TOO_LITTLE, said, url)
    words = _("%(candidate)s is worth %(low)s to %(high)s a year, 9 times in 10.")
    state = CheckState.MET if low > 0 else CheckState.FAILED
    said = words % {
        "candidate": candidate,
        "low": money(low, currency),
        "high": money(high, currency),
    }
    return Check(key, title, state, said, url)


def gates_before(*, closed: Sequence[str], url: str) -> Check:
    """Check that the gates before this one are open."""
    title = _("The gates before are open")
    if closed:
        words = _("Closed: %(gates)s.") % {"gates": ", ".join(closed)}
        return Check("gates_before", title, CheckState.FAILED, words, url)
    words = _("Every gate in use before this one is open.")
    return Check("gates_before", title, CheckState.MET, words, url)


def realised_in_band(
    *,
    realised: float | None,
    low: float,
    high: float,
    periods: int,
    currency: str,
    url: str,
) -> Check:
    """Check that what came true lies in the signed band, scaled to the same time."""
    title, key = _("Realised value lies in the signed band"), "realised_in_band"
    if realised is None:
        words = _("No realised value is entered yet.")
        return Check(key, title, CheckState.TOO_LITTLE, words, url)
    words = ngettext(
        "%(realised)s came true in %(n)s period; the signed band is %(low)s to %(high)s.",
        "%(realised)s came true in %(n)s periods; the signed band is %(low)s to "
        "%(high)s.",
        periods,
    )
    state = CheckState.MET if low <= realised <= high else CheckState.FAILED
    said = words % {
        "realised": money(realised, currency),
        "n": periods,
        "low": money(low, currency),
        "high": money(high, currency),
    }
    return Check(key, title, state, said, url)


def first_of(names: Sequence[str], most: int = 3) -> str:
    """Return the first names of several, and how many more there are."""
    if len(names) <= most:
        return ", ".join(names)
    return _("%(names)s and %(n)s more") % {
        "names": ", ".join(names[:most]),
        "n": len(names) - most,
    }


def _hundred(share: float) -> str:
    """Return a share of 100, which never rounds up to all or down to none."""
    value = 100 * share
    if 99 < value < 100:
        return f"{min(value, 99.9):.1f}"
    return f"{value:.0f}"
