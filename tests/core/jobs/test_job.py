"""A job as its task sees it, run in this process with a real child."""

import pytest

from core.access import Actor
from core.jobs import RunningJob, background_job
from core.jobs.testing import run_now
from core.models import Notification, User
from tests.core.jobs import work


@background_job(
    kind="test_double",
    queue="interactive",
    wall=20,
    memory_mb=256,
    allowed=lambda actor, x, user_id: actor.user.pk == user_id,
)
def double(job: RunningJob, *, x: float, user_id: int) -> None:
    """Double a number and tell the person."""
    answer = job.compute(work.double, x=x)
    assert (job.folder / "out.txt").read_text() == str(answer["x"])
    with job.recording(result=answer):
        Notification.objects.create(user_id=user_id, kind="t", text=str(answer["x"]))


@pytest.fixture
def ann(db):
    return User.objects.create_user("ann@example.org")


def test_a_job_computes_and_records(ann, work_dir):
    job = double.start(
        actor=Actor(user=ann), project_id=7, title="Double", x=21, user_id=ann.pk
    )
    assert (job.state, job.attempt) == ("queued", 0)
    job = run_now(job)
    assert job.error == ""
    assert (job.state, job.attempt, job.progress) == ("succeeded", 1, 1.0)
    assert job.result == {"x": 42}
    assert "doubling" in job.log
    assert Notification.objects.get().text == "42"
    assert not list(work_dir.glob("*/*"))
