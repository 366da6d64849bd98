"""A plant a module, and a worker that lives until a test kills it."""

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
    """A worker with two pool processes; a test may kill it, the next gets another."""
    return plant.standing_worker()


@pytest.fixture
def unattended(plant):
    """The plant without any worker."""
    plant.dismiss_worker()
    return plant
