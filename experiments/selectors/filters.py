"""The filter of the runs table: words and `key:value` pairs, read one by one.

    experiment:autumn family:boosting -family:tree status:finished tag:team=a
    param:max_depth=5 recall>0.7 money>=10k user:mei quiet-heron -archived

Every part must hold; a part that begins with `-` must not.
"""

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from engine.errors import EngineError
from engine.numbers import NumberProblem, parse_number
from experiments.models import Lifecycle, Param, Run, RunMetric, RunTag
from projects.models import ProjectScopedQuerySet

Rows = ProjectScopedQuerySet[Run]


class FilterProblem(EngineError):
    """A filter that cannot be read; names the part and shows how to write it."""


@dataclass(frozen=True)
class Clause:
    """One part of a filter."""

    key: str
    sign: str  # ":" or a comparison; empty for a bare word
    value: str
    is_negated: bool = False


LOOKUPS = {">": "gt", ">=": "gte", "<": "lt", "<=": "lte", "=": "exact"}
HOT = {
    "money": "money_mean",
    "musts": "musts_met",
    "seed": "seed",
}
COMPARISON = re.compile(r"^([^\s:<>=!]+)(>=|<=|!=|>|<|=)(.+)$")
PAIR = re.compile(r"^([a-z_]+):(.*)$", re.DOTALL)
ARCHIVED = "archived"
MOST_PARTS = 30


def parse(text: str) -> tuple[Clause, ...]:
    """Return the parts of a filter.

    Raises
    ------
    FilterProblem
        If a quotation is left open, or a part says nothing.
    """
    if "\x00" in text:
        raise FilterProblem(_("The filter holds a character no name has; remove it."))
    try:
        parts = shlex.split(text.replace("\\", "\\\\"))
    except ValueError as error:
        raise FilterProblem(_("A quotation mark is left open; close it.")) from error
    if len(parts) > MOST_PARTS:
        raise FilterProblem(
            _("%(n)s parts; at most %(most)s are read.")
            % {"n": len(parts), "most": MOST_PARTS}
        )
    return tuple(_clause(part) for part in parts if part)


def _clause(part: str) -> Clause:
    is_negated = part.startswith("-") and len(part) > 1
    body = part[1:] if is_negated else part
    if match := PAIR.match(body):
        key, value = match.groups()
        if key not in PAIRS:
            raise FilterProblem(
                _("“%(part)s”: no key %(key)s. Keys are %(keys)s.")
                % {"part": part, "key": key, "keys": ", ".join(PAIRS)}
            )
        if not value:
            raise FilterProblem(
                _("“%(part)s”: write what to look for after the colon.")
                % {"part": part}
            )
        return Clause(key, ":", value, is_negated)
    if match := COMPARISON.match(body):
        key, sign, value = match.groups()
        _number(part, value)
        return Clause(key, sign, value, is_negated)
    return Clause("", "", body, is_negated)


def _number(part: str, text: str) -> float:
    try:
        return parse_number(text, decimal=".")
    except NumberProblem as problem:
        raise FilterProblem(
            _("“%(part)s”: %(problem)s") % {"part": part, "problem": problem}
        ) from problem


def apply(rows: Rows, clauses: tuple[Clause, ...]) -> Rows:
    """Return the runs for which every part holds; archived ones only if asked for."""
    wants_archived = any(
        not clause.sign and clause.value == ARCHIVED and not clause.is_negated
        for clause in clauses
    )
    stage = Lifecycle.DELETED if wants_archived else Lifecycle.ACTIVE
    rows = rows.filter(lifecycle_stage=stage)
    for clause in clauses:
        if not clause.sign and clause.value == ARCHIVED:
            continue
        condition = _condition(clause)
        rows = rows.exclude(condition) if clause.is_negated else rows.filter(condition)
    return rows


def _condition(clause: Clause) -> Q:
    if clause.sign == ":":
        return PAIRS[clause.key](clause.value)
    if clause.sign:
        return _compared(clause)
    return Q(name__icontains=clause.value) | Q(pk__startswith=clause.value)


def _compared(clause: Clause) -> Q:
    number = _number(clause.value, clause.value)
    if clause.sign == "!=":
        differs = {"last__lt": number}, {"last__gt": number}
        if clause.key in HOT:
            column = HOT[clause.key]
            return ~Q(**{column: number}) & ~Q(**{column: None})
        return Q(_has(clause.key, Q(**differs[0]) | Q(**differs[1])))
    lookup = LOOKUPS[clause.sign]
    if clause.key in HOT:
        return Q(**{f"{HOT[clause.key]}__{lookup}": number})
    return Q(_has(clause.key, Q(**{f"last__{lookup}": number})))


def _has(key: str, condition: Q) -> Exists:
    return Exists(
        RunMetric.objects.filter(condition, run=OuterRef("pk"), key=key, is_nan=False)
    )


def _experiment(value: str) -> Q:
    by_id = Q(experiment_id=int(value)) if _is_id(value) else Q()
    return Q(experiment__name__icontains=value) | by_id


def _is_id(value: str) -> bool:
    return value.isascii() and value.isdecimal() and len(value) < 18


def _status(value: str) -> Q:
    known = {status.value.lower() for status in Run.Status}
    if value.lower() not in known:
        raise FilterProblem(
            _("“status:%(value)s”: a status is one of %(known)s.")
            % {"value": value, "known": ", ".join(sorted(known))}
        )
    return Q(status=value.upper())


def _pair_in(model: type[Any]) -> Callable[[str], Q]:
    def condition(value: str) -> Q:
        key, equals, wanted = value.partition("=")
        rows = model.objects.filter(run=OuterRef("pk"), key=key)
        return Q(Exists(rows.filter(value=wanted) if equals else rows))

    return condition


PAIRS: dict[str, Callable[[str], Q]] = {
    "experiment": _experiment,
    "family": lambda value: Q(family__iexact=value),
    "status": _status,
    "tag": _pair_in(RunTag),
    "param": _pair_in(Param),
    "user": lambda value: Q(user_name__icontains=value),
    "name": lambda value: Q(name__icontains=value),
    "id": lambda value: Q(pk__startswith=value),
    "protocol": lambda value: Q(protocol__digest__startswith=value),
}
