"""For tests of apps: run a job here and now, without a broker."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.child.limits import Limits
from core.jobs import ledger, worker
from core.jobs.compute import Json, Listener, Runner, in_child
from core.jobs.errors import JobFailed
from core.models import Job
from engine.errors import EngineError

RUNNER: Runner = in_child


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
    report = ListenerReporter(listener)
    try:
        made = function(
            folder=folder, report=report, **json.loads(json.dumps(arguments))
        )
    except EngineError as error:
        raise JobFailed(*error.args) from error
    told: Json = json.loads(json.dumps(made))
    return told


def run_now(job: Job, *, runner: Runner | None = None) -> Job:
    """Claim exactly this job, run it in this process, and return its row as it is then.

    There is no heartbeat, so it also works inside a test's transaction. Without a
    runner it computes in a real child, or as `RUNNER` says.
    """
    claimed = ledger.claim(Job.objects.get(pk=job.pk), owner="run_now")
    if claimed is None:
        raise AssertionError(f"job {job.pk} cannot be claimed: {job.state}")
    worker.run(claimed, runner=runner or RUNNER, has_heart=False)
    job.refresh_from_db()
    return job
