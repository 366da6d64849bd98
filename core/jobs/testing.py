"""For tests of apps: run a job here and now, without a broker."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.child.limits import Limits
from core.jobs import ledger, worker
from core.jobs.compute import Json, Listener, Runner, in_child
from core.jobs.errors import JobFailed
from core.models import Job
from engine.errors import EngineError


class ListenerReporter:
    """A reporter that hands on what the pipe would carry."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    def progress(self, share: float, note: str = "") -> None:
        """Pass the progress up."""
        self._listener.heard({"progress": share, "note": note})

    def log(self, line: str) -> None:
        """Pass one line up."""
        self._listener.heard({"log": line})

    def metric(self, key: str, value: float, step: int = 0) -> None:
        """Pass one measurement up."""
        self._listener.heard({"metric": key, "value": value, "step": step})


def in_process(
    function: Callable[..., Json],
    arguments: dict[str, Any],
    *,
    folder: Path,
    limits: Limits,
    listener: Listener,
) -> Json:
    """Return what `function` returns, computed in this process without limits."""
    del limits
    try:
        return function(folder=folder, report=ListenerReporter(listener), **arguments)
    except EngineError as error:
        raise JobFailed(str(error)) from error


def run_now(job: Job, *, runner: Runner = in_child) -> Job:
    """Claim exactly this job, run it in this process, and return its row as it is then.

    There is no heartbeat, so it also works inside a test's transaction.
    """
    claimed = ledger.claim(Job.objects.get(pk=job.pk), owner="run_now")
    if claimed is None:
        raise AssertionError(f"job {job.pk} cannot be claimed: {job.state}")
    worker.run(claimed, runner=runner, has_heart=False)
    job.refresh_from_db()
    return job
