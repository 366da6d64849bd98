"""Evidence becomes verdicts, and a changed input turns them stale."""

import pytest
from django.core.exceptions import ValidationError

from core.access import Actor
from projects import services
from projects.models import Evidence, Requirement
from projects.selectors.requirements import State, standing_of, verdicts_on
from projects.services import Measurement, Subject
from projects.services.evidence import verdict_of
from tests.factories import a_project

RUN = Subject("run", "r1", "quiet-heron", "/p/x/runs/r1/", "d1")


@pytest.fixture
def project(db):
    return a_project()


def a_must(project, metric="recall", threshold=0.7, comparison="ge", unit="share"):
    requirement = Requirement(project=project, kind="accuracy", priority="must")
    services.save_requirement(
        requirement,
        actor=Actor(user=project.created_by),
        said={
            "title": f"{metric} holds",
            "metric_key": metric,
            "threshold": threshold,
            "comparison": comparison,
            "unit": unit,
        },
    )
    return requirement


def measure(
    project, value, low=None, high=None, *, subject=RUN, key="recall", **inputs
):
    return services.record_evidence(
        project,
        subject=subject,
        measurements=[Measurement(key, value, low, high, n=374, unit="share")],
        inputs=inputs,
    )


def nominate(project, subject=RUN):
    services.nominate_candidate(
        project,
        actor=Actor(user=project.created_by),
        kind=subject.kind,
        subject_id=subject.id,
        label=subject.label,
    )


@pytest.mark.parametrize(
    ("value", "low", "high", "verdict"),
    [
        (0.80, 0.76, 0.84, "met"),
        (0.60, 0.55, 0.65, "failed"),
        (0.72, 0.68, 0.76, "too_little"),
        (0.70, None, None, "met"),
        (0.69, None, None, "failed"),
        (None, None, None, "too_little"),
    ],
)
def test_a_verdict_needs_the_whole_interval_on_one_side(
    project, value, low, high, verdict
):
    version = a_must(project).current
    assert verdict_of(version, Measurement("recall", value, low, high)) == verdict


def test_at_most_turns_the_sides_round(project):
    version = a_must(project, "fpr", 0.2, "le").current
    assert verdict_of(version, Measurement("fpr", 0.1, 0.08, 0.12)) == "met"
    assert verdict_of(version, Measurement("fpr", 0.3, 0.28, 0.32)) == "failed"


def test_a_must_is_not_measured_until_its_run_is_nominated(project):
    must = a_must(project)
    measure(project, 0.8)
    assert standing_of(must).state is State.NOT_YET
    nominate(project)
    must.project.refresh_from_db()
    assert standing_of(must).state is State.MET


def test_evidence_from_data_needs_no_nomination(project):
    must = a_must(project, "completeness_score", 0.9)
    data = Subject("data_set_version", "7", "customers, version 2")
    measure(project, 0.95, subject=data, key="completeness_score")
    assert standing_of(must).state is State.MET


def test_a_changed_input_turns_a_verdict_stale(project):
    must = a_must(project, "completeness_score", 0.9)
    services.note_input(project, "data:1", "old")
    data = Subject("data_set_version", "7", "customers, version 2")
    measure(project, 0.95, subject=data, key="completeness_score", **{"data:1": "old"})
    must.refresh_from_db()
    assert standing_of(must).state is State.MET
    services.note_input(project, "data:1", "new")
    must.project.refresh_from_db()
    assert standing_of(must).state is State.STALE


def test_measuring_again_supersedes_and_keeps_the_old_row(project):
    a_must(project)
    measure(project, 0.6)
    measure(project, 0.8)
    rows = Evidence.objects.filter(requirement_version__isnull=False)
    assert rows.count() == 2
    assert rows.filter(superseded_by=None).get().value == 0.8


def test_a_new_threshold_judges_what_was_measured_before(project):
    must = a_must(project, threshold=0.7)
    measure(project, 0.75)
    nominate(project)
    services.save_requirement(
        must,
        actor=Actor(user=project.created_by),
        said={
            "title": "recall holds",
            "metric_key": "recall",
            "threshold": 0.9,
            "unit": "share",
        },
    )
    must = Requirement.objects.get(pk=must.pk)
    assert must.current.version == 2
    assert standing_of(must).state is State.FAILED


def test_the_same_words_make_no_new_version(project):
    must = a_must(project)
    said = {
        "title": "recall holds",
        "metric_key": "recall",
        "threshold": 0.7,
        "comparison": "ge",
        "unit": "share",
    }
    services.save_requirement(must, actor=Actor(user=project.created_by), said=said)
    assert Requirement.objects.get(pk=must.pk).current.version == 1


def test_attesting_is_evidence_with_a_name(project):
    requirement = Requirement(project=project, kind="compliance")
    actor = Actor(user=project.created_by)
    services.save_requirement(
        requirement, actor=actor, said={"title": "no age is used", "test": "attested"}
    )
    services.attest(requirement, actor=actor, holds=True, note="read the columns")
    standing = standing_of(requirement)
    assert standing.state is State.MET
    assert standing.evidence.person == project.created_by


def test_a_measured_requirement_cannot_be_attested(project):
    with pytest.raises(ValueError, match="measured"):
        services.attest(
            a_must(project), actor=Actor(user=project.created_by), holds=True, note="x"
        )


def test_verdicts_on_many_runs_take_a_constant_number_of_queries(
    project, django_assert_max_num_queries
):
    a_must(project)
    for number in range(20):
        measure(project, 0.8, subject=Subject("run", f"r{number}", f"run {number}"))
    ids = [f"r{number}" for number in range(20)]
    with django_assert_max_num_queries(4):
        found = verdicts_on(project, "run", ids)
    assert {each.met for each in found.values()} == {1}


@pytest.mark.parametrize(
    ("n", "minimum_n", "verdict"),
    [
        (49, None, "too_little"),
        (50, None, "met"),
        (12, 10, "met"),
        (60, 80, "too_little"),
    ],
)
def test_a_group_needs_fifty_cases_unless_told_otherwise(
    project, n, minimum_n, verdict
):
    requirement = a_must(project)
    version = requirement.current
    version.slice, version.minimum_n = "region = north", minimum_n
    found = Measurement("recall", 0.8, 0.75, 0.85, n=n, slice="region = north")
    assert verdict_of(version, found) == verdict


def test_a_slice_is_kept_as_measurements_write_it_and_refused_without_a_column(project):
    said = {
        "title": "holds in the north",
        "metric_key": "recall",
        "threshold": 0.7,
        "comparison": "ge",
        "unit": "share",
    }
    row = Requirement(project=project, kind="accuracy")
    actor = Actor(user=project.created_by)
    kept = services.save_requirement(
        row, actor=actor, said={**said, "slice": "region=north"}
    )
    assert kept.slice == "region = north"
    with pytest.raises(ValidationError) as refused:
        services.save_requirement(row, actor=actor, said={**said, "slice": "< 3"})
    assert "names no column" in refused.value.message_dict["slice"][0]


def test_what_is_measured_again_takes_the_place_of_the_row_before(project):
    a_must(project)
    first = measure(project, 0.8, 0.75, 0.85)
    second = measure(project, 0.9, 0.85, 0.95)
    for before, after in zip(first, second, strict=True):
        before.refresh_from_db()
        assert before.superseded_by == after
