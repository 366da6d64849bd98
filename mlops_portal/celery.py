"""Celery: the engine of the jobs. A message is a hint; the row is the truth."""

import os
import signal
from typing import Any

from celery import Celery
from celery.signals import worker_process_init

from core.processes import die_with

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mlops_portal.settings")

app = Celery("mlops_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

WORKER = os.getpid()  # read in the worker, before it forks its pool


@worker_process_init.connect
def die_with_worker(**_kwargs: Any) -> None:
    """Have a process of the pool die with its worker, however that one dies."""
    die_with(WORKER, signal.SIGKILL)
