"""Gunicorn's settings: threads for slow clients, processes for two cores."""

import signal
from pathlib import Path
from typing import Any

from core.processes import die_with

worker_class = "gthread"
# Read the code once; the workers are copies, ready at once and sharing its memory.
preload_app = True
timeout = 120
graceful_timeout = 5
keepalive = 5
# Memory that a request once needed is given back, not by both workers at once.
max_requests = 5000
max_requests_jitter = 500
# Heartbeats in memory: on a slow disk a busy worker would look dead.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
# It would be one file for all portals of a user; nothing here uses it.
control_socket_disable = True


def post_fork(_server: Any, worker: Any) -> None:
    """Have a web worker die with its master, however that one dies."""
    die_with(worker.ppid, signal.SIGKILL)
