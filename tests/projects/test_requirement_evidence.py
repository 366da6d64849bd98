"""Several tests in one requirement, the least evidence, answers, documents, history."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from core.access import Actor
from core.models import ObjectRef
from core.trash import empty
from projects import services
from projects.models import Evidence, Requirement
from projects.selectors.requirement_pages import history
from projects.selectors.requirements import State, standing_of, verdicts_on
from projects.services import Measurement, Subject
from tests.factories import a_member, a_project, a_user

RUN = Subject("run", "r1", "heron", "/p/x/runs/r1/")
pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return a_project()


@pytest.fixture
def actor(project):
    return Actor(user=project.created_by)


def require(project, kind, **said):
    row = Requirement(project=project, kind=kind)
    title = {"title": f"{kind} holds"}
    services.save_requirement(
        row, actor=Actor(user=project.created_by), said={**title, **said}
    )
    return row


def measure(project, subject=RUN, **values):
    services.record_evidence(
        project,
        subject=subject,
        measurements=[Measurement(key, each) for key, each in values.items()],
        inputs={},
    )


def nominate(project, actor):
    services.nominate_candidate(
        project, actor=actor, kind="run", subject_id="r1", label="heron"
    )


@pytest.mark.parametrize(
    ("n", "verdict"), [(199, "too_little"), (200, "met"), (None, "too_little")]
)
def test_fewer_cases_than_asked_for_are_too_little_evidence(project, n, verdict):
    require(project, "accuracy", metric_key="recall", threshold=0.7, minimum_n=200)
    services.record_evidence(
        project,
        subject=RUN,
        measurements=[Measurement("recall", 0.9, n=n)],
        inputs={},
    )
    assert Evidence.objects.get(requirement_version__isnull=False).verdict == verdict


def test_the_worst_of_several_tests_says_how_it_stands(project, actor):
    row = require(
        project,
        "deployment",
        details={"latency_p99_ms": 200, "model_mb": 50, "memory_mb": 512},
    )
    measure(project, latency_p99=150.0, model_bytes=80.0)
    nominate(project, actor)
    standing = standing_of(Requirement.objects.get(pk=row.pk))
    assert standing.state is State.FAILED
    assert standing.deciding.bound.metric_key == "model_bytes"
    assert [part.state for part in standing.parts] == [
        State.MET,
        State.FAILED,
        State.NOT_YET,
    ]


def test_what_no_run_measures_is_attested_beside_it(project, actor):
    row = require(project, "deployment", details={"model_mb": 50, "memory_mb": 512})
    measure(project, model_bytes=20.0)
    nominate(project, actor)
    assert standing_of(Requirement.objects.get()).state is State.NOT_YET
    services.attest(row, actor=actor, holds=True, note="measured with top")
    assert standing_of(Requirement.objects.get()).state is State.MET


def test_a_run_is_judged_by_what_runs_measure(project):
    require(
        project,
        "frequency",
        details={"mode": "real_time", "latency_ms": 100, "freshness_days": 3},
    )
    measure(project, latency_p99=90.0)
    found = verdicts_on(project, "run", ["r1"])["r1"]
    assert found.met == 1


def test_a_level_is_met_by_the_families_it_allows(project, actor):
    row = require(
        project,
        "transparency",
        details={"level": "interpretable", "explanations": ["importance"]},
    )
    measure(project, interpretability=1.0)
    nominate(project, actor)
    standing = standing_of(Requirement.objects.get(pk=row.pk))
    assert standing.state is State.FAILED
    assert (standing.required, standing.measured) == (
        "readable",
        "explained",
    )


# -- answers


@pytest.fixture
def gdpr(project):
    return require(project, "compliance", details={"template": "gdpr"})


def answer(client, row, status=302, **typed):
    address = reverse("projects:requirement_answers", args=[row.project.slug, row.pk])
    page = client.post(address, {k.replace("__", "-"): v for k, v in typed.items()})
    assert page.status_code == status
    return page


def test_a_template_without_answers_is_not_met(gdpr):
    standing = standing_of(gdpr)
    assert standing.state is State.FAILED
    assert standing.evidence.note == "0 of 1 met, 1 open"


def test_answers_make_a_version_and_its_evidence(client, project, gdpr):
    client.force_login(project.created_by)
    answer(client, gdpr, personal_data__answer="no")
    row = Requirement.objects.get()
    assert row.current.version == 2
    assert standing_of(row).state is State.MET
    assert standing_of(row).evidence.person == project.created_by


def test_without_a_script_the_next_questions_come_with_the_next_page(
    client, project, gdpr
):
    client.force_login(project.created_by)
    address = reverse("projects:requirement_answers", args=[project.slug, gdpr.pk])
    first = {
        q.question.key: q.is_hidden
        for q in client.get(address).context["form"].question_fields()
    }
    assert [key for key, is_hidden in first.items() if not is_hidden] == [
        "personal_data"
    ]
    page = answer(client, gdpr, personal_data__answer="yes")
    assert page.url == address
    after = {
        q.question.key: q.is_hidden
        for q in client.get(address).context["form"].question_fields()
    }
    assert not after["dpia"]
    assert after["intervention"]


def test_what_does_not_apply_says_why(client, project, gdpr):
    client.force_login(project.created_by)
    typed = {"personal_data__answer": "yes", "rights__answer": "na"}
    page = answer(client, gdpr, status=422, **typed)
    assert "why it does not apply" in page.content.decode()
    answer(client, gdpr, **typed, rights__note="pseudonyms only")


def test_a_document_stands_behind_an_answer_and_only_members_get_it(
    client, project, gdpr
):
    client.force_login(project.created_by)
    file = SimpleUploadedFile("../dpia <final>.pdf", b"the assessment")
    answer(client, gdpr, personal_data__answer="no", personal_data__file=file)
    ref = ObjectRef.objects.get(owner_kind="requirement")
    kept = Requirement.objects.get().current.details["answers"]["personal_data"]
    assert kept["document"] == {"name": "dpia <final>.pdf", "digest": ref.object_id}
    page = client.get(gdpr.get_absolute_url()).content.decode()
    assert "dpia &lt;final&gt;.pdf" in page

    address = reverse(
        "projects:requirement_document",
        args=[project.slug, gdpr.pk, ref.object_id],
    )
    client.force_login(a_member(project, "viewer"))
    sent = client.get(address)
    assert b"".join(sent.streaming_content) == b"the assessment"
    assert "attachment" in sent["Content-Disposition"]
    other = a_project()
    client.force_login(other.created_by)
    assert client.get(address).status_code == 404
    assert client.get(address.replace(project.slug, other.slug)).status_code == 404


def test_other_fields_keep_the_answers(client, project, gdpr):
    client.force_login(project.created_by)
    answer(client, gdpr, personal_data__answer="no")
    address = reverse("projects:requirement_edit", args=[project.slug, gdpr.pk])
    typed = {
        "title": "GDPR holds",
        "kind": "compliance",
        "priority": "must",
        "test": "computed",
        "comparison": "ge",
        "compliance-template": "gdpr",
        "compliance-slices": "age, region",
    }
    assert client.post(address, typed).status_code == 302
    details = Requirement.objects.get().current.details
    assert details["slices"] == ["age", "region"]
    assert details["answers"] == {"personal_data": {"answer": "no"}}
    assert standing_of(Requirement.objects.get()).evidence.value == pytest.approx(0.5)


# -- attested, with a document


def attest(client, row, **typed):
    address = reverse("projects:requirement_attest", args=[row.project.slug, row.pk])
    return client.post(address, {"holds": "yes", "note": "I read it.", **typed})


def test_a_contributor_attests_with_a_document(client, project):
    row = require(project, "compliance", test="attested")
    client.force_login(a_member(project, "contributor"))
    file = SimpleUploadedFile("audit.txt", b"all well")
    assert attest(client, row, document=file).status_code == 302
    evidence = Evidence.objects.get()
    (name,) = evidence.inputs
    assert name == "document:audit.txt"
    assert standing_of(row).state is State.MET
    assert "audit.txt" in client.get(row.get_absolute_url()).content.decode()


@pytest.mark.parametrize("role", ["viewer", None])
def test_nobody_else_attests(client, project, role):
    row = require(project, "compliance", test="attested")
    client.force_login(a_member(project, role) if role else a_user())
    assert attest(client, row).status_code == 404


def test_what_is_measured_is_not_attested(client, project):
    row = require(project, "accuracy", metric_key="recall", threshold=0.7)
    client.force_login(project.created_by)
    assert attest(client, row).status_code == 404


def test_documents_go_with_their_requirement(client, project, actor):
    row = require(project, "compliance", test="attested")
    client.force_login(project.created_by)
    attest(client, row, document=SimpleUploadedFile("audit.txt", b"all well"))
    services.delete_requirement(row, actor=actor)
    Requirement.objects.update(deleted_at="2020-01-01T00:00:00Z")
    assert empty() == 1
    assert not ObjectRef.objects.filter(owner_kind="requirement").exists()


# -- versions


def test_the_history_says_what_changed_and_who_and_why(project, actor):
    row = require(project, "accuracy", metric_key="recall", threshold=0.7, unit="share")
    said = {**row.current.said(), "threshold": 0.75, "source": "Iris"}
    services.save_requirement(row, actor=actor, said={**said, "reason": "tests"})
    newest, first = history(Requirement.objects.get())
    assert first.changes == ()
    assert [(c.label, c.before, c.after) for c in newest.changes] == [
        ("threshold", "70\N{NO-BREAK SPACE}%", "75\N{NO-BREAK SPACE}%"),
        ("source", "", "Iris"),
    ]
    assert (newest.version.reason, newest.version.created_by) == ("tests", actor.user)


def test_a_restored_version_is_a_new_one(client, project, actor):
    row = require(project, "accuracy", metric_key="recall", threshold=0.7, unit="share")
    services.save_requirement(
        row, actor=actor, said={**row.current.said(), "threshold": 0.9}
    )
    address = reverse(
        "projects:requirement_version_restore", args=[project.slug, row.pk, 1]
    )
    client.force_login(a_member(project, "contributor"))
    assert client.post(address).status_code == 404
    client.force_login(project.created_by)
    assert client.post(address).status_code == 302
    thresholds = Requirement.objects.get().versions.values_list("threshold", flat=True)
    assert list(thresholds) == [0.7, 0.9, 0.7]
    missing = address.replace("versions/1/", "versions/9/")
    assert client.post(missing).status_code == 404
