"""A gate in one sentence, in a few words, and as what keeps it closed."""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects.models import Decision
from projects.selectors.gates.standing import GateStanding


def spelled(number: int) -> str:
    """Return a small number as a word."""
    words = (
        _("no"),
        _("one"),
        _("two"),
        _("three"),
        _("four"),
        _("five"),
        _("six"),
        _("seven"),
        _("eight"),
        _("nine"),
    )
    return words[number] if number < len(words) else str(number)


def listed(names: Sequence[str]) -> str:
    """Return "a", "a and b", or "a, b and c"."""
    if len(names) < 2:
        return "".join(names)
    return _("%(first)s and %(last)s") % {
        "first": ", ".join(names[:-1]),
        "last": names[-1],
    }


def answer(gate: GateStanding) -> str:
    """Return whether the gate is open, and if not, what keeps it closed."""
    name = {"gate": gate.name}
    if not gate.is_on:
        return _("The %(gate)s is not in use.") % name
    if gate.is_open:
        return _open(gate)
    if gate.rejected_by:
        who = listed([each.name for each in gate.rejected_by])
        return _("%(who)s said no: the %(gate)s is closed.") % {"who": who, **name}
    if gate.decision and gate.decision.verdict == Decision.Verdict.NO_GO:
        return _("The decision was no-go: the %(gate)s is closed.") % name
    if gate.is_stale:
        return _stale(gate)
    if gate.decision is None and gate.proposal is None:
        return _unproposed(gate)
    return _kept_closed(gate)


def _open(gate: GateStanding) -> str:
    count = len(gate.conditions)
    if not count:
        return _("The %(gate)s is open.") % {"gate": gate.name}
    return ngettext(
        "The %(gate)s is open, on %(n)s condition.",
        "The %(gate)s is open, on %(n)s conditions.",
        count,
    ) % {"gate": gate.name, "n": spelled(count)}


def _stale(gate: GateStanding) -> str:
    first, more = gate.changes[0], len(gate.changes) - 1
    said = _("The %(gate)s is stale: %(what)s went from %(before)s to %(after)s.") % {
        "gate": gate.name,
        "what": first.what,
        "before": first.before,
        "after": first.after,
    }
    if not more:
        return said
    rest = ngettext("One more thing changed.", "%(n)s more things changed.", more) % {
        "n": capfirst(spelled(more))
    }
    return f"{said} {rest}"


def _unproposed(gate: GateStanding) -> str:
    count = len(gate.failing)
    if not count:
        return _(
            "Nothing keeps the %(gate)s closed but that nobody has proposed to open it."
        ) % {"gate": gate.name}
    return ngettext(
        "%(n)s check keeps the %(gate)s closed; nothing is proposed yet.",
        "%(n)s checks keep the %(gate)s closed; nothing is proposed yet.",
        count,
    ) % {"n": capfirst(spelled(count)), "gate": gate.name}


def _kept_closed(gate: GateStanding) -> str:
    checks, missing = len(gate.failing), missing_signatures(gate)
    parts = []
    if checks:
        said = ngettext("%(n)s check", "%(n)s checks", checks)
        parts.append(said % {"n": spelled(checks)})
    if missing:
        parts.append(missing)
    is_one = checks + _missing_count(gate) == 1
    pattern = (
        _("%(what)s keeps the %(gate)s closed.")
        if is_one
        else _("%(what)s keep the %(gate)s closed.")
    )
    return pattern % {"what": capfirst(listed(parts)), "gate": gate.name}


def _missing_count(gate: GateStanding) -> int:
    if gate.rules.capacities:
        return len(gate.waiting)
    return 0 if gate.decision else 1


def missing_signatures(gate: GateStanding) -> str:
    """Return "finance’s signature", "the signatures of …", or nothing."""
    names = [each.name for each in gate.waiting]
    if not names:
        return "" if _missing_count(gate) == 0 else _("a missing signature")
    if len(names) == 1:
        return _("%(name)s’s signature") % {"name": names[0]}
    return _("the signatures of %(names)s") % {"names": listed(names)}


def blockers(gate: GateStanding) -> tuple[str, ...]:
    """Return what keeps the gate closed, a phrase each; nothing if it is open."""
    if not gate.is_on or gate.is_open:
        return ()
    found = [f"{each.title}: {each.words}" for each in gate.failing]
    found += _sign_off(gate)
    return tuple(found)


def _sign_off(gate: GateStanding) -> list[str]:
    if gate.decision is None:
        if gate.proposal is None:
            return [_("Nothing is proposed yet.")]
        return [_("Nobody has signed the proposal yet.")]
    found = [
        _("%(name)s rejected it: %(comment)s")
        % {"name": each.name, "comment": each.comment}
        for each in gate.rejected_by
    ]
    if gate.decision.verdict == Decision.Verdict.NO_GO:
        found.append(_("The decision was no-go."))
    rejected = {each.capacity for each in gate.rejected_by}
    found += [
        _("%(who)s has not signed.") % {"who": capfirst(each.name)}
        for each in gate.waiting
        if each.capacity not in rejected
    ]
    if gate.is_stale:
        found += [
            _("Changed since it was signed: %(change)s.") % {"change": each}
            for each in gate.changes
        ]
    return found


class Brief(NamedTuple):
    """A gate in a state and a few words."""

    state: str  # met, waiting, failing, stale, todo
    words: str


def brief(gate: GateStanding) -> Brief:
    """Return the gate's state for a row or a station."""
    if not gate.is_on:
        return Brief("todo", _("not in use"))
    if gate.is_open:
        signed = gate.signatures[-1].at
        return Brief(
            "met", _("open since %(day)s") % {"day": date_format(signed, "j M")}
        )
    if gate.rejected_by:
        return Brief("failing", _("rejected"))
    if gate.is_stale:
        return Brief("stale", _("stale"))
    if gate.decision and gate.decision.verdict == Decision.Verdict.NO_GO:
        return Brief("met", _("no-go"))
    return _waiting(gate)


def _waiting(gate: GateStanding) -> Brief:
    checks = len(gate.failing)
    failing = ngettext("%(n)s check not met", "%(n)s checks not met", checks) % {
        "n": checks
    }
    if gate.decision is None and gate.proposal is None:
        return Brief("todo", failing if checks else _("not proposed"))
    if gate.waiting:
        names = listed([each.name for each in gate.waiting])
        return Brief("waiting", _("waiting for %(names)s") % {"names": names})
    if gate.decision is None:
        return Brief("waiting", _("waiting for a signature"))
    return Brief("failing", failing)
