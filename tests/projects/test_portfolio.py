"""The portfolio: what is added up, what is left out and why, how far each has come."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from core.access import Actor
from projects.models import CurrencyRate, Evidence, Gate, Project
from projects.selectors.portfolio.duplicates import lookalikes, pairs_among
from projects.selectors.portfolio.rows import LeftOut, portfolio_rows, total_of
from projects.selectors.portfolio.stages import Stage, progress_of
from projects.selectors.portfolio.table import Asked
from tests.factories import a_member, a_project, a_token, a_user
from tests.projects.portfolios import a_worth, sign

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


@pytest.fixture
def owner():
    return a_user("Ana Ferreira")


@pytest.fixture
def signed_in(client, owner):
    client.force_login(owner)
    return client


def rows_of(user, today=TODAY):
    return {
        each.project.name: each
        for each in portfolio_rows(Actor(user=user), today=today)
    }


def body(response):
    return response.content.decode()


# What is added up


def test_gains_of_counted_projects_are_added(owner):
    a_worth(owner, "One", gain=300_000, budget_needed=1_000, people_needed=2)
    a_worth(owner, "Two", gain=-100_000, budget_needed=500)
    total = total_of(rows_of(owner).values())
    assert total.counted == 2
    assert total.gain.mean == pytest.approx(200_000)
    assert (total.cost, total.people, total.losing) == (1_500, 2, 1)


def test_range_of_the_sum_is_narrower_than_the_sum_of_ranges(owner):
    for name in "abcd":
        a_worth(owner, name, gain=100.0, spread=100.0)
    gain = total_of(rows_of(owner).values()).gain
    # Independent and uniform on ±100: the sum's deviation is √4 · 200/√12 = 115.
    assert gain.mean == pytest.approx(400)
    assert 0 < gain.p5 < 400 - 1.3 * 115
    assert gain.p95 - gain.p5 < 4 * 200


def test_cost_is_building_and_a_year_of_running_unless_a_budget_is_named(owner):
    project = a_worth(owner, "One")
    case = project.value_cases.get().to_engine()
    means = case.means()
    wanted = means["build_cost"] + means["running_cost"]
    assert rows_of(owner)["One"].figures.cost == pytest.approx(wanted)
    Project.objects.update(budget_needed=70)
    assert rows_of(owner)["One"].figures.cost == 70


def test_at_risk_is_what_losing_futures_cost(owner):
    project = a_worth(owner, "One", gain=-50.0)
    case = project.value_cases.get()
    case.result = {**case.result, "evpi": 30.0}
    case.save()
    # What losing futures cost is what the others bring less the mean: 30 + 50.
    assert rows_of(owner)["One"].figures.at_risk == pytest.approx(80.0)


# What is not, and why


def test_project_nobody_has_estimated_is_listed_and_not_counted(owner):
    a_project(owner, name="Fresh")
    row = rows_of(owner)["Fresh"]
    assert row.left_out is LeftOut.NO_ESTIMATE
    assert row.figures is None


def test_worked_example_is_shown_and_not_counted(owner, signed_in):
    project = a_worth(owner, "Churn", gain=5_000_000)
    Project.objects.filter(pk=project.pk).update(is_example=True)
    a_worth(owner, "Fraud", gain=300_000)
    assert rows_of(owner)["Churn"].left_out is LeftOut.EXAMPLE
    text = body(signed_in.get(reverse("projects:portfolio")))
    assert "1 project brings about €300k a year" in text
    assert "worked example is shown and not counted" in text


def test_currency_without_a_rate_is_left_out_with_the_remedy(owner, signed_in):
    a_worth(owner, "Bern", gain=200_000, currency="CHF")
    assert rows_of(owner)["Bern"].left_out is LeftOut.NO_RATE
    text = body(signed_in.get(reverse("projects:portfolio")))
    assert "no rate for CHF" in text
    assert "A portal admin types it under Manage, Rates" in text


def test_newest_rate_until_today_holds_and_is_said_with_its_day(owner, signed_in):
    a_worth(owner, "Bern", gain=200_000, currency="CHF")
    for rate, day in (("0.9", "2026-01-01"), ("1.1", "2026-06-01")):
        CurrencyRate.objects.create(currency="CHF", rate=rate, valid_from=day)
    CurrencyRate.objects.create(currency="CHF", rate="9", valid_from="2190-01-01")
    assert rows_of(owner)["Bern"].figures.mean == pytest.approx(220_000)
    before = rows_of(owner, today=date(2026, 3, 1))
    assert before["Bern"].figures.mean == pytest.approx(180_000)
    text = body(signed_in.get(reverse("projects:portfolio")))
    assert "1 CHF is 1.1 EUR since 1 June 2026" in text


def test_archived_and_deleted_projects_are_not_in_the_portfolio(owner):
    a_worth(owner, "Aside", archived_at=timezone.now())
    a_worth(owner, "Gone", deleted_at=timezone.now())
    assert not rows_of(owner)


# Stages


@pytest.fixture
def project(owner):
    return a_worth(owner, "Card fraud")


def stage_of(project):
    return progress_of([Project.objects.get(pk=project.pk)])[project.pk]


def test_project_begins_as_an_idea_before_its_design_gate(project):
    progress = stage_of(project)
    assert progress.stage is Stage.IDEA
    assert progress.next_gate == "design"


def test_every_capacity_the_gate_asks_for_makes_it_designed(project):
    sign(project, "design", "sponsor")
    assert stage_of(project).stage is Stage.IDEA
    sign(project, "design", "sponsor", "finance")
    progress = stage_of(project)
    assert (progress.stage, progress.next_gate) == (Stage.DESIGNED, "model")


@pytest.mark.parametrize(
    "said", [{"word": "reject"}, {"verdict": "no_go"}], ids=["rejected", "no-go"]
)
def test_rejected_or_no_go_passes_no_gate(project, said):
    sign(project, "design", "sponsor", "finance", **said)
    assert stage_of(project).stage is Stage.IDEA


def test_newer_decision_counts_not_the_older_one(project):
    sign(project, "design", "sponsor", "finance")
    sign(project, "design", "sponsor", "finance", verdict="no_go")
    assert stage_of(project).stage is Stage.IDEA


def profiled(project):
    Evidence.objects.create(
        project=project,
        subject_kind="data_set_version",
        subject_id="1",
        subject_label="customers",
        metric_key="completeness_score",
    )


def test_evidence_decides_where_the_gate_is_not_in_use(project):
    profiled(project)
    assert stage_of(project).stage is Stage.DATA


def test_gate_in_use_decides_whatever_the_evidence(project):
    Gate.objects.update_or_create(
        project=project, key="data", defaults={"is_on": True, "capacities": ["data"]}
    )
    profiled(project)
    assert stage_of(project).stage is Stage.IDEA
    sign(project, "data", "data")
    assert stage_of(project).stage is Stage.DATA


def test_launched_and_reviewed_follow_from_the_day_and_the_gate(project):
    Project.objects.filter(pk=project.pk).update(launched_at=timezone.now())
    assert stage_of(project).stage is Stage.LAUNCHED
    Gate.objects.update_or_create(
        project=project, key="review", defaults={"is_on": True, "capacities": []}
    )
    # A review is done whatever it finds.
    sign(project, "review", "sponsor", verdict="no_go")
    assert stage_of(project).stage is Stage.REVIEWED


# The pages


@pytest.mark.parametrize(
    "name", ["portfolio", "portfolio_bubbles", "portfolio_board", "portfolio_optimiser"]
)
@pytest.mark.parametrize("count", [0, 1, 2])
def test_pages_stand_with_none_one_and_two_projects(name, count, owner, signed_in):
    for at in range(count):
        a_worth(owner, f"Project {at}", gain=100.0 * at)
    assert signed_in.get(reverse(f"projects:{name}")).status_code == 200


def test_table_is_sorted_and_filtered_by_the_address(owner, signed_in):
    for name, gain in (("Bees", 1.0), ("Ants", 3.0), ("Cats", 2.0)):
        a_worth(owner, name, gain=gain)
    a_project(owner, name="Dogs")

    def names(query):
        page = signed_in.get(reverse("projects:portfolio") + query).context["page"]
        return [row.project.name for row in page]

    assert names("") == ["Ants", "Cats", "Bees", "Dogs"]
    assert names("?sort=gain") == ["Bees", "Cats", "Ants", "Dogs"]
    assert names("?sort=name") == ["Ants", "Bees", "Cats", "Dogs"]
    assert names("?q=at") == ["Cats"]
    assert names("?stage=model") == []
    assert names("?sort=nonsense&stage=nonsense") == ["Ants", "Cats", "Bees", "Dogs"]


def test_what_is_unknown_comes_last_either_way(owner):
    a_worth(owner, "Known", people_needed=3)
    a_worth(owner, "Unknown", people_needed=None)
    rows = list(rows_of(owner).values())
    for sort in ("people", "-people"):
        assert Asked.of({"sort": sort}).ordered(rows)[-1].project.name == "Unknown"


def test_csv_holds_full_figures_and_no_formulas(owner, signed_in):
    a_worth(owner, "=HYPERLINK(1)", gain=123456.789)
    lines = signed_in.get(reverse("projects:portfolio_export"))
    text = b"".join(lines.streaming_content).decode()
    assert "123456.789" in text
    assert ",'=HYPERLINK(1)," in text


def test_outsiders_projects_are_neither_shown_nor_counted(owner, client):
    a_worth(owner, "Secret plan", gain=1_000_000, slug="secret-plan")
    other = a_user("Otto")
    a_worth(other, "Open plan", gain=100_000)
    client.force_login(other)
    for name in ("portfolio", "portfolio_bubbles", "portfolio_board"):
        text = body(client.get(reverse(f"projects:{name}")))
        assert "Secret plan" not in text
        assert "1 of 1" in text
    asked = "?with=secret-plan&budget=1"
    text = body(client.get(reverse("projects:portfolio_optimiser") + asked))
    assert "Secret plan" not in text
    assert "is about what is not counted here" in text


def test_portal_admin_sees_no_project_without_joining(owner, client):
    a_worth(owner, "Secret plan")
    client.force_login(a_user("Root", is_portal_admin=True))
    text = body(client.get(reverse("projects:portfolio")))
    assert "Secret plan" not in text
    assert "No project yet" in text


# Looking alike

CHURN = "Customers leave and we notice when they are gone."
AGAIN = "Customers are leaving and it is noticed when they have gone."


def test_restated_use_case_is_named_and_another_one_is_not(owner):
    churn = a_project(owner, name="Keep leaving customers", problem=CHURN)
    a_project(
        owner,
        name="Invoice matching",
        problem="Invoices are matched by hand.",
        decision_supported="Which invoice belongs to which order",
    )
    found = lookalikes(Actor(user=owner), name="Churn prevention", problem=AGAIN)
    assert [each.project for each in found] == [churn]


def test_pairs_that_look_alike_are_named_on_the_portfolio(owner, signed_in):
    a_project(owner, name="Keep leaving customers", problem=CHURN)
    a_project(owner, name="Churn prevention", problem=AGAIN)
    text = body(signed_in.get(reverse("projects:portfolio")))
    assert "1 pair of projects looks alike" in text


def test_nobody_finds_out_a_project_by_typing_its_name(owner, client):
    a_project(owner, name="Keep leaving customers", problem=CHURN)
    client.force_login(a_user("Otto"))
    asked = {"name": "Keep leaving customers", "problem": CHURN}
    text = body(client.get(reverse("projects:projects_alike"), asked))
    assert "Keep leaving" not in text
    assert not text.strip()


def test_look_alike_is_named_while_typing_and_keeps_nobody_from_going_on(
    signed_in, owner
):
    a_project(owner, name="Keep leaving customers", problem=CHURN)
    asked = {"name": "Churn prevention", "problem": AGAIN}
    text = body(signed_in.get(reverse("projects:projects_alike"), asked))
    assert "looks like a project that exists" in text
    assert "Keep leaving customers" in text
    by_api = signed_in.get("/api/v1/projects/alike/", asked).json()
    assert [each["name"] for each in by_api] == ["Keep leaving customers"]
    assert by_api[0]["likeness"] > 0.25
    typed = {
        **asked,
        "template": "churn",
        "decision_supported": "Whom to call next week",
        "task": "binary",
        "currency": "EUR",
        "horizon_years": 3,
    }
    assert signed_in.post(reverse("projects:project_create"), typed).status_code == 302


@pytest.mark.parametrize("text", ["", "?", "x" * 10_000, "مرحبا بالعالم 🎉"])
def test_odd_names_look_like_nothing_and_break_nothing(text, owner):
    a_project(owner, name="Keep leaving customers", problem=CHURN)
    assert lookalikes(Actor(user=owner), name=text) == []


def test_one_project_has_no_pair(owner):
    assert pairs_among([a_project(owner)]) == []


# Rates, settings


def test_admin_types_and_removes_a_rate(client, owner):
    client.force_login(a_user("Root", is_portal_admin=True))
    typed = {"currency": "chf", "rate": "1.05", "valid_from": "2026-11-01"}
    assert client.post(reverse("projects:rates"), typed).status_code == 302
    row = CurrencyRate.objects.get()
    assert (row.currency, float(row.rate)) == ("CHF", 1.05)
    again = client.post(reverse("projects:rates"), typed)
    assert again.status_code == 422
    assert "This day has a rate already" in body(again)
    client.post(reverse("projects:rate_delete", args=[row.pk]))
    assert not CurrencyRate.objects.exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"currency": "EUR"}, "it needs no rate"),
        ({"currency": "Franken"}, "at most 3 characters"),
        ({"rate": "0"}, "the least possible"),
        ({"rate": "a lot"}, "is not a number"),
        ({"valid_from": "soon"}, "valid date"),
    ],
)
def test_rate_that_is_none_is_refused_beside_its_box(client, change, words):
    client.force_login(a_user("Root", is_portal_admin=True))
    typed = {"currency": "CHF", "rate": "1.05", "valid_from": "2026-11-01", **change}
    response = client.post(reverse("projects:rates"), typed)
    assert response.status_code == 422
    assert words in body(response)


def test_rates_are_not_there_for_others(signed_in):
    assert signed_in.get(reverse("projects:rates")).status_code == 404


def test_owner_says_people_and_budget_in_the_settings(owner, signed_in):
    project = a_project(owner)
    typed = {
        "name": project.name,
        "problem": project.problem,
        "decision_supported": project.decision_supported,
        "currency": "EUR",
        "horizon_years": 3,
        "people_needed": "2.5",
        "budget_needed": "1.2k",
    }
    assert signed_in.post(project.url("projects:settings"), typed).status_code == 302
    project.refresh_from_db()
    assert (project.people_needed, project.budget_needed) == (2.5, 1200)
    typed["people_needed"] = "-1"
    response = signed_in.post(project.url("projects:settings"), typed)
    assert "the least possible" in body(response)


def test_token_of_one_project_sees_that_one_alone(owner, client):
    one = a_worth(owner, "One")
    a_worth(owner, "Two")
    key = a_token(owner, "read", project=one)
    answer = client.get(
        "/api/v1/portfolio/", headers={"authorization": f"Bearer {key}"}
    )
    assert [row["name"] for row in answer.json()["results"]] == ["One"]


def test_viewer_sees_the_figures_of_a_project_they_joined(owner, client):
    project = a_worth(owner, "One", gain=120.0)
    client.force_login(a_member(project))
    row = client.get("/api/v1/portfolio/").json()["results"][0]
    assert (row["gain_mean"], row["stage"], row["not_counted"]) == (120.0, "idea", None)
