"""The heartbeat of a running job, in a thread with its own connection."""

import logging
import os
import signal
import threading
import time

from django.conf import settings
from django.db import connection

from core.jobs import ledger
from core.jobs.errors import LostLease
from core.jobs.patience import BEAT_TRIES, DATABASE_AWAY, patiently
from core.jobs.running import RunningJob

logger = logging.getLogger(__name__)
LOOK_SECONDS = 1.0
BEATS_A_LEASE = 4
# So long after the time limit a task that does not look up is stuck for good.
GRACE_LEASES = 2


class Heart(threading.Thread):
    """Beats while the task loads, computes and records; looks for cancellation.

    The thread starts no process: the kernel's parent-death signal follows threads.
    """

    def __init__(self, job: RunningJob) -> None:
        super().__init__(name=f"heart of job {job.id}", daemon=True)
        self._job = job
        self._enough = threading.Event()
        self._look_seconds = min(
            LOOK_SECONDS, settings.JOB_LEASE_SECONDS / BEATS_A_LEASE / 2
        )
        self._beaten = time.monotonic()

    def __enter__(self) -> "Heart":
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._enough.set()
        self.join()

    def run(self) -> None:
        """Look and beat until told that it is enough, or the lease is lost."""
        try:
            while not self._enough.wait(self._look_seconds):
                self._look()
        except LostLease:
            self._job.lost.set()
        finally:
            connection.close()

    def _look(self) -> None:
        if self._job.is_overdue(GRACE_LEASES * settings.JOB_LEASE_SECONDS):
            self._break_off()
        due = time.monotonic() - self._beaten
        is_due = due >= settings.JOB_LEASE_SECONDS / BEATS_A_LEASE
        try:
            patiently(lambda: self._beat(is_due=is_due), tries=BEAT_TRIES)
        except DATABASE_AWAY as error:
            logger.warning("job %s: a beat was skipped: %r", self._job.id, error)

    def _beat(self, *, is_due: bool) -> None:
        if self._job.beat(only_if_told=not is_due):
            self._beaten = time.monotonic()
        if ledger.cancel_is_asked(self._job.row):
            self._job.cancel_asked.set()

    def _break_off(self) -> None:
        """End this process: its task is stuck where nothing else can stop it."""
        logger.critical("job %s is stuck; its process ends itself", self._job.id)
        os.kill(os.getpid(), signal.SIGKILL)
