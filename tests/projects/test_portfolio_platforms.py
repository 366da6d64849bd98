"""Shared platforms beside the projects that need them, and requests at once."""

import pytest
from django.db import connection
from django.urls import reverse

from core.access import Actor
from core.models import IdempotencyKey
from engine.value.portfolio import Rules
from projects.models import (
    CurrencyRate,
    Platform,
    PlatformUse,
    Scenario,
)
from projects.selectors.portfolio.choice import choose, problem_of
from projects.selectors.portfolio.platform_page import fewest_failing, platform_pages
from tests.factories import a_member, a_user
from tests.projects.portfolios import (
    LIMITS,
    TODAY,
    a_worth,
    ask,
    body,
    page_of,
    set_gain,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return a_user("Ana Ferreira")


@pytest.fixture
def signed_in(client, owner):
    client.force_login(owner)
    return client


@pytest.mark.parametrize(
    ("worths", "cost", "few"),
    [
        ([100, 100, 100, 120], 180, 3),
        ([120, 100, 100, 100], 250, 2),
        ([100, 50], 150, 1),
        ([100, 50], 151, 0),
        ([100, 50], 0, None),
        ([], 10, 0),
    ],
)
def test_fewest_that_must_fail_until_it_does_not_pay(worths, cost, few):
    assert fewest_failing(worths, cost) == few


@pytest.fixture
def platform(owner):
    """Four projects worth 420k a year on a platform of 180k a year."""
    row = Platform.objects.create(
        name="The feature platform", cost_yearly=180_000, created_by=owner
    )
    for name, gain in (("a", 150_000), ("b", 120_000), ("c", 80_000), ("d", 70_000)):
        project = a_worth(owner, name, slug=name, gain=gain, budget_needed=1)
        PlatformUse.objects.create(platform=row, project=project)
    return row


def priced(owner, row):
    problem = problem_of(Actor(user=owner), Rules(), today=TODAY)
    return next(p for p in platform_pages(problem) if p.priced.platform == row)


def test_platform_is_priced_in_one_sentence(owner, platform):
    page = priced(owner, platform)
    assert page.answer == (
        "The feature platform costs €180k a year and serves 4 projects to which it is "
        "worth €420k: it pays unless 2 of them fail."
    )
    assert page.price.worth == pytest.approx(240_000)


def test_cost_is_allocated_by_weight_over_what_is_done(owner, platform):
    uses = {each.project.slug: each for each in platform.uses.all()}
    uses["a"].weight = 3
    uses["a"].save()
    set_gain(uses["d"].project, -5)
    page = priced(owner, platform)
    bears = {share.use.project.slug: share.bears for share in page.shares}
    assert bears == pytest.approx({"a": 108_000, "b": 36_000, "c": 36_000, "d": 0})


def test_platform_one_can_do_without_is_worth_what_it_spares(owner, platform):
    platform.uses.update(is_needed=False, cost_without=10_000)
    page = priced(owner, platform)
    assert sum(share.adds for share in page.shares) == pytest.approx(40_000)
    assert "it does not pay, €140k a year are missing." in page.answer


def test_cost_to_build_is_spread_over_the_horizon(owner, platform):
    platform.cost_once, platform.cost_yearly = 90_000, 0
    platform.save()
    page = priced(owner, platform)
    assert (page.priced.years, page.priced.yearly) == (3, pytest.approx(30_000))


def test_platform_in_a_currency_without_a_rate_says_so(owner, platform):
    platform.currency = "CHF"
    platform.save()
    assert priced(owner, platform).answer == (
        "The feature platform is not counted: no rate for CHF."
    )
    CurrencyRate.objects.create(currency="CHF", rate=2, valid_from="2026-01-01")
    assert "costs €360k" in priced(owner, platform).answer


def test_optimiser_buys_a_platform_only_with_enough_that_needs_it(owner, platform):
    assert page_of(owner).choice.selection.platforms == (f"platform:{platform.pk}",)
    # One project is worth less than the platform it needs.
    assert page_of(owner, excluded=("b", "c", "d")).choice.selection.chosen == ()


def test_platform_is_named_edited_used_and_deleted_by_its_maker(signed_in, owner):
    project = a_worth(owner, "One", gain=500.0)
    typed_in = {
        "name": "GPU cluster",
        "currency": "EUR",
        "cost_once": "1k",
        "cost_yearly": "",
    }
    made = signed_in.post(reverse("projects:platform_create"), typed_in)
    row = Platform.objects.get()
    assert made.url == reverse("projects:platform", args=[row.pk])
    assert row.cost_once == 1000
    use = {"project": project.pk, "weight": "2", "is_needed": "on"}
    for weight in ("2", "3"):
        signed_in.post(
            reverse("projects:platform_use", args=[row.pk]), {**use, "weight": weight}
        )
    assert PlatformUse.objects.get().weight == 3
    edit = reverse("projects:platform_edit", args=[row.pk])
    assert signed_in.post(edit, {**typed_in, "cost_once": "-1"}).status_code == 422
    leave = reverse("projects:platform_leave", args=[row.pk, project.slug])
    signed_in.post(leave)
    assert not PlatformUse.objects.exists()
    signed_in.post(reverse("projects:platform_delete", args=[row.pk]))
    assert "1 in the trash" in body(signed_in.get(reverse("projects:platforms")))
    signed_in.post(reverse("projects:platform_restore", args=[row.pk]))
    assert Platform.objects.get().deleted_at is None


def test_member_sees_a_platform_with_their_own_projects_alone(owner, platform, client):
    reader = a_member(platform.uses.get(project__slug="a").project)
    client.force_login(reader)
    response = client.get(reverse("projects:platform", args=[platform.pk]))
    assert [share.use.project.slug for share in response.context["page"].shares] == [
        "a"
    ]
    assert not response.context["may_edit"]
    edit = reverse("projects:platform_edit", args=[platform.pk])
    assert client.post(edit, {}).status_code == 404
    client.force_login(a_user("Otto"))
    page = client.get(reverse("projects:platform", args=[platform.pk]))
    assert page.status_code == 404


@pytest.mark.django_db(transaction=True)
def test_api_holds_no_lock_while_it_chooses(client, owner, monkeypatch):
    a_worth(owner, "A", slug="a", budget_needed=100, people_needed=1)
    inside = []

    def watched(problem):
        inside.append(connection.in_atomic_block)
        return choose(problem)

    monkeypatch.setattr("projects.api.portfolio.choose", watched)
    client.force_login(owner)

    def send(method, url, body):
        headers = {"Idempotency-Key": "one"}
        answer = method(url, body, content_type="application/json", headers=headers)
        return answer.json()

    scenario = {"name": "Half", "rules": LIMITS}
    made = send(client.post, "/api/v1/scenarios/", scenario)
    assert send(client.post, "/api/v1/scenarios/", scenario) == made
    send(client.patch, f"/api/v1/scenarios/{made['id']}/", {"name": "All"})
    assert inside == [False, False]  # the repeated request is not computed again
    assert [each.name for each in Scenario.objects.all()] == ["All"]


@pytest.mark.django_db(transaction=True)
def test_of_two_equal_requests_at_once_one_scenario_is_kept(client, owner, monkeypatch):
    def late(problem):  # the other request has been answered meanwhile
        IdempotencyKey.objects.create(
            user=owner, key="one", request_digest="0", status=201, body={}
        )
        return choose(problem)

    a_worth(owner, "A", slug="a", budget_needed=100, people_needed=1)
    monkeypatch.setattr("projects.api.portfolio.choose", late)
    client.force_login(owner)
    answer = client.post(
        "/api/v1/scenarios/",
        {"name": "Half", "rules": LIMITS},
        content_type="application/json",
        headers={"Idempotency-Key": "one"},
    )
    assert answer.status_code == 409
    assert not Scenario.objects.exists()


def test_api_prices_a_platform(client, owner, platform):
    found = ask(client, owner, f"/api/v1/platforms/{platform.pk}/price/").json()
    assert (found["fails"], found["worth"]) == (2, pytest.approx(240_000))
    assert sum(found["allocated"].values()) == pytest.approx(180_000)


def test_api_has_a_project_use_a_platform_once(client, owner, platform):
    project = a_worth(owner, "e", slug="e")
    use = {"platform": platform.pk, "project": "e", "weight": 2.0}
    assert ask(client, owner, "/api/v1/platform-uses/", use).status_code == 201
    again = ask(client, owner, "/api/v1/platform-uses/", use)
    assert again.status_code == 400
    assert "uses the platform already" in str(again.json())
    assert project.platform_uses.count() == 1


def test_only_admins_type_rates_through_the_api(client, owner):
    rate = {"currency": "CHF", "rate": "1.05", "valid_from": "2026-11-01"}
    assert ask(client, owner, "/api/v1/rates/", rate).status_code == 403
    admin = a_user("Root", is_portal_admin=True)
    assert ask(client, admin, "/api/v1/rates/", rate, "admin").status_code == 201
    assert ask(client, owner, "/api/v1/rates/").json()["count"] == 1
