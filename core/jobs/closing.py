"""A worker that is asked to end hands its jobs back at once, and loses no try.

Celery's warm shutdown waits for what runs, and a training may run for half an hour.
So the main process tells its pool processes; each kills its child, puts the job back
into the queue, and then has nothing left to wait for.
"""

import contextlib
import os
import signal
import threading
from typing import Any

from billiard import active_children
from celery.signals import worker_process_init, worker_shutting_down

# SIGTERM and SIGINT belong to the pool itself, SIGUSR1 to its time limits.
CLOSE = signal.SIGUSR2
closes = threading.Event()


def listen_for_the_end(**_signal: Any) -> None:
    """Have this pool process notice that its worker ends."""
    signal.signal(CLOSE, lambda _number, _frame: closes.set())


def tell_the_pool(**_signal: Any) -> None:
    """Tell every pool process of this worker that it ends."""
    for process in active_children():
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, CLOSE)


worker_process_init.connect(listen_for_the_end)
worker_shutting_down.connect(tell_the_pool)
