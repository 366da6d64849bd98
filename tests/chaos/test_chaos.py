"""Jobs while things are killed at random: none lost, none recorded twice.

`CHAOS_SECONDS` says how long; the seed is printed and can be set by `CHAOS_SEED`.
"""

import os
import random
import sys
import time
from collections import Counter

import psutil
import pytest

from tests.chaos.faults import Chaos
from tests.chaos.plain import app, work_task
from tests.core.jobs.plant import Databases, Plant
from tests.portal_process import eventually

pytestmark = [pytest.mark.broker, pytest.mark.chaos]

SECONDS = float(os.environ.get("CHAOS_SECONDS", "20"))
SEED = int(os.environ.get("CHAOS_SEED", "1"))
LONG = SECONDS >= 60
PATIENCE_SECONDS = 180
WORK_SECONDS = (0.1, 0.3, 0.8, 2.0, 4.0)
BETWEEN_JOBS = (0.35, 0.7)
BETWEEN_FAULTS = (2.0, 5.0)
# Of every so many jobs one kills itself, one is a memory bomb, one is cancelled.
POISON_EVERY, BOMB_EVERY, CANCEL_EVERY = 25, 31, 17


@pytest.fixture(scope="module")
def databases(tmp_path_factory):
    databases = Databases(tmp_path_factory.mktemp("databases"))
    yield databases
    databases.drop()


@pytest.fixture
def plant(databases, tmp_path):
    plant = Plant(tmp_path, databases.new(), lease_seconds=6.0, tick_seconds=1.0)
    yield plant
    plant.stop()


def storm(chaos: Chaos, submit, *, seconds: float) -> int:
    """Submit jobs and break things for a while; return how many were submitted."""
    count, now = 0, time.monotonic()
    end, next_job, next_fault = now + seconds, now, now + 2.0
    while (now := time.monotonic()) < end:
        if now >= next_job:
            submit(count)
            count += 1
            next_job = now + chaos.rng.uniform(*BETWEEN_JOBS)
        if now >= next_fault:
            chaos.break_something()
            next_fault = time.monotonic() + chaos.rng.uniform(*BETWEEN_FAULTS)
        chaos.restart_what_died()
        time.sleep(0.05)
    return count


def say(line: str) -> None:
    """Tell how it went; pytest shows it with `-s`, and when the test fails."""
    sys.stderr.write(line + "\n")


class Ledger:
    """What was submitted, by what it has to come to."""

    def __init__(self, plant: Plant, rng: random.Random) -> None:
        self.plant = plant
        self.rng = rng
        self.normal: list[str] = []
        self.poison: list[str] = []
        self.bombs: list[str] = []
        self.cancelled: list[str] = []
        self.refused = 0

    def submit(self, number: int) -> None:
        try:
            self._submit(number)
        except AssertionError as error:
            if "OperationalError" not in str(error) and "Interface" not in str(error):
                raise
            self.refused += 1  # the database was away: the caller was told so

    def _submit(self, number: int) -> None:
        project = self.rng.randint(1, 3)
        if number % POISON_EVERY == 5:
            self.poison.append(self.plant.compute("kill_itself", project))
        elif number % BOMB_EVERY == 7:
            self.bombs.append(self.plant.compute("hoard", project, gigabytes=4))
        else:
            seconds = self.rng.choice(WORK_SECONDS)
            job = self.plant.compute("sleep", project, seconds=seconds)
            if number % CANCEL_EVERY == 9:
                self.cancelled.append(job)
                self.plant.ask("cancel", job_id=job)
            else:
                self.normal.append(job)


def test_no_job_is_lost_and_none_is_recorded_twice(plant):
    rng = random.Random(SEED)
    chaos = Chaos(plant, rng, start_worker=lambda: plant.start_worker(wait=False))
    chaos.workers = [plant.start_worker(), plant.start_worker()]
    plant.start_scheduler()
    ledger = Ledger(plant, rng)
    count = storm(chaos, ledger.submit, seconds=SECONDS)

    def all_final() -> bool:
        chaos.restart_what_died()
        return plant.ask("unfinished") == 0

    eventually(all_final, seconds=PATIENCE_SECONDS)
    jobs, effects = plant.ask("jobs"), plant.effects()
    say(
        f"seed {SEED}: {count} jobs, {sum(chaos.done.values())} faults "
        f"{dict(chaos.done)}, {chaos.restarts} restarts, {ledger.refused} refused, "
        f"{Counter(job['state'] for job in jobs.values())}, "
        f"{sum(job['attempt'] > 1 for job in jobs.values())} tried again"
    )
    every = [*ledger.normal, *ledger.poison, *ledger.bombs, *ledger.cancelled]
    assert chaos.done
    assert set(every) <= set(jobs)
    assert len(jobs) - len(every) <= ledger.refused  # told "no", may be stored
    assert_effects_fit(
        {pk for pk, job in jobs.items() if job["state"] == "succeeded"}, effects
    )
    states = {pk: job["state"] for pk, job in jobs.items()}
    assert {states[pk] for pk in ledger.poison} <= {"quarantined"}
    assert {pk for pk, state in states.items() if state == "quarantined"} <= set(
        ledger.poison
    )
    for pk in ledger.bombs:
        assert states[pk] == "failed"
        assert "memory limit" in jobs[pk]["error"]
    assert {states[pk] for pk in ledger.cancelled} <= {"cancelled", "succeeded"}
    assert {states[pk] for pk in ledger.normal} <= {"succeeded"}
    eventually(lambda: not children_of(plant))


def assert_effects_fit(succeeded: set[str], effects: dict[str, int]) -> None:
    """Assert that exactly the jobs that succeeded left one effect each."""
    assert set(effects) == succeeded
    assert set(effects.values()) <= {1}


def children_of(plant: Plant) -> list[psutil.Process]:
    """Return the processes that work in the plant's folders."""
    work_dir = str(plant.folder / "data" / "work")
    found = []
    for process in psutil.process_iter():
        try:
            if process.cwd().startswith(work_dir):
                found.append(process)
        except psutil.Error:
            continue
    return found


@pytest.mark.skipif(not LONG, reason="the control runs with `make chaos` only")
def test_plain_celery_does_not_hold_what_jobs_hold(plant, tmp_path):
    rng = random.Random(SEED)
    effects_file = tmp_path / "effects"
    effects_file.touch()
    chaos = Chaos(plant, rng, start_worker=lambda: plant.start_plain_worker())
    chaos.faults = [fault for fault in chaos.faults if "drop" not in fault.__name__]
    chaos.workers = [chaos.start_worker(), chaos.start_worker()]
    submitted: set[str] = set()

    def submit(number: int) -> None:
        seconds = rng.choice(WORK_SECONDS)
        try:
            with app.connection_for_write(
                plant.environment["BROKER_URL"]
            ) as connection:
                work_task.apply_async(
                    (str(number), seconds, str(effects_file)),
                    connection=connection,
                    retry=False,
                )
        except app.connection_for_write().connection_errors:
            return  # the caller was told
        submitted.add(str(number))

    storm(chaos, submit, seconds=60)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        chaos.restart_what_died()
        if len(set(effects_file.read_text().split())) == len(submitted):
            break
        time.sleep(0.5)
    effects = Counter(effects_file.read_text().split())
    lost = submitted - set(effects)
    say(f"plain Celery: {len(submitted)} jobs, {len(lost)} lost, {chaos.done}")
    with pytest.raises(AssertionError):
        assert_effects_fit(submitted, effects)
