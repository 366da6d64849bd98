"""What a profile suggests holds in the data, and is not declared yet."""

import polars as pl

from engine.checks import Declared
from engine.checks.suggest import suggest
from engine.profile import Profile, profile_table
from engine.progress import Silent


def test_a_profile_suggests_what_holds_and_nobody_declared(checked, tmp_path):
    columns = {
        "id": list(range(200)),
        "code": [f"AB-{i:03}" for i in range(200)],
        "plan": ["basic", "plus"] * 100,
        "fee": [None] * 50 + [float(i) for i in range(150)],
    }
    path = tmp_path / "t.parquet"
    pl.DataFrame(columns).write_parquet(path)
    profile_table(source=str(path), folder=tmp_path, report=Silent())
    text = (tmp_path / "profile.json").read_bytes()
    import json

    profile = Profile.from_json(json.loads(text))
    there = [Declared("1", "not_null", {"column": "plan"})]
    found = suggest(profile, there)
    assert {(each.kind, tuple(each.check().columns())) for each in found} == {
        ("schema", ()),
        ("row_count", ()),
        ("no_duplicate_rows", ()),
        ("not_null", ("id",)),
        ("not_null", ("code",)),
        ("unique", ("id",)),
        ("unique", ("code",)),
        ("in_range", ("id",)),
        ("in_range", ("fee",)),
        ("in_set", ("plan",)),
        ("format_uniform", ("code",)),
    }
    results = checked(columns, *((each.kind, each.params) for each in found)).results
    assert {each.state for each in results} == {"kept"}
    assert len({each.id for each in found}) == len(found)
