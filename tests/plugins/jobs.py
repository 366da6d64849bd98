"""Fixtures for jobs: no test talks to a broker unless it brings its own."""

from collections.abc import Callable
from typing import Any

import pytest

from core.jobs import ledger, messages, worker
from core.jobs.testing import in_process, run_now
from core.models import Job
from engine.training import latency


@pytest.fixture(autouse=True)
def hints(request, monkeypatch) -> list[tuple[Any, str]]:
    """The hints that would have been sent, as (job id, queue)."""
    sent: list[tuple[Any, str]] = []
    if request.node.get_closest_marker("broker") is None:

        def ring(job_id: Any, queue: str) -> bool:
            sent.append((job_id, queue))
            return True

        monkeypatch.setattr(messages.doorbell, "ring", ring)
        monkeypatch.setattr(messages.doorbell, "waiting", lambda queue: len(sent))
    return sent


@pytest.fixture(autouse=True)
def few_calls(monkeypatch) -> None:
    """Measure the latency of a model by few calls: a minute less for all tests."""
    monkeypatch.setattr(latency, "CALLS", 10)


@pytest.fixture
def work_dir(settings, tmp_path):
    """A folder of the test's own for the files of attempts."""
    settings.WORK_DIR = tmp_path / "work"
    return settings.WORK_DIR


@pytest.fixture
def jobs_inline(work_dir) -> Callable[..., list[Job]]:
    """Return a function that runs all waiting jobs here, or just the given one.

    Computations run in this process, without a child and its limits.
    """

    def run(job: Job | None = None) -> list[Job]:
        if job is not None:
            return [run_now(job, runner=in_process)]
        done: list[Job] = []
        while (waiting := Job.objects.eligible().order_by("created_at").first()) and (
            len(done) < 100
        ):
            done.append(run_now(waiting, runner=in_process))
        return done

    return run


@pytest.fixture
def jobs_at_once(work_dir, hints, monkeypatch) -> None:
    """Run each job in this process as soon as its transaction commits.

    For tests with real commits, such as those that drive a browser.
    """

    def ring(job_id: Any, queue: str) -> bool:
        job = Job.objects.get(pk=job_id)
        if claimed := ledger.claim(job, owner="at once"):
            worker.run(claimed, runner=in_process, has_heart=False)
        return True

    monkeypatch.setattr(messages.doorbell, "ring", ring)
