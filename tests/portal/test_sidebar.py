"""The sidebar says on every page in which room it lies."""

import re

import pytest
from django.urls import reverse

from tests.worlds import build_world

MARKED = re.compile(r'<a href="([^"]+)" aria-current="(page|true)"')


@pytest.mark.django_db
def test_each_page_is_marked_as_in_its_room(client):
    world = build_world("A", text="alpha")
    client.force_login(world.people["admin"])

    def marks(path):
        page = client.get(path).content.decode()
        side = page[page.index('id="side"') : page.index("</nav>")]
        return MARKED.findall(side)

    portfolio, manage = reverse("projects:portfolio"), reverse("core:manage")
    assert marks(reverse("home")) == [(reverse("home"), "page")]
    assert marks(portfolio) == [(portfolio, "page")]
    for page in ("portfolio_board", "portfolio_bubbles", "portfolio_optimiser"):
        assert marks(reverse(f"projects:{page}")) == [(portfolio, "true")]
    for page in ("platforms", "scenarios", "platform_create", "portfolio_frontier"):
        assert marks(reverse(f"projects:{page}")) == [(portfolio, "true")]
    assert marks(reverse("core:people")) == [(manage, "true")]
    assert marks(reverse("projects:rates")) == [(manage, "true")]
    projects = reverse("projects:project_list")
    assert marks(reverse("projects:project_create")) == [(projects, "true")]
    assert marks(reverse("help")) == []

    client.force_login(world.people["owner"])
    here, report = world.project, world.ids["experiment"]
    overview = reverse("project_overview", args=[here.slug])
    trials = reverse("experiments:experiments", args=[here.slug])
    assert marks(overview) == [(overview, "page")]
    for page in ("projects:settings", "projects:people", "project_activity"):
        assert marks(reverse(page, args=[here.slug])) == [(overview, "true")]
    address = reverse("experiments:report", args=[here.slug, report])
    assert marks(address) == [(trials, "true")]
    value = reverse("projects:value", args=[here.slug])
    address = reverse("projects:realised", args=[here.slug])
    assert marks(address) == [(value, "true")]
