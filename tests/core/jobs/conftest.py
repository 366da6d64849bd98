"""A plant a module, and workers a test."""

import pytest

from tests.core.jobs.plant import Databases, Plant


@pytest.fixture(scope="session")
def databases(tmp_path_factory):
    databases = Databases(tmp_path_factory.mktemp("databases"))
    yield databases
    databases.drop()


@pytest.fixture(scope="module")
def plant(databases, tmp_path_factory):
    plant = Plant(tmp_path_factory.mktemp("plant"), databases.new())
    plant.scheduler = plant.start_scheduler()
    yield plant
    plant.stop()


@pytest.fixture
def worker(plant):
    """A worker with two pool processes; the test may kill it."""
    worker = plant.start_worker()
    yield worker
    worker.kill()
