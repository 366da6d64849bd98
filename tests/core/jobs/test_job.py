"""A job as its task sees it, run in this process with a real child."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models.functions import Now

from core.access import NOBODY, Actor
from core.jobs import JobFailed, ask_cancel, background_job, kinds, ledger, reconcile
from core.jobs.testing import run_now
from core.models import AuditEntry, Job, Notification, User
from tests.core.jobs import work


@background_job(
    kind="test_double",
    queue="interactive",
    wall=20,
    memory_mb=256,
    allowed=lambda actor, x, user_id: actor.user.pk == user_id,
)
def double(job, *, x: float, user_id: int) -> None:
    """Double a number and tell the person."""
    measured = []
    job.on_metric = lambda key, value, step: measured.append((key, value, step))
    answer = job.compute(work.double, x=x)
    assert measured == [("x", x, 3)]
    assert (job.folder / "out.txt").read_text() == str(answer["x"])
    with job.recording(result=answer):
        Notification.objects.create(user_id=user_id, kind="t", text=str(answer["x"]))


def follow(job):
    Notification.objects.create(user=job.created_by, kind="end", text=job.state)


@background_job(
    kind="test_call", queue="data", wall=20, memory_mb=256, file_mb=4, on_end=follow
)
def call(job, *, function: str, arguments):
    """Call a function of the tests' own."""
    job.compute(getattr(work, function), **arguments)
    with job.recording():
        Notification.objects.create(user=job.actor.user, kind="t", text="effect")


@background_job(kind="test_impatient", queue="data", wall=0.5, memory_mb=256)
def impatient(job) -> None:
    """Take longer than it may."""
    job.compute(work.sleep, seconds=600.0)


@background_job(kind="test_in_place", queue="data", wall=20)
def in_place(job, *, way: str) -> None:
    """End in one of many ways, without a computation."""
    WAYS[way](job)


def record_then_stumble(job) -> None:
    with job.recording():
        Notification.objects.create(user=job.actor.user, kind="t", text="half")
        raise ZeroDivisionError


def record_after_losing_the_lease(job) -> None:
    Job.objects.filter(pk=job.id).update(lease_until=Now() - timedelta(seconds=1))
    assert reconcile.expire_leases() == 1
    with job.recording():
        raise AssertionError("never reached")


def ask_for_cancel_and_go_on(job) -> None:
    job.cancel_asked.set()
    job.progress(0.5)
    raise AssertionError("never reached")


def record_twice(job) -> None:
    with job.recording():
        pass
    with job.recording():
        raise AssertionError("never reached")


def fail(job) -> None:
    raise JobFailed("The run has no data. Choose a version first.")


def exhaust_memory(job) -> None:
    raise MemoryError


def lose_the_database(job) -> None:
    raise OperationalError("server closed the connection unexpectedly")


def cannot_tell(actor, *, run_id: int) -> bool:
    raise User.DoesNotExist


@background_job(kind="test_vanished", queue="data", wall=20, allowed=cannot_tell)
def vanished(job, *, run_id: int) -> None:
    """Work on a row that is gone by the time of the claim."""


WAYS = {
    "nothing": lambda job: job.progress(0.3, "a third"),
    "record then stumble": record_then_stumble,
    "lost lease": record_after_losing_the_lease,
    "cancel": ask_for_cancel_and_go_on,
    "twice": record_twice,
    "fail": fail,
    "memory": exhaust_memory,
    "database": lose_the_database,
    "lambda": lambda job: job.compute(lambda folder, report: {}),
}


@pytest.fixture
def ann(db):
    return User.objects.create_user("ann@example.org")


@pytest.fixture
def started(ann, work_dir):
    def started(task, **ids):
        return task.start(actor=Actor(user=ann), project_id=7, title="A job", **ids)

    return started


@pytest.fixture
def called(started):
    def called(function, **arguments):
        return run_now(started(call, function=function, arguments=arguments))

    return called


@pytest.fixture
def ended(started):
    def ended(way):
        return run_now(started(in_place, way=way))

    return ended


def effects() -> list[str]:
    """Return what the jobs of these tests left; people are told of failures besides."""
    left = Notification.objects.exclude(kind="job")
    return list(left.values_list("text", flat=True))


def test_a_job_computes_and_records(started, ann, work_dir):
    job = started(double, x=21, user_id=ann.pk)
    assert (job.state, job.attempt) == ("queued", 0)
    assert job.params == {"x": 21, "user_id": ann.pk}
    job = run_now(job)
    assert (job.error, job.state) == ("", "succeeded")
    assert (job.attempt, job.progress, job.result) == (1, 1.0, {"x": 42})
    assert job.log == "doubling\n"
    assert effects() == ["42"]
    assert not list(work_dir.glob("*/*"))


def test_starting_a_job_is_audited(started, ann):
    job = started(double, x=1, user_id=ann.pk)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor_uuid) == ("start job", ann.uuid)
    assert entry.detail == {"job": str(job.pk), "kind": "test_double"}


def test_a_job_is_submitted_with_its_transaction_or_not_at_all(
    started, ann, hints, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        with transaction.atomic():
            started(double, x=1, user_id=ann.pk)
            transaction.set_rollback(True)
        kept = started(double, x=1, user_id=ann.pk)
        assert hints == []
    assert hints == [(kept.pk, "interactive")]
    assert list(Job.objects.all()) == [kept]


def test_the_same_key_starts_one_job_and_sends_one_hint(
    started, ann, hints, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        first = started(double, x=1, user_id=ann.pk, idem_key="k")
        again = started(double, x=1, user_id=ann.pk, idem_key="k")
    assert first == again
    assert len(hints) == 1
    assert AuditEntry.objects.count() == 1


def test_a_job_is_not_started_with_ids_its_task_does_not_take(started):
    with pytest.raises(TypeError):
        started(double, y=1)


def test_an_error_of_the_engine_is_passed_on_word_for_word(called):
    job = called("refuse")
    assert job.state == "failed"
    assert job.error == "data.csv, line 3: “abc” is no number. Write a number."
    assert effects() == ["failed"]


def test_any_other_error_names_itself_and_leaves_its_trace_in_the_log(called):
    job = called("stumble")
    assert job.state == "failed"
    assert "ZeroDivisionError: division by zero" in job.error
    assert "in stumble" in job.log


def test_a_memory_bomb_fails_with_the_limit_named(called):
    job = called("hoard")
    assert job.state == "failed"
    assert "memory limit of 256 MB" in job.error


def test_a_library_that_aborts_for_memory_fails_with_the_limit_named(called):
    assert "memory limit of 256 MB" in called("hoard_and_abort").error


def test_a_file_that_grows_too_large_fails_with_the_limit_named(called):
    assert "limit of 4 MB" in called("write_much", megabytes=5).error


def test_a_result_that_is_too_large_fails_and_says_what_to_do(called):
    job = called("answer_much")
    assert job.state == "failed"
    assert "Write large results to files" in job.error


@pytest.mark.parametrize("function", ["answer_no_dict", "leave_a_link"])
def test_a_result_that_is_no_plain_file_with_an_object_fails(called, function):
    job = called(function)
    assert job.state == "failed"
    assert "no result" in job.error


def test_a_job_that_takes_too_long_fails_with_the_limit_named(started):
    job = run_now(started(impatient))
    assert job.state == "failed"
    assert "time limit" in job.error


def test_a_child_killed_by_a_signal_gives_no_verdict_but_a_loss(called):
    job = called("kill_itself")
    assert (job.state, job.losses, job.error) == ("queued", 1, "")
    assert "about to die" in job.log
    assert "killed by signal 9" in job.log
    assert effects() == []


def test_a_chatty_child_cannot_fill_the_log(called):
    job = called("babble")
    assert job.state == "succeeded"
    assert len(job.log) <= 20_000


def test_a_task_that_records_nothing_has_succeeded(ended):
    job = ended("nothing")
    assert (job.state, job.progress, job.note) == ("succeeded", 1.0, "")


def test_an_error_while_recording_undoes_verdict_and_effects(ended):
    job = ended("record then stumble")
    assert job.state == "failed"
    assert "ZeroDivisionError" in job.error
    assert effects() == []


def test_who_lost_the_lease_records_nothing(ended):
    job = ended("lost lease")
    assert (job.state, job.losses) == ("queued", 1)
    assert effects() == []


def test_a_task_that_looks_up_is_cancelled(ended):
    assert ended("cancel").state == "cancelled"


def test_a_verdict_is_recorded_once(ended):
    job = ended("twice")
    assert job.state == "succeeded"


def test_a_task_fails_with_its_own_sentence(ended):
    job = ended("fail")
    assert (job.state, job.error) == (
        "failed",
        "The run has no data. Choose a version first.",
    )


def test_memory_error_never_leaves_a_task(ended):
    assert ended("memory").state == "failed"


def test_a_database_that_went_away_costs_a_try_and_no_verdict(ended):
    job = ended("database")
    assert (job.state, job.losses) == ("queued", 1)


def test_only_functions_of_modules_can_be_computed(ended):
    assert ended("lambda").state == "failed"


def test_a_right_that_was_withdrawn_refuses_the_claimed_job(started, ann):
    other = User.objects.create_user("bob@example.org")
    job = run_now(started(double, x=1, user_id=other.pk))
    assert job.state == "failed"
    assert "may not do it any more" in job.error
    assert effects() == []


def test_a_right_that_cannot_be_told_fails_the_job(started):
    job = run_now(started(vanished, run_id=1))
    assert (job.state, job.losses) == ("failed", 0)
    assert "DoesNotExist" in job.error


@pytest.mark.parametrize("change", ["deactivate", "delete"])
def test_a_creator_who_is_gone_has_no_right(started, ann, change):
    job = started(in_place, way="nothing")
    if change == "delete":
        ann.delete()
    else:
        User.objects.update(is_active=False)
    assert run_now(job).state == "failed"


def test_the_portal_itself_needs_no_right_and_nobody_has_none(work_dir, db):
    own = in_place.start(actor=None, project_id=None, title="Own", way="nothing")
    assert run_now(own).state == "succeeded"
    other = in_place.start(actor=NOBODY, project_id=None, title="Guest", way="nothing")
    assert run_now(other).state == "failed"


def test_a_job_of_a_kind_this_version_does_not_know_fails(started, monkeypatch):
    job = started(in_place, way="nothing")
    monkeypatch.delitem(kinds.KINDS, "test_in_place")
    assert "test_in_place" in run_now(job).error


def test_a_cancelled_job_cannot_be_run(started):
    job = started(in_place, way="nothing")
    ask_cancel(job)
    with pytest.raises(AssertionError, match="cancelled"):
        run_now(job)


def test_two_functions_cannot_be_of_one_kind_nor_of_an_unknown_queue():
    with pytest.raises(ValueError, match="test_double"):
        background_job(kind="test_double", queue="data", wall=1)(fail)
    with pytest.raises(ValueError, match="no queue"):
        background_job(kind="test_other", queue="fast", wall=1)(fail)


def test_jobs_run_inline_for_tests_of_apps(started, ann, jobs_inline):
    started(double, x=4, user_id=ann.pk)
    refused = started(call, function="refuse", arguments={})
    assert [job.state for job in jobs_inline()] == ["succeeded", "failed"]
    refused.refresh_from_db()
    assert refused.error.startswith("data.csv, line 3")


@pytest.mark.django_db(transaction=True)
def test_jobs_run_at_their_commit_for_tests_with_a_browser(started, ann, jobs_at_once):
    job = started(double, x=4, user_id=ann.pk)
    job.refresh_from_db()
    assert job.state == "succeeded"


@pytest.mark.django_db(transaction=True)
def test_recording_waits_for_a_database_that_comes_back(started, ann, monkeypatch):
    job = started(double, x=1, user_id=ann.pk)
    away = iter([OperationalError("away"), OperationalError("still away")])
    finish = ledger.finish

    def unsteady(*arguments, **named):
        if error := next(away, None):
            raise error
        return finish(*arguments, **named)

    monkeypatch.setattr("core.jobs.ledger.finish", unsteady)
    assert run_now(job).state == "succeeded"
    assert effects() == ["2"]
    assert not connection.in_atomic_block
