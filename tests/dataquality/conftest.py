"""A project with people in every role, and files as they come."""

from pathlib import Path

import pytest

from core import objects
from core.access import Actor
from core.jobs import testing
from core.jobs.testing import run_now
from dataquality import services, tasks
from dataquality.models import Check
from projects.models import Role
from tests import factories

CHURN = Path(__file__).resolve().parents[2] / "examples" / "churn"


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path, work_dir):
    """Objects and attempts of each test in folders of its own."""
    settings.OBJECT_DIR = tmp_path / "objects"


@pytest.fixture(autouse=True)
def in_this_process(request, monkeypatch):
    """Compute here: a child for each file costs more than all else.

    Files that can harm their reader, and what limits it, are marked `child`.
    """
    if request.node.get_closest_marker("child") is None:
        monkeypatch.setattr(testing, "RUNNER", testing.in_process)


@pytest.fixture
def project(db):
    return factories.a_project()


@pytest.fixture
def owner(project):
    return project.created_by


@pytest.fixture
def contributor(project):
    return factories.a_member(project, Role.CONTRIBUTOR)


@pytest.fixture
def viewer(project):
    return factories.a_member(project, Role.VIEWER)


@pytest.fixture
def outsider(db):
    return factories.a_user("Olga Outside")


@pytest.fixture
def signed_in(client):
    """Return a function that gives the client of a person."""

    def sign_in(person):
        client.force_login(person)
        return client

    return sign_in


@pytest.fixture
def data_set(project, owner):
    return services.create_data_set(project, actor=Actor(user=owner), name="Customers")


@pytest.fixture
def deliver(owner):
    """Return a function that uploads bytes and reads them in a real child."""

    def deliver(data_set, content, file_name="table.csv", **fields):
        actor = Actor(user=data_set.project.created_by)
        delivered = services.deliver(
            data_set,
            actor=actor,
            incoming=objects.receive([content], limit=10**9),
            file_name=file_name,
            **fields,
        )
        if delivered.is_new:
            run_now(tasks.start_reading(delivered.version, actor=actor))
        delivered.version.refresh_from_db()
        return delivered.version

    return deliver


@pytest.fixture
def version(data_set, deliver):
    """A small version that is ready."""
    return deliver(data_set, b"name,age\nAna,31\nBo,\nCy,52\n")


@pytest.fixture
def declare(owner):
    """Return a function that declares checks: pairs of a kind and its parameters."""

    def declare(data_set, *checks):
        rows = [Check(data_set=data_set, kind=kind, params=p) for kind, p in checks]
        return [services.save_check(row, actor=Actor(user=owner)) for row in rows]

    return declare
