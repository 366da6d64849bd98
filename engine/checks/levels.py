"""Service levels of a contract (ODCS `slaProperties`) as checks and retention, and back."""

from dataclasses import dataclass
from typing import Any

from engine.checks.catalogue import Declared
from engine.checks.translation import full, number
from engine.words import gettext_noop as _

_DAYS = {
    1 / 24: ("h", "hour", "hours"),
    1.0: ("d", "day", "days"),
    7.0: ("w", "week", "weeks"),
    365.0: ("y", "yr", "year", "years"),
}
DAYS = {unit: days for days, units in _DAYS.items() for unit in units}
Level = dict[str, Any]


@dataclass(frozen=True)
class Levels:
    """What service levels say, and those that nothing of ours says."""

    checks: tuple[Declared, ...]
    retention_days: int | None
    left: tuple[str, ...]


def level_of(declared: Declared, *, table: str) -> Level | None:
    """Return a check as a service level; None if the standard has none that says it.

    A filter, a grace or an instant of its own are no part of a level.
    """
    p = full(declared)
    if declared.where:
        return None
    if declared.kind == "arrival" and not p["grace_days"]:
        return {"property": "frequency", "value": p["every_days"], "unit": "d"}
    if declared.kind == "freshness" and p["column"] and not p["at"]:
        level = {"property": "latency", "value": p["max_age_days"], "unit": "d"}
        return {**level, "element": f"{table}.{p['column']}"}
    return None


def levels_of(
    checks: list[Declared], retention_days: int | None, *, table: str
) -> list[Level]:
    """Return what service levels can say of checks, and how long the data is kept."""
    levels = [level for each in checks if (level := level_of(each, table=table))]
    if retention_days:
        kept = {"property": "retention", "value": retention_days, "unit": "d"}
        levels.append({**kept, "element": table})
    return levels


def read_levels(said: list[Any], *, table: str, columns: set[str]) -> Levels:
    """Return what the service levels of a table say."""
    checks: list[Declared] = []
    left: list[str] = []
    kept: int | None = None
    for each in said:
        level = each if isinstance(each, dict) else {}
        name = str(level.get("property") or "?")
        days = _days(level)
        element = str(level.get("element") or "")
        found = None
        if days and name == "frequency" and element in {"", table}:
            found = Declared("", "arrival", {"every_days": days})
        elif days and name == "latency" and (at := _column(element, table, columns)):
            found = Declared("", "freshness", {"max_age_days": days, "column": at})
        elif days and days >= 1 and name == "retention" and element in {"", table}:
            kept = int(days)
            continue
        if found is None:
            left.append(_("The service level “%(name)s” is not read.") % {"name": name})
        else:
            checks.append(found)
    return Levels(tuple(checks), kept, tuple(left))


def _days(level: Level) -> float | None:
    """Return the days that a level means; None if its unit is no plain time."""
    value = number(level.get("value"))
    unit = DAYS.get(str(level.get("unit") or "").lower())
    if value is None or unit is None or not 0 < value * unit < 1e5:
        return None
    return value * unit


def _column(element: str, table: str, columns: set[str]) -> str:
    """Return the one column that an element names, or nothing."""
    named = element.removeprefix(f"{table}.") if table else element
    return named if named in columns else ""
