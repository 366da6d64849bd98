"""Requirements as YAML: nothing is lost on the way, and errors name their line."""

import pytest
from django.urls import reverse

from core.access import Actor
from projects import services
from projects.kinds.document import Document, DocumentProblems, Entry, read, write
from projects.models import Requirement, RequirementVersion
from projects.models.requirements import SAID
from projects.services.requirement_document import Act
from tests.factories import a_member, a_project, a_user

HEAD = "format: mlops-portal/requirements/1\nproject: x\nrequirements:\n"
ONE = """- kind: accuracy
  title: Finds at least 70 of 100
  metric: recall
  threshold: 0.7
  unit: share
"""


@pytest.mark.parametrize(
    ("text", "line", "key", "said"),
    [
        ("", 1, "", "is empty"),
        ("a: [}", 1, "", "no YAML"),
        ("just words", 1, "format", "Begin with"),
        ("format: other/1\nrequirements: []", 1, "format", "Begin with"),
        (HEAD + "- kind: speed\n  title: x\n", 4, "kind", "Choose among"),
        (HEAD + "- kind: accuracy\n", 4, "title", "is no text"),
        (HEAD + "- kind: accuracy\n  title: 2026-01-02\n", 5, "title", "in quotes"),
        (HEAD + ONE + "  colour: red\n", 9, "colour", "There is no such key"),
        (HEAD + ONE + "  threshold: 0.8\n", 9, "threshold", "stands here twice"),
        (HEAD + ONE.replace("0.7", "1e-3"), 7, "threshold", "1.0e-3"),
        (HEAD + ONE.replace("0.7", ".nan"), 7, "threshold", "is no number"),
        (HEAD + ONE.replace("0.7", "!!python/name:os.system"), 7, "", "no YAML"),
        (HEAD + ONE.replace("recall", "&a recall"), 6, "", "Anchors"),
        (HEAD + "- nothing\n", 4, "", "Give the fields"),
        (HEAD + ONE + "  minimum_n: 1.5\n", 9, "minimum_n", "whole number"),
        (HEAD + ONE + "  details: 5\n", 9, "details", "holds no fields"),
        (HEAD + ONE + "  details: {a: 2026-01-02}\n", 9, "details", "in quotes"),
        (HEAD + ONE + "  derivation: {seed: 1}\n", 9, "derivation", "“metric”"),
        (HEAD + "- " + "[" * 40, 4, "", "nested too deep"),
        ("# " + "x" * 300_000, 1, "", "more than 256 kB"),
        (HEAD + ONE.replace("0.7", "9" * 5000), 1, "", "cannot be read"),
    ],
)
def test_a_document_that_cannot_be_used_names_line_key_and_remedy(
    text, line, key, said
):
    with pytest.raises(DocumentProblems) as found:
        read(text)
    problem = found.value.problems[0]
    assert (problem.line, problem.key) == (line, key)
    assert said in problem.why


def test_every_problem_is_named_at_once():
    text = HEAD + ONE + ONE.replace("accuracy", "speed") + ONE.replace("0.7", "high")
    with pytest.raises(DocumentProblems) as found:
        read(text)
    assert [(each.line, each.key) for each in found.value.problems] == [
        (9, "kind"),
        (17, "threshold"),
    ]


def test_words_that_yaml_takes_for_booleans_stay_words():
    text = HEAD + "- kind: deployment\n  title: x\n  details: {offline: yes}\n"
    assert read(text).entries[0].said["details"] == {"offline": "yes"}


def test_what_is_written_is_read_again():
    said = {
        "title": "Täglich: “quoted”, yes",
        "metric_key": "recall",
        "threshold": 0.7000000000000001,
        "minimum_n": 200,
        "details": {"slices": ["age", "no"], "retention_days": 3},
        "reason": "a\nb",
    }
    entry = Entry("compliance", "could", said, id=7)
    (found,) = read(write(Document("p", (entry,)))).entries
    assert (found.kind, found.priority, found.id) == ("compliance", "could", 7)
    assert dict(found.said) == said


@pytest.fixture
def project(db):
    return a_project()


@pytest.fixture
def actor(project):
    return Actor(user=project.created_by)


def fill(project, actor):
    wishes = (
        ("accuracy", {"metric_key": "recall", "threshold": 0.7, "unit": "share"}),
        ("accuracy", {"metric_key": "fpr", "threshold": 0.2, "comparison": "le",
                      "slice": "new customers", "minimum_n": 150, "source": "Iris"}),
        ("frequency", {"details": {"mode": "batch", "every": 1, "period": "week"}}),
        ("transparency", {"details": {"level": "any"}}),
        ("deployment", {"details": {"model_mb": 50, "memory_mb": 512}}),
        ("compliance", {"details": {"template": "gdpr", "slices": ["age"], "answers": {
            "personal_data": {"answer": "yes", "note": "customers"}}}}),
        ("compliance", {"test": "attested", "reason": "policy"}),
    )  # fmt: skip
    for number, (kind, said) in enumerate(wishes):
        row = Requirement(project=project, kind=kind, priority="should")
        title = {"title": f"Wish {number}: {kind}"}
        services.save_requirement(row, actor=actor, said={**title, **said})
    derived = services.derive(project, at=0.02, confidence=0.5)
    services.require_derived(derived, project=project, actor=actor)


def versions_of(requirement):
    return RequirementVersion.objects.filter(requirement=requirement).count()


def said_of(project):
    rows = Requirement.objects.filter(project=project, deleted_at=None)
    return [(r.kind, r.priority, r.current.said()) for r in rows]


def test_the_round_trip_loses_nothing(project, actor):
    fill(project, actor)
    text = services.export_document(project)
    other = a_project(project.created_by, slug="other")
    plan = services.plan_document(other, text)
    assert (plan.added, plan.changed) == (8, 0)
    services.apply_document(other, plan, actor=actor)
    blank = {"reason": ""}
    assert [
        (kind, priority, {**said, **blank}) for kind, priority, said in said_of(other)
    ] == [
        (kind, priority, {**said, **blank}) for kind, priority, said in said_of(project)
    ]
    assert set(said_of(project)[0][2]) == set(SAID)


def test_its_own_document_changes_nothing(project, actor):
    fill(project, actor)
    plan = services.plan_document(project, services.export_document(project))
    assert (plan.added, plan.changed, plan.kept, plan.untouched) == (0, 0, 8, 0)


def test_the_plan_says_what_would_change_and_writes_nothing(project, actor):
    fill(project, actor)
    text = services.export_document(project).replace(
        "threshold: 0.7\n", "threshold: 0.75\n"
    )
    plan = services.plan_document(project, text)
    (step,) = [each for each in plan.steps if each.act is Act.CHANGE]
    (change,) = step.changes
    assert (change.label, change.before, change.after) == (
        "threshold",
        "70\N{NO-BREAK SPACE}%",
        "75\N{NO-BREAK SPACE}%",
    )
    assert versions_of(step.requirement) == 1
    services.apply_document(project, plan, actor=actor)
    assert versions_of(step.requirement) == 2


def test_what_the_model_refuses_is_named_with_its_line(project):
    text = HEAD + "- kind: frequency\n  title: x\n  details:\n    mode: batch\n"
    with pytest.raises(DocumentProblems) as found:
        services.plan_document(project, text)
    problem = found.value.problems[0]
    assert (problem.line, problem.key) == (6, "details")
    assert "every" in problem.why


def test_a_requirement_is_named_once(project, actor):
    fill(project, actor)
    (wish, *_rest) = read(services.export_document(project)).entries
    text = write(Document(project.slug, (wish, wish)))
    with pytest.raises(DocumentProblems, match="twice"):
        services.plan_document(project, text)


def test_an_id_of_another_project_names_nothing_here(project, actor):
    fill(project, actor)
    other = a_project(project.created_by, slug="other")
    row = project.requirements.earliest("pk")
    text = HEAD.replace("x", "other") + ONE + f"  id: {row.pk}\n"
    plan = services.plan_document(other, text)
    assert (plan.added, plan.changed) == (1, 0)


def test_a_person_looks_at_the_changes_before_they_are_written(client, project):
    client.force_login(project.created_by)
    address = project.url("projects:requirements_import")
    page = client.post(address, {"text": HEAD + ONE})
    plan = page.context["plan"]
    assert (plan.added, Requirement.objects.count()) == (1, 0)
    moved = client.post(address, {"text": HEAD + ONE, "apply": "0" * 64})
    assert "look again" in moved.content.decode()
    assert not Requirement.objects.exists()
    done = client.post(address, {"text": HEAD + ONE, "apply": plan.digest})
    assert done.status_code == 302
    assert Requirement.objects.get().current.threshold == 0.7


def test_a_bad_document_is_answered_with_its_line(client, project):
    client.force_login(project.created_by)
    address = project.url("projects:requirements_import")
    answer = client.post(address, {"text": HEAD + ONE.replace("0.7", "high")})
    assert answer.status_code == 422
    assert "line 7" in answer.content.decode()


def test_who_reads_may_take_the_document_and_nobody_else(client, project, actor):
    fill(project, actor)
    address = project.url("projects:requirements_export")
    client.force_login(a_member(project, "viewer"))
    answer = client.get(address)
    assert answer.content.decode() == services.export_document(project)
    assert "attachment" in answer["Content-Disposition"]
    assert (
        client.post(
            reverse("projects:requirements_import", args=[project.slug])
        ).status_code
        == 404
    )
    client.force_login(a_user())
    assert client.get(address).status_code == 404
