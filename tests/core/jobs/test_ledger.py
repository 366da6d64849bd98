"""The statements of the ledger, on SQLite and on PostgreSQL."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from core.access import Actor
from core.child.limits import Limits
from core.jobs import ask_cancel, ledger, reconcile
from core.jobs.errors import LostLease
from core.jobs.kinds import KINDS, JobKind, register
from core.models import AuditEntry, Job, Notification, User

pytestmark = pytest.mark.django_db
ENDED: list[tuple[str, str]] = []


def work(job, *, n: int = 0) -> None:
    raise AssertionError("never run here")


def follow(job):
    ENDED.append((job.title, job.state))
    Notification.objects.create(
        user=job.created_by, kind="job", group=str(job.pk), text=job.error[:300]
    )
    if job.title == "clumsy":
        raise RuntimeError("the app stumbled")


KIND = JobKind(
    name="test_ledger",
    queue="data",
    wall=60,
    limits=Limits(memory_mb=64, cpu=10),
    run=work,
    allowed=None,
    on_end=follow,
)


@pytest.fixture(autouse=True)
def known():
    register(KIND)
    ENDED.clear()
    yield
    KINDS.pop(KIND.name)


@pytest.fixture
def ann():
    return User.objects.create_user("ann@example.org")


@pytest.fixture
def submit(ann):
    def submit(title="job", *, project_id=1, key="", age=0):
        job, _ = ledger.submit(
            ledger.Submission(
                kind=KIND,
                params={"n": 1},
                project_id=project_id,
                title=title,
                created_by=ann,
                idem_key=key,
            )
        )
        if age:
            Job.objects.filter(pk=job.pk).update(
                created_at=Now() - timedelta(seconds=age)
            )
        return job

    return submit


def claim_next(hinted=None):
    return ledger.claim_next("data", owner="host:1", hinted=hinted)


def expire(job):
    Job.objects.filter(pk=job.pk).update(lease_until=Now() - timedelta(seconds=1))


def lapse(job):
    """Let the back-off of a queued job pass."""
    Job.objects.filter(pk=job.pk).update(not_before=Now() - timedelta(seconds=1))


def lose_once(job):
    lapse(job)
    claimed = claim_next()
    assert claimed.pk == job.pk
    expire(job)
    assert reconcile.expire_leases() == 1
    job.refresh_from_db()


def test_submitted_job_waits_and_is_claimed_once(submit):
    job = submit()
    assert (job.state, job.attempt, job.progress) == ("queued", 0, 0.0)
    claimed = claim_next()
    assert (claimed.pk, claimed.state, claimed.attempt) == (job.pk, "running", 1)
    assert claimed.owner == "host:1"
    assert claim_next() is None


def test_of_two_workers_that_saw_the_same_job_one_gets_it(submit):
    seen_by_both = Job.objects.get(pk=submit().pk)
    assert ledger.claim(seen_by_both, owner="a") is not None
    assert ledger.claim(seen_by_both, owner="b") is None
    assert Job.objects.get().owner == "a"


def test_the_lease_is_as_long_as_the_settings_say(submit, settings):
    settings.JOB_LEASE_SECONDS = 60
    submit()
    job = claim_next()
    assert job.lease_until - job.heartbeat_at == timedelta(seconds=60)


def test_project_with_the_fewest_running_jobs_comes_first(submit):
    for age in (30, 29, 28):
        submit("busy", project_id=1, age=age)
    submit("modest", project_id=2, age=5)
    assert [claim_next().title for _ in range(4)] == ["busy", "modest", "busy", "busy"]


def test_inside_a_project_the_hinted_job_wins_then_the_oldest(submit):
    submit("oldest", age=30)
    submit("older", age=20)
    hinted = submit("hinted", age=10)
    titles = [claim_next(hinted.pk).title for _ in range(3)]
    assert titles == ["hinted", "oldest", "older"]


def test_a_hint_does_not_let_a_busy_project_jump_the_queue(submit):
    submit("busy", project_id=1, age=30)
    claim_next()
    mine = submit("busy", project_id=1, age=20)
    submit("modest", project_id=2, age=5)
    assert claim_next(mine.pk).title == "modest"


def test_jobs_of_other_queues_are_left_alone(submit):
    submit()
    assert ledger.claim_next("train", owner="host:1", hinted=None) is None


def test_jobs_without_project_take_their_turn_too(submit):
    submit("of the portal", project_id=None, age=9)
    assert claim_next().title == "of the portal"


def test_a_beat_renews_the_lease_and_tells(submit, settings):
    submit()
    job = claim_next()
    expire(job)
    ledger.beat(job, progress=0.5, note="fold 3", log="a line\n")
    row = Job.objects.get()
    assert (row.progress, row.note, row.log) == (0.5, "fold 3", "a line\n")
    assert row.lease_until > job.lease_until - timedelta(seconds=1)
    assert reconcile.expire_leases() == 0


def test_an_expired_job_is_tried_again_with_a_higher_attempt(submit):
    job = submit()
    lose_once(job)
    assert (job.state, job.losses, job.owner) == ("queued", 1, "")
    assert job.state_words == "waiting for another try"
    assert "attempt 1: its worker was lost" in job.log
    again = claim_next()
    assert (again.attempt, again.losses) == (2, 1)


def test_a_lease_that_has_not_expired_is_left_alone(submit):
    submit()
    claim_next()
    assert reconcile.expire_leases() == 0


def test_two_reconcilers_count_one_loss_once(submit):
    submit()
    job = claim_next()
    expire(job)
    both = [Job.objects.get(pk=job.pk), Job.objects.get(pk=job.pk)]
    counted = [ledger.lose(row, reason="lost", only_expired=True) for row in both]
    assert counted == [True, False]
    assert Job.objects.get().losses == 1


def test_back_off_grows_from_none_to_one_to_three_seconds(submit, settings):
    settings.JOB_MAX_LOSSES = 10
    job = submit()
    pauses = []
    for _ in range(8):
        lapse(job)
        claim_next()
        expire(job)
        before = Job.objects.filter(pk=job.pk).annotate(now=Now()).get().now
        reconcile.expire_leases()
        job.refresh_from_db()
        pauses.append(round((job.not_before - before).total_seconds(), 0))
    assert pauses == [0, 1, 3, 7, 15, 31, 60, 60]


def test_a_job_waits_out_its_back_off(submit):
    job = submit()
    lose_once(job)
    lose_once(job)
    Job.objects.update(not_before=Now() + timedelta(seconds=1000))
    assert claim_next() is None
    assert not Job.objects.eligible().exists()


def test_third_loss_puts_a_job_in_quarantine_and_keeps_its_log(submit):
    job = submit()
    for _ in range(3):
        lose_once(job)
    assert (job.state, job.losses, job.attempt) == ("quarantined", 3, 3)
    assert job.is_finished
    assert job.finished_at
    assert "3 times" in job.error
    assert job.log.count("its worker was lost") == 3
    assert ENDED == [("job", "quarantined")]
    lapse(job)
    assert claim_next() is None


def test_who_lost_the_lease_writes_nothing(submit):
    job = submit()
    claim_next()
    stale = Job.objects.get(pk=job.pk)
    expire(job)
    reconcile.expire_leases()
    lapse(job)
    holder = claim_next()
    with pytest.raises(LostLease):
        ledger.beat(stale, progress=0.9, note="", log="")
    with pytest.raises(LostLease):
        ledger.cancel_is_asked(stale)
    with pytest.raises(LostLease):
        ledger.finish(stale, Job.State.SUCCEEDED)
    assert not ledger.lose(stale, reason="mine?")
    ledger.finish(holder, Job.State.SUCCEEDED)
    with pytest.raises(LostLease):
        ledger.finish(holder, Job.State.FAILED)
    assert Job.objects.get().state == "succeeded"
    assert ENDED == []


def test_a_waiting_job_is_cancelled_at_once_and_never_runs(submit, ann):
    job = submit()
    assert ask_cancel(job, actor=Actor(user=ann))
    assert job.state == "cancelled"
    assert ENDED == [("job", "cancelled")]
    assert claim_next() is None
    assert AuditEntry.objects.get().action == "cancel job"


def test_a_running_job_is_asked_to_cancel(submit):
    submit()
    job = claim_next()
    assert not ledger.cancel_is_asked(job)
    assert ask_cancel(job)
    assert job.state == "running"
    assert job.state_words == "being cancelled"
    assert ledger.cancel_is_asked(job)


def test_a_finished_job_cannot_be_cancelled(submit):
    submit()
    job = claim_next()
    ledger.finish(job, Job.State.SUCCEEDED)
    assert not ask_cancel(job)
    assert job.state == "succeeded"


def test_a_lost_job_that_was_to_be_cancelled_is_cancelled(submit):
    submit()
    job = claim_next()
    ask_cancel(job)
    expire(job)
    reconcile.expire_leases()
    row = Job.objects.get()
    assert (row.state, row.error) == ("cancelled", "")
    assert row.finished_at
    assert ENDED == [("job", "cancelled")]


def test_reconciler_cancels_what_waits_to_be_cancelled(submit):
    submit()
    Job.objects.update(cancel_asked=True)
    assert claim_next() is None
    assert reconcile.cancel_asked() == 1
    assert Job.objects.get().state == "cancelled"


def test_an_app_that_stumbles_over_a_verdict_does_not_undo_it(submit):
    ask_cancel(submit("clumsy"))
    assert Job.objects.get().state == "cancelled"
    assert not Notification.objects.exists()


def test_the_same_key_gives_the_same_job_in_its_project_only(submit):
    first = submit(key="k", project_id=1)
    assert submit(key="k", project_id=1).pk == first.pk
    assert submit(key="k", project_id=2).pk != first.pk
    without = submit(key="k", project_id=None)
    assert submit(key="k", project_id=None).pk == without.pk
    assert submit().pk != submit().pk


@pytest.mark.parametrize("project_id", [1, None])
def test_the_database_itself_refuses_a_key_twice(submit, project_id):
    job = submit(key="k", project_id=project_id)
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.create(
            kind="x", queue="data", project_id=job.project_id, idem_key="k"
        )


def test_missing_hints_are_sent_up_to_the_number_of_jobs(submit, hints, monkeypatch):
    jobs = [submit(str(age), age=age) for age in (5, 4, 3, 2, 1)]
    monkeypatch.setattr("core.jobs.reconcile.doorbell.waiting", lambda queue: 2)
    assert reconcile.ring_if_needed("data", at_most=200) == 3
    assert hints == [(job.pk, "data") for job in jobs[:3]]


def test_after_a_job_one_hint_is_enough(submit, hints):
    for age in (5, 4, 3):
        submit(age=age)
    assert reconcile.ring_if_needed("data", at_most=1) == 1
    assert len(hints) == 1


def test_no_hint_is_sent_when_enough_lie_there_or_nothing_can_be_claimed(
    submit, hints, monkeypatch
):
    job = submit()
    monkeypatch.setattr("core.jobs.reconcile.doorbell.waiting", lambda queue: 1)
    assert reconcile.ring_if_needed("data", at_most=200) == 0
    monkeypatch.setattr("core.jobs.reconcile.doorbell.waiting", lambda queue: 0)
    Job.objects.filter(pk=job.pk).update(not_before=Now() + timedelta(seconds=1000))
    assert reconcile.ring_if_needed("data", at_most=200) == 0
    assert hints == []


def test_no_hint_is_sent_while_the_broker_is_away(submit, hints, monkeypatch):
    submit()
    monkeypatch.setattr("core.jobs.reconcile.doorbell.waiting", lambda queue: None)
    assert reconcile.ring_if_needed("data", at_most=200) == 0
    assert hints == []


def test_a_log_keeps_its_end_and_whole_lines(submit):
    submit()
    job = claim_next()
    lines = "".join(f"line {n}\n" for n in range(10_000))
    ledger.beat(job, progress=0.1, note="n" * 500, log=lines)
    row = Job.objects.get()
    assert len(row.log) <= 20_000
    assert row.log.startswith("…\nline ")
    assert row.log.endswith("line 9999\n")
    assert len(row.note) == 200


def test_how_long_it_takes_is_told_from_how_long_it_took(submit):
    submit()
    job = claim_next()
    assert job.eta is None
    job.started_at -= timedelta(seconds=30)
    job.progress = 0.25
    assert round(job.eta.total_seconds()) == 90
    ledger.finish(job, Job.State.FAILED)
    job.refresh_from_db()
    assert job.eta is None
    assert job.elapsed < timedelta(seconds=30)


def test_jobs_are_found_by_their_projects(submit):
    mine, _other = submit(project_id=1), submit(project_id=2)
    assert list(Job.objects.for_projects([1, 3])) == [mine]
