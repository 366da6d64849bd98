"""Checks of tables of a handful of rows."""

import json

import polars as pl
import pytest

from engine.checks import Assessment
from engine.checks.run import run_checks
from engine.progress import Silent

NOW = "2024-06-30T00:00:00Z"


@pytest.fixture
def checked(tmp_path):
    """Return a function from columns, checks and other tables to an assessment."""

    def run(columns, *checks, others=None, **asked):
        paths = {}
        for name, table in {"main": columns, **(others or {})}.items():
            paths[name] = str(tmp_path / f"{name}.parquet")
            pl.DataFrame(table).write_parquet(paths[name])
        declared = [
            {
                "id": str(number),
                "kind": kind,
                "params": {k: v for k, v in said.items() if k not in OUTSIDE},
                **{k: v for k, v in said.items() if k in OUTSIDE},
            }
            for number, (kind, said) in enumerate(checks)
        ]
        content = run_checks(
            source=paths.pop("main"),
            folder=tmp_path,
            report=Silent(),
            asked={"checks": declared, "tables": paths, "as_of": NOW, **asked},
        )
        return Assessment.from_json(json.loads(json.dumps(content)))

    return run


OUTSIDE = {"where", "severity", "dimension"}
