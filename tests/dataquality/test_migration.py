"""The rules of old become checks that the engine takes."""

import importlib

from engine.checks import check_of

RULES = {
    "required": ["a", "b"],
    "key": ["id", "day"],
    "expected_keys": {"path": "register", "key": ["number", "date"]},
    "authority": {"path": "truth", "key": ["id"], "tolerances": {"a": 0.5, "b": 0}},
    "consistency": [
        {"rule": "compare_columns", "left": "a", "op": "<", "right": "b"},
        {"rule": "product_close", "total": "a", "factors": ["b"], "relative": 0.1},
        {"rule": "foreign_key", "column": "a", "path": "t", "reference": "n"},
        {"rule": "format_uniform", "column": "id"},
    ],
    "timeliness": {"column": "day", "target_days": 31},
    "validity": [
        {"rule": "in_set", "column": "a", "values": ["x", 2]},
        {"rule": "in_range", "column": "b", "minimum": 0},
        {"rule": "type_is", "column": "a", "kind": "number"},
    ],
    "as_of": "2026-09-01T00:00:00Z",
}


def test_every_rule_becomes_a_check_whose_words_its_results_had():
    migration = importlib.import_module("dataquality.migrations.0002_checks")
    found = list(migration.checks_of(RULES))
    made = [check_of(kind, params) for kind, _dimension, params, _words in found]
    assert [each.kind for each in made] == [
        "not_null",
        "not_null",
        "unique",
        "expected_keys",
        "authority_match",
        "authority_match",
        "compare_columns",
        "product_close",
        "foreign_key",
        "format_uniform",
        "freshness",
        "in_set",
        "in_range",
        "type_is",
    ]
    assert [dimension for _kind, dimension, _params, _words in found] == [
        each.dimension for each in made
    ]
    assert made[3].keys == {"id": "number", "day": "date"}
    assert made[10].at == "2026-09-01T00:00:00Z"
    assert list(migration.checks_of({})) == []
