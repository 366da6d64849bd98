"""Checks as a suite of Great Expectations (1.x), and a suite as checks."""

from collections.abc import Callable
from typing import Any

from engine.checks.base import DIMENSIONS, SEVERITIES
from engine.checks.catalogue import Declared
from engine.checks.conditions import condition_of, filter_of
from engine.checks.translation import (
    Translated,
    Translation,
    bounds,
    full,
    number,
    words_of,
)
from engine.words import gettext_noop as _

VERSION = "1.0.0"
OURS = "mlops_portal"
_SEVERITIES = {"error": "critical", "warning": "warning", "info": "info"}
_FUNCTIONS = {
    "mean": "expect_column_mean_to_be_between",
    "median": "expect_column_median_to_be_between",
    "min": "expect_column_min_to_be_between",
    "max": "expect_column_max_to_be_between",
    "sum": "expect_column_sum_to_be_between",
    "stdev": "expect_column_stdev_to_be_between",
    "distinct": "expect_column_unique_value_count_to_be_between",
}
# Their default also counts rows in which one of the two is missing.
_BOTH = {"ignore_row_if": "either_value_is_missing"}
Said = dict[str, Any]
Written = tuple[str, Said] | None


def suite_of(checks: list[Declared], *, name: str) -> Translation:
    """Return checks as a suite; those it has no expectation for are kept in its notes."""
    expectations, ours, left = [], [], []
    for each in checks:
        params = full(each)
        write = _WRITERS.get(each.kind)
        condition = condition_of(each.where) if each.where else ""
        made = write(params) if write and condition is not None else None
        if made is None:
            ours.append(
                {
                    "kind": each.kind,
                    "params": params,
                    "dimension": each.dimension,
                    "severity": each.severity,
                    "where": each.where,
                }
            )
            left.append(
                _(
                    "%(check)s: Great Expectations has no such expectation; it is kept "
                    "in the notes of the suite, where only this portal finds it."
                )
                % {"check": words_of(each)}
            )
            continue
        kind, kwargs = made
        if condition:
            kwargs |= {"row_condition": condition, "condition_parser": "pandas"}
        expectations.append(
            {
                "type": kind,
                "kwargs": {k: v for k, v in kwargs.items() if v is not None},
                "meta": {OURS: {"dimension": each.dimension}},
                "severity": _SEVERITIES.get(each.severity, "critical"),
            }
        )
    meta: Said = {"great_expectations_version": VERSION}
    if ours:
        meta[OURS] = {"checks": ours}
    return Translation(
        {"name": name, "expectations": expectations, "meta": meta}, tuple(left)
    )


def _mostly(max_pct: float) -> float | None:
    return None if not max_pct else 1 - max_pct / 100


def _limits(p: Said) -> Said:
    return {"min_value": p["minimum"], "max_value": p["maximum"]}


def _whole_limits(p: Said) -> Said:
    return {
        name: None if value is None else int(value)
        for name, value in _limits(p).items()
    }


def _not_null(p: Said) -> Written:
    said = {"column": p["column"], "mostly": _mostly(p["max_pct"])}
    return "expect_column_values_to_not_be_null", said


def _unique(p: Said) -> Written:
    if len(p["of"]) == 1:
        return "expect_column_values_to_be_unique", {"column": p["of"][0]}
    said = {"column_list": list(p["of"]), "ignore_row_if": "any_value_is_missing"}
    return "expect_compound_columns_to_be_unique", said


def _schema(p: Said) -> Written:
    if any(p["types"].values()):
        return None
    said = {"column_set": list(p["types"]), "exact_match": not p["others_allowed"]}
    return "expect_table_columns_to_match_set", said


def _outliers(p: Said) -> Written:
    if p["method"] != "sd":
        return None
    return "expect_column_value_z_scores_to_be_less_than", {
        "column": p["column"],
        "threshold": p["k"],
        "double_sided": True,
        "mostly": _mostly(p["max_pct"]),
    }


def _compare(p: Said) -> Written:
    left, right, op = p["left"], p["right"], p["op"]
    if op == "==":
        pair = {"column_A": left, "column_B": right, **_BOTH}
        return "expect_column_pair_values_to_be_equal", pair
    if op == "!=":
        return None
    if op.startswith("<"):
        left, right = right, left
    said = {"column_A": left, "column_B": right, "or_equal": op.endswith("="), **_BOTH}
    return "expect_column_pair_values_a_to_be_greater_than_b", said


_WRITERS: dict[str, Callable[[Said], Written]] = {
    "not_null": _not_null,
    "row_count": lambda p: (
        "expect_table_row_count_to_be_between",
        _whole_limits(p),
    ),
    "unique": _unique,
    "in_set": lambda p: (
        "expect_column_values_to_be_in_set",
        {"column": p["column"], "value_set": list(p["values"])},
    ),
    "in_range": lambda p: (
        "expect_column_values_to_be_between",
        {"column": p["column"], **_limits(p)},
    ),
    "matches": lambda p: (
        "expect_column_values_to_match_regex",
        # Theirs may match a part, ours is the whole.
        {"column": p["column"], "regex": f"^(?:{p['pattern']})$"},
    ),
    "length": lambda p: (
        "expect_column_value_lengths_to_be_between",
        {"column": p["column"], **_whole_limits(p)},
    ),
    "schema": _schema,
    "aggregate": lambda p: (
        _FUNCTIONS[p["function"]],
        {"column": p["column"], **_limits(p)},
    ),
    "outliers": _outliers,
    "compare_columns": _compare,
}


# -- and back


def read_suite(content: Said) -> Translated:
    """Return the expectations of a suite as checks."""
    checks: list[Declared] = []
    left: list[str] = []
    for each in content["expectations"]:
        found = _declared(each) if isinstance(each, dict) else None
        if found is None:
            said = each if isinstance(each, dict) else {}
            kwargs = _kwargs(said)
            about = (kwargs.get("column", ""), kwargs.get("row_condition", ""))
            words = ", ".join(str(each)[:100] for each in about if each)
            named = {
                "type": str(said.get("type") or said.get("expectation_type") or "?"),
                "about": f" ({words})" if words else "",
            }
            left.append(_("%(type)s was not translated%(about)s.") % named)
        else:
            checks.append(found)
    meta = content.get("meta")
    ours = meta.get(OURS) if isinstance(meta, dict) else None
    for each in (ours.get("checks") or []) if isinstance(ours, dict) else []:
        if isinstance(each, dict) and isinstance(each.get("params"), dict):
            texts = {
                name: str(each.get(name) or "")
                for name in ("kind", "dimension", "severity", "where")
            }
            checks.append(Declared(id="", params=each["params"], **texts))
    return Translated(tuple(checks), tuple(left))


def _kwargs(each: Said) -> Said:
    kwargs = each.get("kwargs")
    return kwargs if isinstance(kwargs, dict) else {}


def _declared(each: Said) -> Declared | None:
    # Before 1.0 the type was called otherwise.
    kind = str(each.get("type") or each.get("expectation_type") or "")
    kwargs = _kwargs(each)
    where: str | None = ""
    if condition := kwargs.get("row_condition"):
        where = filter_of(condition, str(kwargs.get("condition_parser") or "pandas"))
    if where is None:
        return None
    found = _read(kind, kwargs)
    if found is None:
        return None
    meta = each.get("meta")
    ours = meta.get(OURS) if isinstance(meta, dict) else None
    dimension = ours.get("dimension", "") if isinstance(ours, dict) else ""
    theirs = str(each.get("severity", ""))
    severity = {v: k for k, v in _SEVERITIES.items()}.get(theirs, "")
    return Declared(
        id="",
        kind=found[0],
        params=found[1],
        dimension=dimension if dimension in DIMENSIONS else "",
        severity=severity if severity in SEVERITIES else "",
        where=where,
    )


def _read(kind: str, k: Said) -> Written:
    """Return (the kind of check, its parameters); None if none says the same."""
    limits = bounds(number(k.get("min_value")), number(k.get("max_value")))
    mostly = number(k.get("mostly", 1.0))
    column = k.get("column")
    max_pct = None if mostly is None else round(100 * (1 - mostly), 9)
    if kind in _SHARES and column and max_pct is not None:
        return _SHARES[kind](k, max_pct)
    if max_pct:
        return None  # of what has no share that may break it
    if kind in _WITH_LIMITS:
        if not limits or k.get("strict_min") or k.get("strict_max"):
            return None
        name, more = _WITH_LIMITS[kind]
        params = {**more, **limits}
        return name, ({**params, "column": column} if column else params)
    read = _READERS.get(kind)
    return read(k) if read else None


_SHARES: dict[str, Callable[[Said, float], Written]] = {
    "expect_column_values_to_not_be_null": lambda k, pct: (
        "not_null",
        {"column": k["column"], "max_pct": pct},
    ),
    "expect_column_value_z_scores_to_be_less_than": lambda k, pct: (
        (
            "outliers",
            {
                "column": k["column"],
                "method": "sd",
                "k": number(k.get("threshold")) or 3.0,
                "max_pct": pct,
            },
        )
        if k.get("double_sided", True)
        else None
    ),
}
_WITH_LIMITS: dict[str, tuple[str, Said]] = {
    "expect_table_row_count_to_be_between": ("row_count", {}),
    "expect_column_values_to_be_between": ("in_range", {}),
    "expect_column_value_lengths_to_be_between": ("length", {}),
    **{kind: ("aggregate", {"function": f}) for f, kind in _FUNCTIONS.items()},
}


def _read_pattern(k: Said) -> Written:
    regex = str(k.get("regex", ""))
    if regex.startswith("^(?:") and regex.endswith(")$"):
        return "matches", {"column": k.get("column"), "pattern": regex[4:-2]}
    return "matches", {"column": k.get("column"), "pattern": f"(?s).*(?:{regex}).*"}


def _read_greater(k: Said) -> Written:
    op = ">=" if k.get("or_equal") else ">"
    pair = {"left": k.get("column_A"), "op": op, "right": k.get("column_B")}
    return "compare_columns", pair


_READERS: dict[str, Callable[[Said], Written]] = {
    "expect_column_values_to_be_unique": lambda k: (
        "unique",
        {"of": [k.get("column")]},
    ),
    "expect_compound_columns_to_be_unique": lambda k: (
        "unique",
        {"of": k.get("column_list")},
    ),
    "expect_column_values_to_be_in_set": lambda k: (
        "in_set",
        {"column": k.get("column"), "values": k.get("value_set")},
    ),
    "expect_column_values_to_match_regex": _read_pattern,
    "expect_table_columns_to_match_set": lambda k: (
        "schema",
        {
            "types": {str(each): "" for each in k.get("column_set") or []},
            "others_allowed": not k.get("exact_match", True),
        },
    ),
    "expect_column_pair_values_to_be_equal": lambda k: (
        "compare_columns",
        {"left": k.get("column_A"), "op": "==", "right": k.get("column_B")},
    ),
    "expect_column_pair_values_a_to_be_greater_than_b": _read_greater,
    "expect_table_row_count_to_equal": lambda k: (
        "row_count",
        bounds(number(k.get("value")), number(k.get("value"))),
    ),
}
