"""The scheduler's process, which ends when it is told to, whatever it does just then."""

import signal
from types import FrameType
from typing import NoReturn

from celery.apps.beat import Beat
from celery.beat import Service

GRACE_SECONDS = 5


class Scheduler(Beat):  # type: ignore[misc]  # celery has no types
    """Celery's scheduler with a handler that does nothing but end it.

    Celery's own writes to the database inside the handler, in the middle of a query
    perhaps, and the error that follows is swallowed: the scheduler then runs for ever.
    """

    def install_sync_handler(self, service: Service) -> None:
        """End on SIGTERM and SIGINT; the service saves its schedule on its way out."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, end)


def end(_number: int, _frame: FrameType | None) -> NoReturn:
    """Leave by SystemExit; the alarm ends a process in which that was dropped.

    Python drops an exception that is raised inside a finalizer.
    """
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(GRACE_SECONDS)
    raise SystemExit
