"""How many queries a page takes: few, and no more of them when there is more to show."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.access import Actor
from dataquality.models import DataSet
from experiments.models import Run
from projects import services
from projects.models import Membership, Requirement, Role
from tests import factories
from tests.experiments.factories import a_run, an_experiment
from tests.worlds import build_world

pytestmark = pytest.mark.django_db

# Session, person and project take three, the strip and the sidebar about fifteen.
MOST = {
    "home": 30,
    "project_overview": 28,
    "project_activity": 30,  # one for each kind of thing in the trash
    "projects:project_list": 9,
    "projects:portfolio": 16,
    "projects:portfolio_board": 16,
    "projects:portfolio_optimiser": 22,
    "projects:platforms": 19,
    "projects:value": 34,
    "projects:people": 23,
    "projects:requirements": 24,
    "projects:metrics": 28,
    "projects:decisions": 26,
    "dataquality:data_sets": 24,
    "experiments:experiments": 25,
    "experiments:runs": 28,
}
OF_ONE = {
    "projects:requirement": ("requirement", 27),
    "projects:decision": ("decision", 19),
    "experiments:experiment": ("experiment", 28),
    "experiments:run": ("run", 33),
}
PAGES = {**MOST, **{name: most for name, (_kind, most) in OF_ONE.items()}}


@pytest.fixture
def world(client):
    world = build_world("A", text="alpha")
    client.force_login(world.people["owner"])
    return world


def address(name, world):
    if name in OF_ONE:
        kind, _most = OF_ONE[name]
        return reverse(name, args=[world.project.slug, world.ids[kind]])
    is_above_projects = name in {"home", "projects:project_list", "projects:platforms"}
    has_slug = not (is_above_projects or name.startswith("projects:portfolio"))
    return reverse(name, args=[world.project.slug] if has_slug else [])


def queries(client, path):
    client.get(path)  # what is found once a process is found
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


def test_each_page_takes_few_queries(world, client):
    found = {name: queries(client, address(name, world)) for name in PAGES}
    assert {name: n for name, n in found.items() if n > PAGES[name]} == {}


def more(world, text):
    """Put one more of each kind of row into the project, and one more project."""
    project, owner = world.project, world.people["owner"]
    actor = Actor(user=owner)
    requirement = Requirement(project=project, kind="compliance", priority="must")
    said = {"title": f"rule {text}", "test": "attested"}
    services.save_requirement(requirement, actor=actor, said=said)
    services.attest(requirement, actor=actor, holds=True, note="")
    person = factories.a_stakeholder(project, f"Person {text}")
    factories.an_invitation(person, by=owner)
    experiment = an_experiment(project, f"try {text}")
    a_run(experiment, name=text)
    a_run(Run.objects.get(pk=world.ids["run"]).experiment, name=f"again {text}")
    DataSet.objects.create(project=project, name=text, slug=f"set-{text}")
    other = factories.a_project(name=f"Other {text}", slug=f"other-{text}")
    Membership.objects.create(project=other, user=owner, role=Role.EDITOR)
    factories.an_invitation(factories.a_stakeholder(other, user=owner))


def test_more_rows_take_no_more_queries(world, client):
    more(world, "one")
    more(world, "two")
    few = {name: queries(client, address(name, world)) for name in PAGES}
    for text in ("three", "four", "five", "six"):
        more(world, text)
    many = {name: queries(client, address(name, world)) for name in PAGES}
    assert {name: n for name, n in many.items() if n > few[name]} == {}


def test_what_is_kept_for_one_page_is_not_kept_for_the_next(world, client):
    path = address("projects:requirements", world)
    assert "no age is used" not in client.get(path).content.decode()
    row = Requirement(project=world.project, kind="compliance", priority="must")
    said = {"title": "no age is used", "test": "attested"}
    services.save_requirement(row, actor=Actor(user=world.people["owner"]), said=said)
    assert "no age is used" in client.get(path).content.decode()
