"""Background entry points of core: celery finds them by this module's name."""

from core.jobs.schedule import PERIODIC
from core.jobs.worker import hint_task

__all__ = ["PERIODIC", "hint_task"]
