"""A project with people, a small table and, where asked for, trained runs."""

import pytest

from core.access import Actor
from experiments import services, tasks
from tests.experiments.factories import NOW, a_protocol, a_version, an_experiment
from tests.factories import a_project, a_user, gates_off


@pytest.fixture
def store(settings, tmp_path):
    """A folder of the test's own for stored objects."""
    settings.OBJECT_DIR = tmp_path / "objects"
    return settings.OBJECT_DIR


@pytest.fixture
def owner(db):
    return a_user()


@pytest.fixture
def project(owner, store):
    return gates_off(a_project(owner))


@pytest.fixture
def version(project, tmp_path):
    return a_version(project, tmp_path)


@pytest.fixture
def experiment(project):
    return an_experiment(project, "Autumn")


@pytest.fixture
def protocol(experiment, version):
    return a_protocol(experiment, version)


@pytest.fixture
def start(owner, protocol):
    """Return a function that asks for trials and submits their jobs."""

    def start(*families, **params):
        asked = [
            services.TrialAsked(family, params.get(family, {}), seed=1)
            for family in families
        ]
        actor = Actor(user=owner)
        _sweep, runs = services.plan_sweep(protocol, asked, actor=actor, now=NOW)
        for run in runs:
            tasks.start_training(run, actor=actor)
        return runs

    return start


@pytest.fixture
def trained(start, jobs_inline):
    """Two finished runs, compared with each other."""
    runs = start("linear", "tree")
    jobs_inline()
    for run in runs:
        run.refresh_from_db()
    return runs
