"""What the chaos test breaks, and what it restarts."""

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import psutil
import psycopg2
import redis

from tests.core.jobs.plant import Plant, Worker

BROKER_DOWN_SECONDS = 4.0


@dataclass
class Chaos:
    """Breaks one thing of a plant every few seconds and restarts what died."""

    plant: Plant
    rng: random.Random
    start_worker: Callable[[], Worker]
    workers: list[Worker] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    restarts: int = 0

    def __post_init__(self) -> None:
        self.faults: list[Callable[[], None]] = [
            self.kill_worker,
            self.kill_pool,
            self.kill_worker_and_pool,
            self.bounce_broker,
            self.broker_away,
            self.forget_everything,
        ]
        if self.plant.database_url.startswith("postgres"):
            self.faults += [self.drop_connections, self.drop_connections]
        self._deck: list[Callable[[], None]] = []

    def break_something(self) -> None:
        # A deck, not a die: a short run meets many kinds of faults too.
        if not self._deck:
            self._deck = self.rng.sample(self.faults, len(self.faults))
        fault = self._deck.pop()
        fault()
        self.done[fault.__name__] += 1
        self.restart_what_died()

    def restart_what_died(self) -> None:
        for worker in list(self.workers):
            if worker.process.poll() is not None:
                self.workers.remove(worker)
                self.workers.append(self.start_worker())
                self.restarts += 1

    def _one(self) -> Worker:
        return self.rng.choice(self.workers)

    def kill_worker(self) -> None:
        self._one().kill()

    def kill_pool(self) -> None:
        kill(self._one().pool_or_none())

    def kill_worker_and_pool(self) -> None:
        worker = self._one()
        pool = worker.pool_or_none()
        worker.kill()
        kill(pool)

    def bounce_broker(self) -> None:
        self.plant.stop_broker()
        self.plant.start_broker()

    def broker_away(self) -> None:
        self.plant.stop_broker()
        time.sleep(BROKER_DOWN_SECONDS)
        self.plant.start_broker()

    def forget_everything(self) -> None:
        with suppress(redis.ConnectionError):
            self.plant.redis.flushall()

    def drop_connections(self) -> None:
        """End every session of the database, as a restart of its server does."""
        connection = psycopg2.connect(os.environ["DATABASE_URL"])
        connection.autocommit = True
        name = self.plant.database_url.rpartition("/")[2]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = %s",
                [name],
            )
        connection.close()


def kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
