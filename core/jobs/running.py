"""A job as its task sees it: compute in the child, record in one transaction."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from core.access import Actor
from core.jobs import closing, ledger
from core.jobs.compute import Runner, in_child
from core.jobs.errors import Cancelled, JobFailed, LostLease, WorkerStops
from core.jobs.kinds import JobKind
from core.jobs.patience import VERDICT_TRIES, patiently
from core.models import Job

Json = dict[str, Any]


class RunningJob:
    """One attempt at a job, held by this process.

    `on_metric(key, value, step)` hears the measurements that come up the pipe.
    """

    def __init__(self, row: Job, kind: JobKind, *, runner: Runner = in_child) -> None:
        self.row = row
        self.kind = kind
        self.on_metric: Callable[[str, float, int], None] | None = None
        self.is_recorded = False
        self.lost = threading.Event()
        self.cancel_asked = threading.Event()
        self._runner = runner
        self._deadline = time.monotonic() + kind.wall
        self._told = threading.Lock()
        self._share, self._note, self._log = row.progress, row.note, row.log
        self._is_dirty = False

    @property
    def id(self) -> Any:
        """The job's id."""
        return self.row.pk

    @property
    def attempt(self) -> int:
        """The fencing token of this attempt."""
        return self.row.attempt

    @property
    def actor(self) -> Actor:
        """Whoever started the job, as an actor."""
        return Actor(user=self.row.created_by)

    @property
    def folder(self) -> Path:
        """The folder of this attempt's files; gone when the attempt ends."""
        path = self._folder()
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path

    def _folder(self) -> Path:
        return Path(settings.WORK_DIR) / str(self.row.pk) / str(self.row.attempt)

    def clean_up(self) -> None:
        """Remove this attempt's files."""
        shutil.rmtree(self._folder(), ignore_errors=True)

    def compute(self, function: Callable[..., Json], **arguments: Any) -> Json:
        """Return what an engine function returns, run in the limited child.

        The function gets `folder` and `report` besides `arguments`, which must be
        JSON-able.

        Raises
        ------
        JobFailed
            With a sentence for people: the engine's own for an `EngineError`.
        """
        self.check()
        return self._runner(
            function,
            arguments,
            folder=self.folder,
            limits=self.kind.limits,
            listener=self,
        )

    def progress(self, share: float, note: str = "") -> None:
        """Say how far the work is (0 to 1), and stop if it has to."""
        self._tell(share, note)
        self.check()

    def log(self, line: str) -> None:
        """Keep one line in the job's log."""
        with self._told:
            self._log = ledger.bounded(f"{self._log}{line}\n")
            self._is_dirty = True

    def _tell(self, share: float, note: str) -> None:
        with self._told:
            self._share, self._note = min(max(float(share), 0.0), 1.0), str(note)
            self._is_dirty = True

    def heard(self, message: Json) -> None:
        """Take one line the child sent up."""
        if "log" in message:
            self.log(str(message["log"]))
        elif isinstance(message.get("progress"), int | float):
            self._tell(message["progress"], message.get("note", ""))
        elif self.on_metric and isinstance(message.get("value"), int | float):
            step = message.get("step")
            self.on_metric(
                str(message.get("metric")),
                float(message["value"]),
                step if isinstance(step, int) else 0,
            )

    def check(self) -> None:
        """Raise if this attempt must stop: lost, cancelled, or out of time."""
        if self.lost.is_set():
            raise LostLease
        if self.cancel_asked.is_set():
            raise Cancelled
        if closing.closes.is_set():
            raise WorkerStops
        if self.is_overdue(0):
            raise JobFailed(
                _(
                    "Stopped at the time limit of %(limit)s s. Try with less data or "
                    "a smaller setting."
                )
                % {"limit": round(self.kind.wall)}
            )

    def is_overdue(self, grace: float) -> bool:
        """Return whether the time limit passed more than `grace` seconds ago."""
        return time.monotonic() > self._deadline + grace

    def beat(self, *, only_if_told: bool = False) -> bool:
        """Renew the lease with what was told last; return whether it was written.

        Raises
        ------
        LostLease
            If this attempt does not hold the job any more.
        """
        with self._told:
            if only_if_told and not self._is_dirty:
                return False
            share, note, log = self._share, self._note, self._log
            self._is_dirty = False
        ledger.beat(self.row, progress=share, note=note, log=log)
        return True

    @contextmanager
    def recording(self, result: Json | None = None) -> Iterator[Job]:
        """Open the one transaction that records the verdict and its effects.

        The verdict comes first, by compare-and-set on this attempt: whoever has
        lost the job writes nothing. Yields the job's row.

        Raises
        ------
        LostLease
            If this attempt does not hold the job any more.
        """
        if self.is_recorded:
            raise RuntimeError("a job records its verdict once")

        def begin() -> ExitStack:
            # Its own stack, so that a database that went away between two
            # statements is met here and not in the caller's block.
            with ExitStack() as opening:
                opening.enter_context(transaction.atomic())
                self._succeed(result)
                return opening.pop_all()

        with patiently(begin, tries=VERDICT_TRIES):
            yield self.row
        self.is_recorded = True

    def _succeed(self, result: Json | None) -> None:
        with self._told:
            log = self._log
        ledger.finish(
            self.row, Job.State.SUCCEEDED, result=result, log=log, progress=1.0
        )

    def finish(self, state: Job.State, *, error: str = "") -> None:
        """Write a verdict that has no effects of its own."""
        with self._told:
            log, share = self._log, self._share
        if state == Job.State.SUCCEEDED:
            share = 1.0
        ledger.finish(self.row, state, error=error, log=log, progress=share)

    def hand_back(self) -> None:
        """Put the job back into the queue: its worker ends, the job does not."""
        with self._told:
            self.row.log = self._log
        ledger.hand_back(self.row)

    def give_up(self, reason: str) -> None:
        """Count this attempt as lost, without waiting for its lease to expire."""
        with self._told:
            self.row.log = self._log
        ledger.lose(self.row, reason=reason)
