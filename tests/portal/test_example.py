"""The worked example, as far as it needs no worker; the tour walks the rest."""

from datetime import date

import pytest
from django.urls import reverse

from core.access import Actor
from core.models import Notification
from mlops_portal.example import afterwards, design, story
from mlops_portal.example.load import _decide
from projects import services
from projects.models import Comment, Platform
from projects.selectors.calibration import team_calibration
from projects.selectors.comparison import side_by_side
from projects.selectors.portfolio.optimism import measured_optimism
from projects.selectors.realised import realised_page
from tests.factories import a_user

TODAY = date(2026, 11, 23)


@pytest.mark.django_db
def test_example_tells_of_talk_rounds_a_platform_and_what_came_true(client):
    owner = a_user("Ana Ferreira")
    actor = Actor(user=owner)
    project = design.begin(actor)
    _decide(project, story.DESIGN, actor, say=print)
    for _once_more in range(2):
        afterwards.talk(project, actor)
        afterwards.build_on_a_platform(project, actor)
        afterwards.come_true(project, actor, today=TODAY)

    assert project.estimate_round == 2
    spread = {
        upto: {
            row.quantity.name: row.disagreement
            for row in side_by_side(project, upto=upto, settled=False)
        }
        for upto in (1, 2)
    }
    assert spread[2]["save_rate"] < spread[1]["save_rate"] / 2
    assert max(spread[2].values()) > 0.25  # people still differ on something
    assert str(project.requirements.first()).startswith("Finds at least 74 of 100")

    assert Comment.objects.count() == 4
    (notice,) = Notification.objects.filter(kind="mention")
    assert notice.user == owner

    page = realised_page(project)
    assert [each.name for each in page.quarters] == ["Q3 2026", "Q2 2026"]
    assert page.standing == "inside"
    assert team_calibration(project).is_enough
    assert measured_optimism(actor) is None  # invented figures shrink no gain

    client.force_login(owner)
    listed = reverse("projects:platforms")
    name = story.platform().name
    assert name in client.get(listed).content.decode()
    assert not Platform.objects.editable_by(actor).exists()
    services.archive_project(project, actor=actor)
    assert name not in client.get(listed).content.decode()


def test_a_quarter_before_the_first_lies_in_the_year_before():
    assert afterwards.quarter_before(date(2026, 1, 1), 1) == date(2025, 10, 1)
    assert afterwards.quarter_before(date(2026, 12, 31), 2) == date(2026, 4, 1)
