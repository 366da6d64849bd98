"""How well ranges held: one's own for oneself, the team's for all, and the bias."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from core.access import Actor
from engine.value.calibration import Stated, coverage
from projects import services
from projects.models import RealisedValue
from projects.selectors.calibration import (
    bias_ratio,
    own_calibration,
    team_calibration,
)
from projects.services import RangeGiven
from tests import factories
from tests.projects.test_realised import signed


def reveal(project):
    project.estimates_revealed_at = datetime(2026, 1, 1, tzinfo=UTC)
    project.save()


def answer(project, user, factor=1.0, name="Ruth Adler"):
    """Have somebody send ranges of 0.9 to 1.1 of each default times `factor`."""
    person = factories.a_stakeholder(project, name, user=user)
    ranges = {
        each.name: RangeGiven(
            low=0.9 * factor * each.default_likely,
            likely=factor * each.default_likely,
            high=1.1 * factor * each.default_likely,
        )
        for each in project.quantities.filter(is_refinement=False)
    }
    services.save_estimates(
        project, person, ranges, actor=Actor(user=user), submit=True
    )
    return person


def come_true(project, factors):
    """Enter for each quantity its default times a factor."""
    quantities = project.quantities.filter(is_refinement=False)
    for quantity, factor in zip(quantities, factors, strict=False):
        services.enter_realised(
            RealisedValue(
                project=project,
                quantity=quantity,
                starts_on=date(2026, 1, 1),
                ends_on=date(2026, 3, 31),
                value=factor * quantity.default_likely,
                method="books",
            ),
            actor=Actor(user=project.created_by),
        )


@pytest.fixture
def ruth(cast):
    return cast.contributor


def test_four_of_six_were_inside_and_ranges_should_be_wider(project, ruth):
    """Half-widths are 0.1: truths 0.05, 0.05, 0.05, 0.1, 0.15, 0.2 away.

    In half-widths 0.5, 0.5, 0.5, 1, 1.5, 2; their 90 % quantile (linear) is 1.75.
    """
    answer(project, ruth)
    reveal(project)
    come_true(project, [1.05, 0.95, 1.05, 1.0999999, 1.15, 1.2])
    own = own_calibration(Actor(user=ruth))
    assert own.held == "4 of 6 times the truth was inside"
    assert own.result.widening == pytest.approx(1.75, rel=1e-6)
    assert "1.8 times as wide" in own.advice or "1.7 times as wide" in own.advice
    stated = [Stated(0.9, 1.0, 1.1, x) for x in (1.05, 0.95, 1.05, 1.1, 1.15, 1.2)]
    assert own.result.coverage.tail == pytest.approx(coverage(stated).tail)


def test_ranges_that_mostly_miss_are_too_narrow(project, ruth):
    answer(project, ruth)
    reveal(project)
    come_true(project, [1.3, 1.3, 1.3, 1.3, 1.3, 1.3])
    own = own_calibration(Actor(user=ruth))
    assert own.held == "0 of 6 times the truth was inside"
    assert own.advice == "Ranges should be 3 times as wide."


def test_few_ranges_are_said_to_be_too_few(project, ruth):
    answer(project, ruth)
    reveal(project)
    come_true(project, [1.3])
    assert own_calibration(Actor(user=ruth)).advice.startswith("Too few to tell")


def test_nothing_came_true_says_nothing(project, ruth):
    answer(project, ruth)
    reveal(project)
    assert own_calibration(Actor(user=ruth)) is None
    assert team_calibration(project) is None


def test_ranges_that_are_not_revealed_are_not_scored(project, ruth):
    answer(project, ruth)
    other = factories.a_stakeholder(project, "Jonas Weber")
    factories.an_invitation(other)  # somebody is waited for: still blind
    come_true(project, [1.3] * 6)
    assert team_calibration(project) is None


def test_who_does_not_know_is_not_scored(project, ruth):
    person = answer(project, ruth)
    person.estimates.update(is_unknown=True)
    reveal(project)
    come_true(project, [1.3] * 6)
    assert own_calibration(Actor(user=ruth)) is None


def test_own_line_is_for_oneself_and_the_team_line_names_nobody(
    project, cast, ruth, browser_of
):
    answer(project, ruth)
    answer(project, cast.editor, 1.3, "Jonas Weber")
    reveal(project)
    come_true(project, [1.3] * 6)
    there = reverse("projects:realised", args=[project.slug])
    mine = browser_of("contributor").get(there).content.decode()
    assert "0 of 6 times the truth was inside" in mine
    theirs = browser_of("editor").get(there).content.decode()
    assert "6 of 6 times the truth was inside" in theirs
    assert "0 of 6 times" not in theirs
    watched = browser_of("viewer").get(there).content.decode()
    assert "6 of 12 times the truth was inside" in watched
    assert "Only you see this line" not in watched
    assert "Ruth Adler" not in watched


def test_own_line_counts_all_projects_one_sees_and_no_other(project, ruth):
    answer(project, ruth)
    reveal(project)
    come_true(project, [1.0])
    other = factories.a_project(slug="other")
    answer(other, ruth)
    reveal(other)
    come_true(other, [1.0])
    assert own_calibration(Actor(user=ruth)).total == 1


def test_newest_round_counts(project, ruth):
    person = answer(project, ruth)
    project.estimate_round = 2
    reveal(project)
    row = person.estimates.earliest("quantity__position")
    row.pk, row.round = None, 2
    row.low, row.likely, row.high = (1.2 * x for x in (row.low, row.likely, row.high))
    row.save()
    come_true(project, [1.2])
    assert own_calibration(Actor(user=ruth)).result.coverage.inside == 1


def test_bias_ratio_is_the_geometric_mean_over_projects_with_both(project, cast):
    """60 of 100 and 90 of 100 expected: √(0.6 · 0.9) = 0.73484692."""
    other = factories.a_project(slug="other")
    losing = factories.a_project(slug="losing")
    unsigned = factories.a_project(slug="unsigned")
    for each, mean, value in (
        (project, 400, 60),
        (other, 400, 90),
        (losing, 400, -5),
        (unsigned, None, 90),
    ):
        if mean:
            signed(each, low=0, mean=mean, high=999)
        services.enter_realised(
            RealisedValue(
                project=each,
                starts_on=date(2026, 1, 1),
                ends_on=date(2026, 3, 31),
                value=value,
                method="books",
            ),
            actor=Actor(user=cast.owner),
        )
    found = bias_ratio([project, other, losing, unsigned])
    assert found.ratio == pytest.approx(0.734846923)
    assert found.total == 2
    assert bias_ratio([unsigned]) is None
