"""Checks as an Open Data Contract (ODCS 3), and a contract's quality as checks."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import sqlglot
from sqlglot import exp

from engine.checks.base import DIMENSIONS, SEVERITIES
from engine.checks.catalogue import Declared
from engine.checks.levels import level_of, levels_of, read_levels
from engine.checks.translation import (
    Translated,
    Translation,
    bounds,
    full,
    number,
    words_of,
)
from engine.words import gettext_noop as _

VERSION = "v3.0.2"
ENGINE = "mlops-portal"
OBJECT = "${object}"
LOGICAL = {
    "text": "string",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "date": "date",
    "datetime": "date",
}
_KINDS = {"string": "text", "timestamp": "datetime"} | {
    each: each for each in ("integer", "number", "boolean", "date")
}
# What this standard calls otherwise.
_DIMENSIONS = {"validity": "conformity"}
_OURS = {"conformity": "validity", "coverage": "completeness"}
Rule = dict[str, Any]


def contract_of(
    checks: list[Declared],
    *,
    name: str,
    id: str,
    columns: dict[str, str],
    retention_days: int | None = None,
) -> Translation:
    """Return checks as a contract; what its library lacks is a custom rule of ours.

    What a service level says too stands there as well, for others to read.
    """
    properties: dict[str, dict[str, Any]] = {
        column: {"name": column, **_type(kind)} for column, kind in columns.items()
    }
    quality: list[Rule] = []
    left = []
    for each in checks:
        column, rule = _rule(each)
        if rule.get("type") == "custom" and level_of(each, table=name) is None:
            said = {"check": words_of(each), "engine": ENGINE}
            left.append(
                _(
                    "%(check)s: the standard has no such rule; it is kept as a custom "
                    "rule of %(engine)s."
                )
                % said
            )
        if column:
            place = properties.setdefault(column, {"name": column})
            place.setdefault("quality", []).append(rule)
        else:
            quality.append(rule)
    table: dict[str, Any] = {"name": name, "logicalType": "object"}
    if properties:
        table["properties"] = list(properties.values())
    if quality:
        table["quality"] = quality
    content: dict[str, Any] = {
        "apiVersion": VERSION,
        "kind": "DataContract",
        "id": id,
        "name": name,
        "version": "1.0.0",
        "status": "active",
        "schema": [table],
    }
    if levels := levels_of(checks, retention_days, table=name):
        content["slaProperties"] = levels
    return Translation(content, tuple(left))


def _type(kind: str) -> dict[str, str]:
    return {"logicalType": LOGICAL[kind]} if kind in LOGICAL else {}


def _rule(declared: Declared) -> tuple[str, Rule]:
    """Return (the column it belongs to or "", a rule of the standard)."""
    params = full(declared)
    write = _WRITERS.get(declared.kind)
    found = write(params) if write and not declared.where else None
    if found is None:
        implementation: dict[str, Any] = {"kind": declared.kind, "params": params}
        if declared.where:
            implementation["where"] = declared.where
        # The standard takes a text here.
        text = json.dumps(implementation, ensure_ascii=False)
        rule: Rule = {"type": "custom", "engine": ENGINE, "implementation": text}
        found = str(params.get("column", "")), rule
    column, rule = found
    rule["description"] = str(words_of(declared))
    if declared.dimension:
        rule["dimension"] = _DIMENSIONS.get(declared.dimension, declared.dimension)
    if declared.severity:
        rule["severity"] = declared.severity
    return column, rule


def _metric(name: str, **arguments: Any) -> Rule:
    # Until 3.1 a metric of the library was called a rule.
    rule: Rule = {"type": "library", "rule": name}
    return {**rule, **arguments}


def _share(max_pct: float) -> Rule:
    if not max_pct:
        return {"mustBe": 0}
    return {"mustBeLessOrEqualTo": max_pct, "unit": "percent"}


def _between(low: float | None, high: float | None) -> Rule:
    if low is not None and high is not None:
        return {"mustBeBetween": [low, high]}
    if low is not None:
        return {"mustBeGreaterOrEqualTo": low}
    return {"mustBeLessOrEqualTo": high}


Written = tuple[str, Rule] | None


def _not_null(p: Rule) -> Written:
    return p["column"], _metric("nullValues", **_share(p["max_pct"]))


def _not_missing(p: Rule) -> Written:
    said = {"arguments": {"missingValues": ["", *p["tokens"]]}, **_share(p["max_pct"])}
    return p["column"], _metric("missingValues", **said)


def _row_count(p: Rule) -> Written:
    return "", _metric("rowCount", **_between(p["minimum"], p["maximum"]))


def _unique(p: Rule) -> Written:
    if len(p["of"]) == 1:
        return p["of"][0], _metric("duplicateValues", mustBe=0)
    said = {"arguments": {"properties": list(p["of"])}}
    return "", _metric("duplicateValues", **said, mustBe=0)


def _in_set(p: Rule) -> Written:
    said = {"arguments": {"validValues": list(p["values"])}}
    return p["column"], _metric("invalidValues", **said, mustBe=0)


def _matches(p: Rule) -> Written:
    said = {"arguments": {"pattern": p["pattern"]}}
    return p["column"], _metric("invalidValues", **said, mustBe=0)


def _custom_sql(p: Rule) -> Written:
    if p["minimum"] is None and p["maximum"] is None:
        counted = f"SELECT count(*) FROM ({p['query']}) AS broken"  # noqa: S608 — a text to be read
        return "", {"type": "sql", "query": _on_object(counted), "mustBe": 0}
    rule = _between(p["minimum"], p["maximum"])
    return "", {"type": "sql", "query": _on_object(p["query"]), **rule}


_WRITERS: dict[str, Callable[[Rule], Written]] = {
    "not_null": _not_null,
    "not_missing": _not_missing,
    "row_count": _row_count,
    "unique": _unique,
    "in_set": _in_set,
    "matches": _matches,
    "custom_sql": _custom_sql,
}
_STAND_IN = "object_of_contract"


def _on_object(query: str) -> str:
    """Return a query with the standard's name for the table."""
    tree = sqlglot.parse_one(query, read="duckdb")
    for table in tree.find_all(exp.Table):
        if table.name == "data":
            alias = table.alias or None
            table.replace(exp.to_table(_STAND_IN, alias=alias))
    return tree.sql(dialect="duckdb").replace(_STAND_IN, OBJECT)


# -- and back


def read_contract(content: dict[str, Any], *, name: str) -> Translated:
    """Return the rules of a contract as checks; those of one of its tables."""
    checks: list[Declared] = []
    left: list[str] = []
    table = _table_of(content, name, left)
    for rule in _listed(table.get("quality")):
        _take(rule, "", checks, left)
    for column in _listed(table.get("properties")):
        if not _is_named(column):
            left.append(_("A property has no name."))
            continue
        checks += _of_property(column)
        for rule in _listed(column.get("quality")):
            _take(rule, str(column["name"]), checks, left)
    columns = [each for each in _listed(table.get("properties")) if _is_named(each)]
    if key := [str(each["name"]) for each in columns if each.get("primaryKey")]:
        checks.append(Declared("", "unique", {"of": key}))
    if types := _types(columns):
        checks.append(Declared("", "schema", {"types": types}))
    levels = read_levels(
        _listed(content.get("slaProperties")),
        table=str(table.get("name", "")),
        columns={str(each["name"]) for each in columns},
    )
    # A rule of ours says the same with its severity.
    said = {_meaning(each) for each in checks}
    checks += [each for each in levels.checks if _meaning(each) not in said]
    return Translated(tuple(checks), (*left, *levels.left), levels.retention_days)


def _meaning(declared: Declared) -> str:
    return json.dumps([declared.kind, declared.where, full(declared)], sort_keys=True)


def _is_named(column: Any) -> bool:
    return isinstance(column, dict) and bool(column.get("name"))


def _table_of(content: dict[str, Any], name: str, left: list[str]) -> dict[str, Any]:
    """Return the table that is meant; what else the contract holds is left."""
    tables = [each for each in _listed(content.get("schema")) if isinstance(each, dict)]
    named = [each for each in tables if each.get("name") == name]
    table: dict[str, Any] = (named or tables or [{}])[0]
    for each in tables:
        if each is not table:
            said = {"name": str(each.get("name", "?"))}
            left.append(_("The table “%(name)s” is another one.") % said)
    return table


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _types(columns: list[dict[str, Any]]) -> dict[str, str]:
    """Return columns and their types; a date of the standard may be a time as well."""
    found = {}
    for each in columns:
        if each.get("logicalType"):
            kind = _KINDS.get(str(each["logicalType"]), "")
            found[str(each["name"])] = "" if kind == "date" else kind
    return found


def _of_property(column: dict[str, Any]) -> Iterator[Declared]:
    """Yield what a property says beside its rules."""
    name = str(column["name"])
    if column.get("required"):
        yield Declared("", "not_null", {"column": name})
    if column.get("unique"):
        yield Declared("", "unique", {"of": [name]})
    options = column.get("logicalTypeOptions")
    if not isinstance(options, dict):
        return
    for kind, low, high in (
        ("in_range", "minimum", "maximum"),
        ("length", "minLength", "maxLength"),
    ):
        limits = bounds(number(options.get(low)), number(options.get(high)))
        if limits:
            yield Declared("", kind, {"column": name, **limits})
    if isinstance(options.get("pattern"), str):
        params = {"column": name, "pattern": options["pattern"]}
        yield Declared("", "matches", params)


def _take(rule: Any, column: str, checks: list[Declared], left: list[str]) -> None:
    """Add a rule as a check, or say why it is none."""
    found = _read(rule, column) if isinstance(rule, dict) else None
    if found is None:
        what = rule if isinstance(rule, dict) else {}
        kind = what.get("metric") or what.get("rule") or what.get("type") or "?"
        said = {
            "rule": str(what.get("name") or kind),
            "place": column or str(_("the table")),
            "text": str(what.get("description") or what.get("query") or "")[:100],
        }
        left.append(
            _("The rule “%(rule)s” of %(place)s was not translated. %(text)s") % said
        )
        return
    checks.append(found)


def _read(rule: Rule, column: str) -> Declared | None:
    """Return a rule as a check; None if none says the same."""
    kind = rule.get("type", "library")
    found: tuple[str, dict[str, Any], str] | None = None
    if kind == "custom" and rule.get("engine") == ENGINE:
        found = _read_own(rule)
    elif kind == "sql":
        found = _read_sql(rule)
    elif kind == "library":
        metric = str(rule.get("metric") or rule.get("rule") or "")
        found = _read_metric(metric, rule, column)
    if found is None:
        return None
    name, params, where = found
    dimension = str(rule.get("dimension", ""))
    dimension = _OURS.get(dimension, dimension)
    severity = str(rule.get("severity", ""))
    return Declared(
        id="",
        kind=name,
        params=params,
        dimension=dimension if dimension in DIMENSIONS else "",
        severity=severity if severity in SEVERITIES else "",
        where=where,
    )


Found = tuple[str, dict[str, Any], str] | None


def _read_own(rule: Rule) -> Found:
    text = rule.get("implementation")
    try:
        said = json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return None
    if not isinstance(said, dict) or not isinstance(said.get("params"), dict):
        return None
    return str(said.get("kind")), said["params"], str(said.get("where", ""))


def _limits(rule: Rule, *, whole: bool) -> tuple[float | None, float | None] | None:
    """Return the bounds that a rule sets; None if they are not plain bounds.

    Of whole numbers more than 4 is at least 5.
    """
    between = rule.get("mustBeBetween")
    if isinstance(between, list) and len(between) == 2:
        return number(between[0]), number(between[1])
    if (exactly := number(rule.get("mustBe"))) is not None:
        return exactly, exactly
    low = number(rule.get("mustBeGreaterOrEqualTo"))
    high = number(rule.get("mustBeLessOrEqualTo"))
    above, below = (
        number(rule.get(name)) for name in ("mustBeGreaterThan", "mustBeLessThan")
    )
    if (above is not None or below is not None) and not whole:
        return None
    low = above + 1 if above is not None else low
    high = below - 1 if below is not None else high
    return None if low is None and high is None else (low, high)


def _read_sql(rule: Rule) -> Found:
    limits = _limits(rule, whole=False)
    query = str(rule.get("query", ""))
    for name in (OBJECT, "${table}", "{object}", "{model}", "{table}"):
        query = query.replace(name, "data")
    if limits is None or not query:
        return None
    try:
        tree = sqlglot.parse_one(query, read="duckdb")
    except sqlglot.ParseError:
        return None
    if limits == (0, 0) and (inner := _counted(tree)):
        return "custom_sql", {"query": inner}, ""
    return "custom_sql", {"query": query, **bounds(*limits)}, ""


def _counted(tree: exp.Expr) -> str:
    """Return the query whose rows another one counts, or nothing."""
    if not isinstance(tree, exp.Select) or len(tree.expressions) != 1:
        return ""
    source = tree.find(exp.Subquery)
    is_plain = {k for k, v in tree.args.items() if v} <= {
        "expressions",
        "from_",
        "from",
        "kind",
    }
    if isinstance(tree.expressions[0], exp.Count) and source and is_plain:
        return str(source.this.sql(dialect="duckdb"))
    return ""


def _read_metric(metric: str, rule: Rule, column: str) -> Found:
    arguments = rule.get("arguments")
    arguments = arguments if isinstance(arguments, dict) else {}
    limits = _limits(rule, whole=True)
    if limits is None:
        return None
    if metric == "rowCount":
        return "row_count", bounds(*limits), ""
    max_pct = _percent(rule, limits)
    if max_pct is None:
        return None
    if metric == "nullValues" and column:
        return "not_null", {"column": column, "max_pct": max_pct}, ""
    if metric == "missingValues" and column:
        tokens = [str(each) for each in _listed(arguments.get("missingValues"))]
        params = {"column": column, "max_pct": max_pct}
        return "not_missing", {**params, "tokens": [t for t in tokens if t]}, ""
    # The rest has no share that may break it.
    return _read_exact(metric, arguments, column) if max_pct == 0 else None


def _read_exact(metric: str, arguments: dict[str, Any], column: str) -> Found:
    if metric == "duplicateValues":
        of = [column] if column else _listed(arguments.get("properties"))
        return ("unique", {"of": of}, "") if of else None
    if metric == "invalidValues" and column:
        if values := _listed(arguments.get("validValues")):
            return "in_set", {"column": column, "values": values}, ""
        if isinstance(arguments.get("pattern"), str):
            params = {"column": column, "pattern": arguments["pattern"]}
            return "matches", params, ""
    return None


def _percent(rule: Rule, limits: tuple[float | None, float | None]) -> float | None:
    """Return the percent that may break a rule; None for a number of rows."""
    low, high = limits
    if high == 0 and not low:
        return 0.0
    is_share = rule.get("unit") in ("percent", "%")
    return high if is_share and high is not None and not low else None
