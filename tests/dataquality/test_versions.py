"""Versions by content, their scores by the example's known defects, their evidence."""

import json
from datetime import UTC, datetime

import polars as pl
import pytest

from core import objects
from core.access import Actor
from core.jobs.testing import run_now
from dataquality import selectors, services, tasks
from dataquality.models import CheckResult, DataSet, DataSetVersion
from engine.checks.documents import read_document
from projects.models import Evidence
from tests import factories
from tests.dataquality.conftest import CHURN

SMALL = b"name,age\nAna,31\nBo,\nCy,52\n"


@pytest.fixture
def churn(project, owner, deliver):
    """Version 2 of the example's customers, with its authority."""
    actor = Actor(user=owner)
    billing = services.create_data_set(project, actor=actor, name="billing")
    deliver(billing, (CHURN / "billing.csv").read_bytes(), "billing.csv")
    customers = services.create_data_set(project, actor=actor, name="customers")
    found = read_document((CHURN / "checks.yaml").read_text())
    assert found.left == ()
    services.take_in(customers, found.checks, actor=actor, origin="declared")
    return deliver(customers, (CHURN / "customers_2.csv").read_bytes(), "c2.csv")


def test_the_example_scores_what_its_defects_say(churn):
    defects = json.loads((CHURN / "defects.json").read_text())
    scores = {each.dimension: each for each in churn.profile.dimensions()}
    broken = {
        each.in_words: each.violating
        for each in CheckResult.objects.filter(profile=churn.profile)
    }

    wrong = (
        defects["monthly_charges behind billing"] + defects["tenure ahead of billing"]
    )
    assert scores["accuracy"].value == pytest.approx(1 - wrong / 6000)
    assert scores["completeness"].value == pytest.approx(1 - 25 / 3025)
    assert scores["uniqueness"].value == pytest.approx(1 - 40 / 7083)
    assert broken["as_of at most 31 days old"] == defects["stale as_of"]
    assert broken["monthly_charges is present"] == defects["missing monthly_charges"]
    assert broken["tenure between 0 and 100"] == defects["negative tenure"]


def test_evidence_names_what_it_was_computed_from(churn, project):
    billing = DataSet.objects.get(name="billing").versions.get()
    rows = Evidence.objects.filter(subject_kind="data_set_version")
    by_metric = {each.metric_key: each for each in rows}

    assert set(by_metric) == {
        "accuracy_score",
        "completeness_score",
        "consistency_score",
        "timeliness_score",
        "data_age_days",
        "personal_columns",
        "personal_column",
    }
    accuracy = by_metric["accuracy_score"]
    assert accuracy.value == pytest.approx(0.96)
    assert accuracy.n == 6000
    assert accuracy.subject_label == "customers, version 1"
    assert accuracy.inputs == {
        f"data:{churn.data_set_id}": churn.digest,
        f"data:{billing.data_set_id}": billing.digest,
    }
    assert by_metric["data_age_days"].unit == "days"
    project.refresh_from_db()
    assert project.current_inputs[f"data:{churn.data_set_id}"] == churn.digest


def test_without_checks_nothing_is_a_number(version):
    scores = version.profile.dimensions()

    assert len(scores) == 6
    assert all(score.value is None for score in scores)
    assert all(score.note.startswith("Not assessed") for score in scores)
    assert not Evidence.objects.exclude(metric_key__startswith="personal").exists()


def test_a_check_that_does_not_fit_is_an_error_and_the_others_count(
    project, owner, deliver, declare
):
    people = services.create_data_set(project, actor=Actor(user=owner), name="people")
    match = {"table": "registry", "keys": ["name"], "tolerances": {"age": 0}}
    declare(
        people,
        ("authority_match", match),
        ("not_null", {"column": "name"}),
        ("not_null", {"column": "shoe"}),
    )
    version = deliver(people, SMALL)
    scores = {s.dimension: s for s in version.profile.dimensions()}
    results = {str(r.in_words): r for r in version.profile.results.all()}

    assert scores["accuracy"].value is None
    assert "“registry”" in scores["accuracy"].note
    assert scores["completeness"].value == 1
    assert results["shoe is present"].is_error
    assert (
        "no column “shoe”; it has name, age" in results["shoe is present"].note_in_words
    )
    assert results["name is present"].is_kept


def test_the_age_is_measured_from_the_day_given_with_the_upload(
    project, owner, deliver, declare
):
    people = services.create_data_set(project, actor=Actor(user=owner), name="people")
    declare(people, ("freshness", {"max_age_days": 10, "at": "2026-03-11T00:00:00Z"}))
    version = deliver(people, SMALL, delivered_at=datetime(2026, 2, 26, tzinfo=UTC))
    scores = {s.dimension: s for s in version.profile.dimensions()}

    # 13 days old against 10: 1 - 3/10.
    assert scores["timeliness"].value == pytest.approx(0.7)
    assert Evidence.objects.get(metric_key="data_age_days").value == 13

    undated = deliver(people, SMALL + b"Di,4\n")
    assert undated.profile.dimensions()[3].value is None
    assert undated.profile.results.get().is_error


def test_equal_bytes_are_the_same_version(data_set, deliver):
    first = deliver(data_set, SMALL)
    again = deliver(data_set, SMALL, "other name.csv")

    assert again == first
    assert data_set.versions.count() == 1


def test_equal_values_in_another_file_are_said_to_be_there(data_set, deliver):
    first = deliver(data_set, SMALL)
    second = deliver(data_set, SMALL.replace(b"\n", b"\r\n"))

    assert second.is_refused
    assert "holds the same rows as version 1" in second.refusal
    assert data_set.versions.filter(state="ready").get() == first


def test_csv_and_parquet_of_equal_values_have_one_digest(version, tmp_path, deliver):
    table = services.table_path(version)
    pl.read_parquet(table).write_parquet(tmp_path / "t.parquet", compression="gzip")
    other = services.create_data_set(
        version.data_set.project, actor=Actor(), name="as parquet"
    )
    twin = deliver(other, (tmp_path / "t.parquet").read_bytes(), "t.parquet")

    assert twin.digest == version.digest
    assert twin.source_digest != version.source_digest


def test_the_table_is_the_canonical_one(version):
    table = pl.read_parquet(services.table_path(version))

    assert table.to_dict(as_series=False) == {
        "name": ["Ana", "Bo", "Cy"],
        "age": [31, None, 52],
    }


def test_equal_bytes_of_two_projects_know_nothing_of_each_other(deliver):
    one, two = factories.a_project(slug="one"), factories.a_project(slug="two")
    sets = [
        services.create_data_set(each, actor=Actor(user=each.created_by), name="x")
        for each in (one, two)
    ]
    versions = [deliver(each, SMALL) for each in sets]

    assert [each.number for each in versions] == [1, 1]
    assert all(each.is_ready for each in versions)
    objects.release(services.OWNER, versions[0].pk)
    assert services.table_path(versions[1]).exists()
    visible = DataSetVersion.objects.visible_to(Actor(user=one.created_by))
    assert list(visible) == [versions[0]]


def test_a_new_version_turns_older_evidence_stale(project, owner, deliver, declare):
    people = services.create_data_set(project, actor=Actor(user=owner), name="p")
    declare(people, ("not_null", {"column": "age"}))
    first = deliver(people, SMALL)
    second = deliver(people, SMALL + b"Di,4\n")
    project.refresh_from_db()

    assert project.current_inputs[people.input_name] == second.digest
    old = Evidence.objects.get(
        subject_id=str(first.pk), metric_key="completeness_score"
    )
    assert old.inputs[people.input_name] != second.digest


def test_assessing_again_replaces_scores_and_evidence(version, owner, declare):
    declare(version.data_set, ("not_null", {"column": "age"}))
    run_now(tasks.start_assessing(version, actor=Actor(user=owner)))
    version.profile.refresh_from_db()

    assert version.profile.dimensions()[1].value == pytest.approx(2 / 3)
    scores = Evidence.objects.filter(metric_key__endswith="_score", superseded_by=None)
    assert scores.get().value == pytest.approx(2 / 3)


def test_whoever_lost_the_right_reads_nothing(data_set, project):
    editor = factories.a_member(project, "editor")
    incoming = objects.receive([SMALL], limit=1000)
    version = services.deliver(
        data_set, actor=Actor(user=editor), incoming=incoming, file_name="a.csv"
    ).version
    job = tasks.start_reading(version, actor=Actor(user=editor))
    project.memberships.filter(user=editor).delete()
    run_now(job)
    version.refresh_from_db()

    assert version.is_refused
    assert "may not do it any more" in version.refusal


def test_the_strip_and_the_overview_say_how_the_data_stands(churn, project):
    fact = selectors.data_station(project)
    summary = selectors.data_summary(project)

    assert fact.fact == "customers, version 1, 7\N{NARROW NO-BREAK SPACE}083 rows"
    assert fact.state == "met"
    assert selectors.has_data(project)
    assert summary.title == "Data is weakest in timeliness, 92 of 100"
    assert [round(each.value) for each in summary.scores] == [96, 99, 99, 92]
    assert summary.problem.startswith("as_of at most 31 days old: broken by 637")


def test_a_project_without_data_says_so(project):
    assert selectors.data_station(project).state == "todo"
    assert selectors.data_summary(project) is None
    assert not selectors.has_data(project)


def test_a_measurement_is_a_share_between_none_and_all(churn):
    rows = Evidence.objects.filter(unit="share", metric_key__endswith="_score")
    values = rows.values_list("value", flat=True)

    assert len(values) == 4
    assert all(0 <= value <= 1 for value in values)


@pytest.mark.parametrize("name", ["n", "w", "c", "word", "count", "rule", "holds"])
def test_a_column_may_have_any_name(name, data_set, deliver):
    version = deliver(data_set, f"{name},other\nx,1\ny,2\nx,3\n".encode())

    assert version.is_ready
    assert version.profile.table().column(name).distinct == 2


def test_the_sample_shows_both_ends_of_a_table_and_no_row_twice(data_set, deliver):
    rows = "".join(f"{number}\n" for number in range(23))
    sample = deliver(data_set, f"n\n{rows}".encode()).profile.sample
    assert [len(sample["rows"]), sample["last"]] == [20, [["20"], ["21"], ["22"]]]
    few = deliver(data_set, b"n\n1\n2\n").profile.sample
    assert few["last"] == []
