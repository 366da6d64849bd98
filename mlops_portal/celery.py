"""Celery: the engine of the jobs. A message is a hint; the row is the truth."""

import os
import signal
from types import FrameType
from typing import Any

from celery import Celery
from celery.signals import beat_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mlops_portal.settings")

app = Celery("mlops_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def stop_for_certain(sender: Any, **_kwargs: Any) -> None:
    """Have the scheduler end when it is told to, wherever the signal meets it.

    Celery's own handler raises SystemExit and no more; met inside a finalizer, Python
    drops it and the scheduler would go on for ever.
    """
    heard = signal.getsignal(signal.SIGTERM)

    def stop(number: int, frame: FrameType | None) -> None:
        sender.stop()
        if callable(heard):
            heard(number, frame)

    signal.signal(signal.SIGTERM, stop)


beat_init.connect(stop_for_certain)
