"""A database that is away for a moment costs time, not a job."""

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

T = TypeVar("T")
DATABASE_AWAY = (OperationalError, InterfaceError)
# A verdict is worth waiting half a minute for; a beat is not, the next one comes.
VERDICT_TRIES = 40
BEAT_TRIES = 4
SHORTEST, LONGEST = 0.05, 1.0


def patiently(act: Callable[[], T], *, tries: int) -> T:
    """Return what `act` returns, tried again with back-off while the database is away.

    Inside a transaction there is nothing to try again: the first error counts.
    """
    for count in range(tries):
        try:
            return act()
        except DATABASE_AWAY:
            if connection.in_atomic_block or count == tries - 1:
                raise
            connection.close()
            time.sleep(min(LONGEST, SHORTEST * 2**count))
    raise ValueError("tries must be at least 1")
