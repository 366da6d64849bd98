"""Checks written as a file and read again are the same ones, and nothing is silent."""

import json
from dataclasses import replace

import pytest
import yaml

from engine.checks import KINDS, CheckProblem, Declared, check_of
from engine.checks.documents import About, read_document, write_document

ABOUT = About("people", "id-1", {"id": "integer", "x": "number", "s": "text"})
PARAMS = {
    "not_null": {"column": "x", "max_pct": 2.5},
    "not_missing": {"column": "s", "tokens": ["n/a", "?"]},
    "row_count": {"minimum": 10, "maximum": 500},
    "expected_keys": {"table": "register", "keys": {"id": "number"}},
    "no_gaps": {"column": "day", "step": "week"},
    "unique": {"of": ["id", "s"]},
    "no_duplicate_rows": {},
    "in_set": {"column": "s", "values": ["a", "b", 3.0, True]},
    "in_range": {"column": "x", "minimum": -5},
    "matches": {"column": "s", "pattern": "[a-z]+|x"},
    "length": {"column": "s", "maximum": 8},
    "type_is": {"column": "s", "type": "integer"},
    "schema": {"types": {"id": "integer", "x": ""}, "others_allowed": False},
    "aggregate": {"column": "x", "function": "stdev", "maximum": 4.5},
    "outliers": {"column": "x", "method": "sd", "k": 4, "max_pct": 1},
    "compare_columns": {"left": "x", "op": ">=", "right": "id"},
    "product_close": {"total": "x", "factors": ["id"], "relative": 0.1},
    "foreign_key": {"column": "s", "table": "shops", "reference": "name"},
    "format_uniform": {"column": "s", "max_pct": 5},
    "reconcile_aggregate": {"column": "x", "table": "t", "tolerance": 2},
    "reconcile_rows": {"table": "t", "keys": {"id": "id"}, "tolerances": {"x": 1}},
    "authority_match": {"table": "t", "keys": ["id"], "tolerances": {"x": 0.01}},
    "freshness": {"column": "day", "max_age_days": 31},
    "arrival": {"every_days": 7, "grace_days": 1},
    "drift": {"column": "x", "statistic": "js", "threshold": 0.2},
    "custom_sql": {"query": "SELECT id FROM data WHERE x < 0"},
}


def declared(kind, where=""):
    params = check_of(kind, PARAMS[kind]).to_json()
    made = KINDS[kind]
    return Declared("", kind, params, made.dimension, "warning", where)


ALL = [declared(kind) for kind in PARAMS] + [declared("in_range", "id > 7")]


def plain(checks):
    made = [
        replace(each, params=check_of(each.kind, each.params).to_json())
        for each in checks
    ]
    return sorted(made, key=lambda each: (each.kind, each.where))


@pytest.mark.parametrize("form", ["yaml", "odcs", "gx"])
def test_what_is_written_is_read_again(form):
    assert set(PARAMS) == set(KINDS)
    document = write_document(ALL, ABOUT, form)
    found = read_document(document.text, name="people")
    # A contract says the types of columns beside the checks.
    read = [
        each
        for each in found.checks
        if not (
            form == "odcs" and each.kind == "schema" and "s" in each.params["types"]
        )
    ]
    assert plain(read) == plain(ALL)
    assert found.left == ()


def test_what_a_format_cannot_say_is_told():
    said = {form: write_document(ALL, ABOUT, form).left for form in ("odcs", "gx")}
    assert write_document(ALL, ABOUT, "yaml").left == ()
    # Of 27 checks, the contract's library has seven and SQL; a service level says one.
    assert (len(said["odcs"]), len(said["gx"])) == (19, 16)
    assert any("a delivery every 7 days, 1 days of" in each for each in said["odcs"])
    assert not any("day at most 31 days old" in each for each in said["odcs"])
    text = write_document(ALL, ABOUT, "odcs").text
    assert "FROM ${object} WHERE x < 0" in text


def test_a_foreign_contract_is_read_as_far_as_it_goes():
    contract = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "schema": [
            {"name": "other"},
            {
                "name": "people",
                "properties": [
                    {
                        "name": "id",
                        "logicalType": "integer",
                        "required": True,
                        "primaryKey": True,
                        "logicalTypeOptions": {"minimum": 1},
                    },
                    {
                        "name": "mail",
                        "logicalType": "string",
                        "unique": True,
                        "quality": [
                            {"metric": "nullValues", "mustBeLessThan": 1},
                            {"metric": "nullValues", "mustBeLessThan": 10},
                            {"type": "text", "description": "Looks fine"},
                        ],
                    },
                ],
                "quality": [
                    {"metric": "rowCount", "mustBeGreaterThan": 9},
                    {
                        "type": "sql",
                        "query": "SELECT max(id) FROM {object}",
                        "mustBeLessOrEqualTo": 99,
                        "dimension": "conformity",
                    },
                    {"type": "custom", "engine": "soda", "implementation": "x"},
                ],
            },
        ],
        "slaProperties": [
            {"property": "latency", "value": 4},
            {"property": "latency", "value": 48, "unit": "h", "element": "people.id"},
            {"property": "latency", "value": 1, "unit": "d", "element": "other.id"},
            {"property": "frequency", "value": 1, "unit": "week"},
            {"property": "retention", "value": 3, "unit": "y", "element": "people"},
            {"property": "availability", "value": "99.9 %"},
        ],
    }
    found = read_document(yaml.safe_dump(contract), name="people")
    assert {(each.kind, json.dumps(each.params)) for each in found.checks} == {
        ("row_count", '{"minimum": 10.0}'),
        ("custom_sql", '{"query": "SELECT max(id) FROM data", "maximum": 99.0}'),
        ("not_null", '{"column": "id"}'),
        ("in_range", '{"column": "id", "minimum": 1.0}'),
        ("unique", '{"of": ["mail"]}'),
        ("not_null", '{"column": "mail", "max_pct": 0.0}'),
        ("unique", '{"of": ["id"]}'),
        ("schema", '{"types": {"id": "integer", "mail": "text"}}'),
        ("freshness", '{"max_age_days": 2.0, "column": "id"}'),
        ("arrival", '{"every_days": 7.0}'),
    }
    assert found.retention_days == 3 * 365
    assert len(found.left) == 7
    assert any("Looks fine" in each for each in found.left)


def test_service_levels_are_written_and_read_again_without_the_rules():
    checks = [
        Declared("", "freshness", {"max_age_days": 2.5, "column": "x"}),
        Declared("", "arrival", {"every_days": 7.0}),
    ]
    about = replace(ABOUT, retention_days=730)
    contract = yaml.safe_load(write_document(checks, about, "odcs").text)
    assert contract["slaProperties"] == [
        {"property": "latency", "value": 2.5, "unit": "d", "element": "people.x"},
        {"property": "frequency", "value": 7.0, "unit": "d"},
        {"property": "retention", "value": 730, "unit": "d", "element": "people"},
    ]
    (table,) = contract["schema"]
    table.pop("quality")
    for column in table["properties"]:
        column.pop("quality", None)
    found = read_document(yaml.safe_dump(contract), name="people")
    read = [each for each in found.checks if each.kind != "schema"]
    assert (plain(read), found.retention_days) == (plain(checks), 730)


@pytest.mark.parametrize(
    ("condition", "parser", "where", "again"),
    [
        ("x > 5 & s == 'a'", "pandas", "x > 5 AND s = 'a'", "x > 5 and s == 'a'"),
        ("x != 5", "pandas", "x IS DISTINCT FROM 5", "x != 5"),
        (
            "(x > 1 | s.isnull()) and id in [1, 2]",
            "pandas",
            "(x > 1 OR s IS NULL) AND id IN (1, 2)",
            "(x > 1 or s.isnull()) and id in [1, 2]",
        ),
        (
            'col("s").notNull() & col("x") >= -2',
            "great_expectations",
            "NOT s IS NULL AND x >= -2",
            "s.notnull() and x >= -2",
        ),
        ("x > 1 AND s LIKE 'a%'", "spark", "x > 1 AND s LIKE 'a%'", None),
        ("not x > 3", "pandas", None, None),
        ("s.str.len() > 3", "pandas", None, None),
        ("x == id", "pandas", None, None),
        ("__import__('os').system('true')", "pandas", None, None),
        ("x >", "pandas", None, None),
        ("x > 1", "mystery", None, None),
        ({"type": "comparison"}, "pandas", None, None),
    ],
)
def test_a_row_condition_is_a_filter_where_both_mean_the_same(
    condition, parser, where, again
):
    kwargs = {"column": "x", "row_condition": condition, "condition_parser": parser}
    kind = "expect_column_values_to_not_be_null"
    suite = {"name": "s", "expectations": [{"type": kind, "kwargs": kwargs}]}
    found = read_document(json.dumps(suite))
    assert [each.where for each in found.checks] == ([where] if where else [])
    assert len(found.left) == (where is None)
    if where:
        written = json.loads(write_document(list(found.checks), ABOUT, "gx").text)
        said = [each["kwargs"]["row_condition"] for each in written["expectations"]]
        assert said == ([again] if again else [])


@pytest.mark.parametrize("where", ["x <> 3", "NOT x > 3", '"a b" > 1', "x = id"])
def test_a_filter_that_treats_gaps_otherwise_stays_in_the_notes(where):
    check = Declared("", "not_null", {"column": "x"}, where=where)
    document = write_document([check], ABOUT, "gx")
    assert len(document.left) == 1
    assert read_document(document.text).checks[0].where == where


def test_a_foreign_suite_is_read_as_far_as_it_goes():
    suite = {
        "name": "s",
        "expectations": [
            {
                "expectation_type": "expect_column_values_to_be_between",
                "kwargs": {"column": "x", "min_value": 0, "mostly": 0.9},
            },
            {
                "type": "expect_column_values_to_not_be_null",
                "kwargs": {"column": "x", "mostly": 0.9},
                "severity": "warning",
            },
            {"type": "expect_column_kl_divergence_to_be_less_than", "kwargs": {}},
            {
                "type": "expect_column_values_to_match_regex",
                "kwargs": {"column": "s", "regex": "^a"},
            },
        ],
    }
    found = read_document(json.dumps(suite))
    assert [(each.kind, each.severity) for each in found.checks] == [
        ("not_null", "warning"),
        ("matches", ""),
    ]
    assert found.checks[0].params["max_pct"] == 10
    assert len(found.left) == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a: [",
        "just text",
        "{",
        "[1]",
        "a: &x [1]\nb: *x",
        "!!python/object/apply:os.system ['true']",
        "a: !!timestamp x",
        "a: !!bool x",
        "{" * 5000,
        "x" * 1_000_001,
    ],
)
def test_a_file_that_is_none_is_refused(text):
    with pytest.raises(CheckProblem):
        read_document(text)


def test_checks_that_make_no_sense_are_told_and_the_others_kept():
    text = yaml.safe_dump(
        {
            "format": "mlops-portal-checks",
            "checks": [
                {"kind": "not_null", "params": {"column": "x"}, "colour": "red"},
                {"kind": "magic"},
                {"kind": "custom_sql", "params": {"query": "DROP VIEW data"}},
                7,
            ],
        }
    )
    found = read_document(text)
    assert [each.kind for each in found.checks] == ["not_null"]
    assert len(found.left) == 4
