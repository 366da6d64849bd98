"""Hints to workers. A hint may be lost, doubled, late or forged without harm."""

import logging
import time
import uuid

from celery import current_app
from django.conf import settings
from kombu.exceptions import ChannelError

logger = logging.getLogger(__name__)
HINT = "core.jobs.hint"
HINT_SECONDS = 60


class Doorbell:
    """The way to the broker; silent for one tick after it could not be reached.

    So a broker that is down costs one request of a web process a second, not all.
    """

    def __init__(self) -> None:
        self._silent_until = 0.0

    def ring(self, job_id: uuid.UUID, queue: str) -> bool:
        """Send a hint and return whether it went out. Never raises."""
        if time.monotonic() < self._silent_until:
            return False
        try:
            current_app.send_task(
                HINT,
                args=[str(job_id)],
                queue=queue,
                expires=HINT_SECONDS,
                retry=False,
                ignore_result=True,
            )
        except Exception as error:
            self._silent_until = time.monotonic() + settings.JOB_TICK_SECONDS
            logger.warning("no hint was sent, the job waits in its row: %r", error)
            return False
        return True

    def waiting(self, queue: str) -> int | None:
        """Return how many hints lie in the queue; None if the broker is away."""
        try:
            with current_app.connection_for_read() as connection:
                connection.ensure_connection(max_retries=1, interval_start=0, timeout=2)
                channel = connection.default_channel
                return int(channel.queue_declare(queue, passive=True).message_count)
        except ChannelError:
            return 0  # nobody has sent anything to it yet
        except Exception as error:
            logger.warning("the broker cannot be asked: %r", error)
            return None


doorbell = Doorbell()
