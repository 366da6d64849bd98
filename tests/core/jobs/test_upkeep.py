"""The doorbell, the janitor and what the scheduler asks for."""

from datetime import timedelta

import pytest
from celery import current_app
from django.utils import timezone

from core import audit
from core.access import Actor
from core.jobs import janitor, schedule
from core.jobs.messages import Doorbell
from core.models import AuditSeal, IdempotencyKey, Job, Notification, User
from mlops_portal.celery import app


@pytest.fixture
def ann(db):
    return User.objects.create_user("ann@example.org")


def test_a_broker_that_is_away_is_tried_once_a_tick(monkeypatch, settings):
    settings.JOB_TICK_SECONDS = 1000.0
    tries = []

    def refuse(*arguments, **named):
        tries.append(named["queue"])
        raise ConnectionRefusedError

    monkeypatch.setattr(current_app._get_current_object(), "send_task", refuse)
    bell = Doorbell()
    assert [bell.ring("a", "train"), bell.ring("b", "data")] == [False, False]
    assert tries == ["train"]
    settings.JOB_TICK_SECONDS = 0.0
    bell = Doorbell()
    assert [bell.ring("a", "train"), bell.ring("b", "data")] == [False, False]
    assert tries == ["train", "train", "data"]


def test_a_hint_expires_and_goes_to_the_queue_of_its_kind(monkeypatch):
    sent = {}
    monkeypatch.setattr(
        current_app._get_current_object(),
        "send_task",
        lambda name, **named: sent.update(named, name=name),
    )
    assert Doorbell().ring("a", "train")
    assert sent["name"] == "core.jobs.hint"
    assert (sent["args"], sent["queue"], sent["expires"]) == (["a"], "train", 60)
    assert sent["retry"] is False


def test_only_attempts_that_run_keep_their_folder(work_dir, ann):
    running = Job.objects.create(kind="x", queue="data", state="running", attempt=2)
    done = Job.objects.create(kind="x", queue="data", state="succeeded", attempt=1)
    kept = work_dir / str(running.pk) / "2"
    for path in (
        kept,
        work_dir / str(running.pk) / "1",
        work_dir / str(done.pk) / "1",
        work_dir / "foreign" / "thing",
    ):
        path.mkdir(parents=True)
        (path / "file").touch()
    assert janitor.tidy() == 3
    assert list(work_dir.glob("*/*")) == [kept]
    assert list(work_dir.iterdir()) == [kept.parent]


def test_the_schedule_names_tasks_that_exist(settings):
    app.loader.import_default_modules()
    entries = settings.CELERY_BEAT_SCHEDULE.values()
    assert {entry["task"] for entry in entries} == set(schedule.PERIODIC)
    assert {entry["task"] for entry in entries} <= set(app.tasks)
    assert all(entry["options"]["expire_seconds"] >= 1 for entry in entries)


def test_settled_audit_entries_are_sealed(ann, monkeypatch):
    monkeypatch.setattr(audit, "SETTLED", timedelta(0))
    audit.record(Actor(user=ann), "look")
    schedule.seal_audit()
    schedule.seal_audit()
    assert AuditSeal.objects.count() == 1


def test_old_keys_and_notifications_read_long_ago_are_deleted(ann):
    now = timezone.now()
    for days in (1, 8):
        IdempotencyKey.objects.create(
            user=ann,
            key=str(days),
            request_digest="",
            status=201,
            body={},
            created_at=now - timedelta(days=days),
        )
    for group, read in (("unread", None), ("new", 1), ("old", 91)):
        Notification.objects.create(
            user=ann,
            kind="t",
            group=group,
            text=group,
            read_at=read and now - timedelta(days=read),
        )
    schedule.expire_rows()
    assert IdempotencyKey.objects.get().key == "1"
    assert set(Notification.objects.values_list("text", flat=True)) == {"unread", "new"}
