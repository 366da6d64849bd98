"""Who is told what: answers, proposals, musts that turned, jobs, sentences."""

import ast
from pathlib import Path

import pytest

from core import notices
from core.access import Actor
from core.jobs import ledger
from core.models import Job
from core.selectors.activity import _sentences
from projects import services
from projects.models import Decision, Membership, Requirement
from tests import factories

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def project():
    return factories.a_project(factories.a_user("Ana Ferreira"))


def told(person):
    return [(each.text, each.count) for each in notices.unread_of(person)]


def test_editors_are_told_of_an_answer_once_and_others_are_not(project):
    viewer = factories.a_member(project, "viewer")
    team = factories.a_team(members=[factories.a_user("Mei")])
    Membership.objects.create(project=project, team=team, role="editor")
    invitation, _secret = factories.an_invitation(factories.a_stakeholder(project))
    services.answer_invitation(invitation)
    services.answer_invitation(invitation)
    for editor in (project.created_by, team.members.get()):
        assert [count for _text, count in told(editor)] == [1]
        assert "Ruth Adler answered" in told(editor)[0][0]
    assert told(viewer) == []


def test_editors_are_told_that_somebody_would_rather_not(project):
    invitation, _secret = factories.an_invitation(factories.a_stakeholder(project))
    services.decline_invitation(invitation, reason="not my field")
    assert "would rather not" in told(project.created_by)[0][0]


def test_those_who_sign_are_told_of_a_proposal_and_of_no_change_of_it(project):
    signs, listens = factories.a_user("Ingrid"), factories.a_user("Otto")
    factories.a_stakeholder(project, "Ingrid", user=signs, capacity="sponsor")
    factories.a_stakeholder(project, "Otto", user=listens)
    row = Decision(
        project=project, gate="design", question="Go?", verdict="go", rationale="pays"
    )
    services.propose_decision(row, actor=Actor(user=project.created_by))
    services.propose_decision(row, actor=Actor(user=project.created_by))
    assert told(signs) == [("Proposed and waiting for your signature: Go?", 1)]
    assert told(listens) == []


def must(project, priority="must"):
    row = Requirement(project=project, kind="accuracy", priority=priority)
    said = {
        "title": "complete data",
        "test": "computed",
        "metric_key": "completeness_score",
        "comparison": "ge",
        "threshold": 0.9,
    }
    services.save_requirement(row, actor=Actor(user=project.created_by), said=said)


def measure(project, value, digest="a", kind="data_set_version"):
    services.record_evidence(
        project,
        subject=services.Subject(kind, "1", "customers v1"),
        measurements=[services.Measurement("completeness_score", value)],
        inputs={"data:1": digest},
    )


def test_editors_are_told_when_new_evidence_fails_a_must(
    project, django_capture_on_commit_callbacks
):
    must(project)
    with django_capture_on_commit_callbacks(execute=True):
        measure(project, 0.95)
    assert told(project.created_by) == []
    with django_capture_on_commit_callbacks(execute=True):
        measure(project, 0.5)
    (line,) = told(project.created_by)
    assert "is failing: complete data" in line[0]
    with django_capture_on_commit_callbacks(execute=True):
        measure(project, 0.4)  # it failed before: nothing new
    assert told(project.created_by) == [line]


def test_a_must_that_is_stale_for_a_moment_is_not_told(
    project, django_capture_on_commit_callbacks
):
    must(project)
    services.note_input(project, "data:1", "a")
    measure(project, 0.95)
    with django_capture_on_commit_callbacks(execute=True):
        services.note_input(project, "data:1", "b")
        measure(project, 0.97, digest="b")
    assert told(project.created_by) == []
    with django_capture_on_commit_callbacks(execute=True):
        services.note_input(project, "data:1", "c")
    assert "is stale" in told(project.created_by)[0][0]


@pytest.mark.parametrize(("priority", "kind"), [("should", "data"), ("must", "run")])
def test_neither_what_is_no_must_nor_a_run_that_is_no_candidate_is_told(
    project, django_capture_on_commit_callbacks, priority, kind
):
    must(project, priority)
    with django_capture_on_commit_callbacks(execute=True):
        measure(project, 0.1, kind=kind)
    assert told(project.created_by) == []


def a_running_job(person, number):
    return Job.objects.create(
        kind="experiments.nothing",
        queue="train",
        title=f"Train {number}",
        project_id=7,
        created_by=person,
        state=Job.State.RUNNING,
        attempt=1,
    )


def test_whoever_started_jobs_is_told_once_that_they_failed():
    ana = factories.a_user("Ana")
    for number in (1, 2):
        job = a_running_job(ana, number)
        ledger.finish(job, Job.State.FAILED, error="The target has one class.")
    ledger.finish(a_running_job(ana, 3), Job.State.CANCELLED)
    ledger.finish(a_running_job(ana, 4), Job.State.SUCCEEDED)
    assert told(ana) == [
        ("Train 2 ended without a result: The target has one class.", 2)
    ]


def test_whoever_started_a_job_is_told_of_its_quarantine():
    ana = factories.a_user("Ana")
    job = a_running_job(ana, 1)
    job.losses = 2
    ledger.lose(job, reason="killed")
    assert "died 3 times" in told(ana)[0][0]


def recorded_actions():
    """Return what the code writes into the audit trail, as far as it is plain text."""
    for path in ROOT.glob("*/**/*.py"):
        if path.relative_to(ROOT).parts[0] in {"tests", ".venv", "benchmarks", "var"}:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.record":
                for part in ast.walk(node.args[1]):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield part.value


def test_every_act_of_the_audit_trail_is_told_in_a_sentence():
    told_ones = set(_sentences)
    assert {each for each in recorded_actions() if each not in told_ones} == set()
