"""The control: the same work as plain Celery tasks, late acknowledgement and all.

A run of these must fail what the portal's jobs have to hold, or the test is blind.
"""

import os
import time
from pathlib import Path

from celery import Celery

app = Celery("plain", broker=os.environ.get("BROKER_URL"))
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={
        "visibility_timeout": 20,
        "unacked_restore_interval": 1,
        "socket_timeout": 2,
        "socket_connect_timeout": 1,
    },
)


def work(job: str, seconds: float, effects: str) -> None:
    """Work for a while, then leave one line as the effect."""
    time.sleep(seconds)
    with Path(effects).open("a") as target:
        target.write(job + "\n")


work_task = app.task(name="plain.work")(work)
