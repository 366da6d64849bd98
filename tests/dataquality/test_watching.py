"""Alerts, histories, prices and what is done about gaps: page, API and scheduler."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.access import Actor
from core.models import Notification, WebhookDelivery
from core.services import add_webhook
from dataquality import services
from dataquality.models import (
    Alert,
    DataSet,
    DataSetVersion,
    Mitigation,
    Monitor,
    Profile,
)
from dataquality.selectors.alerts import alerts_waiting
from dataquality.selectors.pricing import damage_of
from dataquality.selectors.problems import problems_of
from dataquality.selectors.trends import trends_of
from engine.checks import DIMENSIONS
from engine.words import gettext_noop
from mlops_portal.selectors.home import waiting_for
from projects.models import Evidence, Requirement, RequirementVersion, Role
from projects.services import (
    Measurement,
    Subject,
    record_evidence,
    save_requirement,
)
from tests import factories

pytestmark = pytest.mark.django_db
# What does not fill a column: of text, of times.
MISFITS = (("plan", "median", "holds text"), ("since", "median", "holds times"))
DAY = timedelta(days=1)
CONTENT = {
    "problems": [
        {
            "code": code,
            "severity": "warning",
            "column": "age",
            "rows": rows,
            "sentence": "",
            "values": {"n": rows, **more},
        }
        for code, rows, more in (
            ("missing", 20, {"share": 0.2}),
            ("spelling", 5, {"odd": "x", "usual": "X"}),
            ("constant", 100, {}),
        )
    ],
    "columns": [],
}


def a_version(data_set, *, rows=100, missing=0.1, completeness=0.9, at=None):
    """Return a version that is ready, without a file: its figures are all one needs."""
    number = data_set.versions.count() + 1
    version = DataSetVersion.objects.create(
        data_set=data_set,
        number=number,
        state=DataSetVersion.State.READY,
        digest=f"{number:064}",
        source_digest=f"{number:064}",
        rows=rows,
        columns=[
            {"name": "age", "kind": "integer"},
            {"name": "plan", "kind": "text"},
            {"name": "since", "kind": "date"},
        ],
        created_at=at or timezone.now(),
    )
    values = {"completeness": completeness, "timeliness": 1.0}
    Profile.objects.create(
        version=version,
        content=CONTENT,
        missing={"age": missing},
        scores=[
            {
                "dimension": name,
                "value": values.get(name),
                "n": rows,
                "formula": "",
                "note": "",
                "assessed": name in values,
            }
            for name in DIMENSIONS
        ],
    )
    return version


def measure(version, completeness):
    """Record the completeness of a version as its assessment would, and look at it."""
    record_evidence(
        version.data_set.project,
        subject=Subject("data_set_version", str(version.pk), str(version)),
        measurements=[Measurement("completeness_score", completeness, n=100)],
        inputs={},
    )
    services.watch_version(version)


def require(project, owner, **said):
    row = Requirement(project=project, kind=said.pop("kind", Requirement.Kind.ACCURACY))
    save_requirement(row, actor=Actor(user=owner), said=said)
    return row


@pytest.fixture(scope="module")
def made(written_once):
    """A project with somebody in every role, and five even versions."""

    def make():
        owner = factories.a_user("Ana Ferreira")
        project = factories.a_project(owner)
        data_set = services.create_data_set(
            project, actor=Actor(user=owner), name="Customers"
        )
        long_ago = timezone.now() - 10 * DAY
        for n in range(5):
            a_version(data_set, rows=100 + n, at=long_ago + n * DAY)
        people = {
            str(role): factories.a_member(project, role).pk
            for role in (Role.EDITOR, Role.CONTRIBUTOR, Role.VIEWER)
        }
        outsider = factories.a_user("Olga Outside").pk
        return {"data_set": data_set.pk, "people": {**people, "outsider": outsider}}

    return written_once(make)


@pytest.fixture
def world(made):
    from core.models import User

    data_set = DataSet.objects.select_related("project__created_by").get(
        pk=made["data_set"]
    )
    people = {role: User.objects.get(pk=pk) for role, pk in made["people"].items()}
    return SimpleNamespace(
        data_set=data_set,
        project=data_set.project,
        owner=data_set.project.created_by,
        actor=Actor(user=data_set.project.created_by),
        **people,
    )


def at(name, world, **more):
    kwargs = {"slug": world.project.slug, "name": world.data_set.slug, **more}
    return reverse(f"dataquality:{name}", kwargs=kwargs)


def as_person(person):
    client = Client()
    client.force_login(person)
    return client


class ApiClient(Client):
    """A client that sends JSON."""

    def post(self, path, data=None):
        return super().post(path, data or {}, content_type="application/json")

    def patch(self, path, data):
        return super().patch(path, data, content_type="application/json")


def by_token(person):
    key = factories.a_token(person)
    return ApiClient(headers={"Authorization": f"Bearer {key}"})


# Histories


def test_history_is_read_by_one_query_and_without_whole_profiles(
    world, django_assert_num_queries
):
    a_version(world.data_set, rows=5000, missing=0.6, completeness=0.9)

    with django_assert_num_queries(1):
        trends = trends_of(world.data_set)
    assert trends.numbers == (1, 2, 3, 4, 5, 6)
    assert trends.rows.odd == (5,)
    assert [each.odd for each in trends.missing] == [(5,)]
    scores = {each.name: each for each in trends.scores}
    assert scores["completeness"].values == (0.9,) * 6
    assert scores["accuracy"].values == (None,) * 6


def test_page_of_many_versions_asks_no_more_than_that_of_few(
    world, django_assert_num_queries
):
    browser = as_person(world.viewer)
    address = at("data_set", world)
    browser.get(address)
    with CaptureQueriesContext(connection) as few:
        browser.get(address)
    for n in range(6):
        a_version(world.data_set, rows=5000 * n, missing=0.5)
        key = f"{n}"
        services.raise_alert(world.data_set, kind="drift", key=key, sentence=key)
    with django_assert_num_queries(len(few)):
        browser.get(address)
    # One part of the newest profile at most, never a whole one.
    assert not [each for each in few if 'profile"."content", "' in each["sql"]]


def test_page_and_api_show_the_same_history_and_its_marks(world):
    a_version(world.data_set, rows=5000)
    page = as_person(world.viewer).get(at("data_set", world)).content.decode()
    told = by_token(world.viewer).get(f"/api/v1/data-sets/{world.data_set.pk}/trends/")

    assert "Out of step, with an open diamond: Rows at version 6." in page
    assert told.json()["rows"]["odd"] == [5]
    assert told.json()["rows"]["values"][-1] == 5000
    assert "0.6745" in told.json()["rows"]["formula"]


# Alerts


def test_anomaly_calls_once_while_it_lasts_and_ends_by_itself(world):
    odd = a_version(world.data_set, rows=5000, missing=0.8)
    services.watch_version(odd)
    services.watch_version(odd)

    rows = Alert.objects.filter(kind=Alert.Kind.ANOMALY)
    assert {each.key for each in rows} == {"rows", "missing"}
    assert "Version 6 has 5 000 rows after 104" in str(rows.get(key="rows"))
    assert Notification.objects.filter(kind="alert", user=world.owner).count() == 2
    assert not Notification.objects.filter(kind="alert", user=world.viewer).exists()

    services.watch_version(a_version(world.data_set, rows=5001, missing=0.8))
    assert not rows.unresolved().exists()
    services.watch_version(odd)  # an older version says nothing of today
    assert not rows.unresolved().exists()


def test_score_below_its_requirement_alerts_by_evidence_until_it_is_met(world):
    require(
        world.project,
        world.owner,
        title="Enough is filled",
        metric_key="completeness_score",
        comparison=RequirementVersion.Comparison.AT_LEAST,
        threshold=0.95,
        test=RequirementVersion.Test.COMPUTED,
    )
    version = a_version(world.data_set, rows=105)
    measure(version, 0.9)

    alert = Alert.objects.unresolved().get()
    assert str(alert) == (
        "Completeness of version 6 is 90.0 of 100, below what “Enough is filled” asks "
        "for (95.0)."
    )
    services.watch_all(now=timezone.now())
    assert Alert.objects.count() == 1

    Evidence.objects.filter(subject_id=str(version.pk)).delete()
    services.watch_all(now=timezone.now())
    alert.refresh_from_db()
    assert alert.is_resolved


def test_late_version_is_told_by_the_scheduler_by_own_period_with_grace(world):
    last = a_version(world.data_set, rows=105)
    Monitor.objects.create(data_set=world.data_set, period_days=7, grace_days=2)

    services.watch_all(now=last.created_at + 8 * DAY)
    assert not Alert.objects.exists()
    services.watch_all(now=last.created_at + 10 * DAY)
    assert Alert.objects.unresolved().get().kind == Alert.Kind.ARRIVAL

    services.watch_version(a_version(world.data_set, rows=106))
    assert not Alert.objects.unresolved().exists()


def test_requirement_of_freshness_says_when_a_version_is_due(world, monkeypatch):
    from dataquality.selectors import arrivals
    from projects.selectors.requirements import Freshness

    last = a_version(world.data_set, rows=105)
    monkeypatch.setattr(
        arrivals, "freshness_target", lambda project: Freshness(3, 1, "Fresh")
    )
    services.watch_all(now=last.created_at + 4 * DAY)
    assert "one was due on" in str(Alert.objects.unresolved().get())

    Monitor.objects.create(data_set=world.data_set, expects=False)
    services.watch_all(now=last.created_at + 4 * DAY)
    assert not Alert.objects.unresolved().exists()


def test_alert_goes_to_inbox_mail_and_signed_webhook(world, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    add_webhook(
        world.project.pk,
        actor=world.actor,
        url="https://hooks.example.org/a",
        kinds=["data"],
    )
    sentence = gettext_noop("%(column)s has drifted.") % {"column": "age"}
    for _again in range(2):
        services.raise_alert(world.data_set, kind="drift", key="age", sentence=sentence)

    notice = Notification.objects.get(user=world.owner, kind="alert")
    assert notice.text == "Customers: age has drifted."
    assert notice.mail_due_at is not None
    assert notice.count == 1
    sent = WebhookDelivery.objects.filter(kind="alert").get()
    assert sent.body["topic"] == "data"
    assert not mail.outbox  # a job sends it


def test_snoozed_alert_is_quiet_until_its_day_even_if_it_comes_again(world):
    alert = services.raise_alert(
        world.data_set, kind="drift", key="age", sentence="It drifted."
    )
    tomorrow = timezone.localdate() + DAY
    services.snooze_alert(alert, actor=world.actor, until=tomorrow)
    services.keep_alerts(world.data_set, "drift", {})
    again = services.raise_alert(
        world.data_set, kind="drift", key="age", sentence="It drifted."
    )

    told = Notification.objects.filter(kind="alert", user=world.owner)
    assert again.pk != alert.pk
    assert told.count() == 1
    assert not alerts_waiting([world.project])[world.project.pk]
    services.watch_all(now=timezone.now() + 2 * DAY)
    again.refresh_from_db()
    assert told.count() == 2
    assert again.snoozed_until is None


def test_editors_see_to_alerts_on_the_page_and_others_do_not(world):
    alert = services.raise_alert(
        world.data_set, kind="drift", key="age", sentence="It drifted."
    )
    see_to = at("alert_acknowledge", world, pk=alert.pk)
    put_off = at("alert_snooze", world, pk=alert.pk)
    for person in (world.viewer, world.contributor, world.outsider):
        assert as_person(person).post(see_to, {"note": "mine"}).status_code == 404

    shelf = reverse("dataquality:data_sets", args=[world.project.slug])
    assert "1 alert" in as_person(world.viewer).get(shelf).content.decode()
    editor = as_person(world.editor)
    for day in ("2020-01-01", ""):
        late = editor.post(put_off, {"until": day}, follow=True)
        assert "Choose a day after today." in late.content.decode()
    page = editor.post(see_to, {"note": "asked the source"}, follow=True)
    assert "Editor Person sees to it" in page.content.decode()
    assert "asked the source" in page.content.decode()
    assert "1 alert" not in editor.get(shelf).content.decode()


def test_alerts_by_the_api(world):
    alert = services.raise_alert(
        world.data_set, kind="drift", key="age", sentence="It drifted."
    )
    path = f"/api/v1/alerts/{alert.pk}/"
    client = by_token(world.editor)
    asked = f"/api/v1/alerts/?data_set={world.data_set.pk}&open=true"

    assert client.get(asked).json()["results"][0]["sentence"] == "It drifted."
    assert by_token(world.outsider).get(path).status_code == 404
    assert client.post(f"{path}acknowledge/", {"note": "x"}).json()["note"] == "x"
    past = client.post(f"{path}snooze/", {"until": "2020-01-01"})
    assert past.status_code == 400
    services.keep_alerts(world.data_set, "drift", {})
    assert client.post(f"{path}acknowledge/").status_code == 400


# Money


def test_nothing_is_priced_until_both_numbers_are_known(world):
    version = a_version(world.data_set)
    problems = problems_of(version.profile)
    unknown = damage_of(version, problems)
    assert unknown.total is None
    assert (
        unknown.total_words == "nobody has said how likely a bad row turns a decision"
    )

    services.save_monitor(
        Monitor(
            data_set=world.data_set,
            affects_low=0.1,
            affects_likely=0.2,
            affects_high=0.3,
        ),
        actor=world.actor,
    )
    assert "nobody has estimated" in damage_of(version, problems).total_words
    factories.an_answer(factories.a_stakeholder(world.project))
    found = damage_of(version, problems)
    constant, gap, spelling = found.lines
    assert (found.rows_low, found.rows_high) == (20, 25)
    assert gap.cost.mid == pytest.approx(20 * found.row.price.row.mid)
    assert spelling.cost.mid == pytest.approx(gap.cost.mid / 4)
    assert constant.cost is None
    assert "about the column" in constant.words
    assert 0 < found.total.low < found.total.mid < found.total.high
    assert found.year.mid == pytest.approx(0.225 * found.row.price.year.mid)


def test_report_and_api_say_the_price_with_its_steps(world):
    version = a_version(world.data_set)
    factories.an_answer(factories.a_stakeholder(world.project))
    editor = by_token(world.editor)
    path = f"/api/v1/data-sets/{world.data_set.pk}/monitor/"
    chances = {"affects_low": 0.1, "affects_likely": 0.2, "affects_high": 0.3}
    half = {"affects_low": 0.1}
    problems = f"/api/v1/data-set-versions/{version.pk}/problems/"

    assert editor.get(problems).json()["total"] is None
    refused = editor.patch(path, half)
    assert refused.status_code == 400
    assert "Give all three" in str(refused.json())
    assert editor.patch(path, chances).json()["affects_high"] == 0.3
    told = editor.get(problems).json()
    assert told["problems"][1]["cost"]["mid"] > 0
    assert told["problems"][0]["cost"] is None
    assert told["steps"][0] == {"name": "Rows affected", "value": "20 to 25"}
    assert by_token(world.outsider).get(problems).status_code == 404
    assert by_token(world.viewer).patch(path, chances).status_code == 404


def test_watch_form_takes_per_cent_and_refuses_what_is_no_range(world):
    page = at("data_set_monitor", world)
    typed = {"affects_low": "5", "affects_likely": "15 %", "affects_high": "40"}
    editor = as_person(world.editor)

    wrong = editor.post(page, {**typed, "affects_low": "50"})
    assert wrong.status_code == 422
    assert "above high" in wrong.content.decode()
    said = {**typed, "expects": "on", "period_days": "7", "grace_days": "1.5"}
    assert editor.post(page, said).status_code == 302
    monitor = Monitor.objects.get(data_set=world.data_set)
    assert monitor.affects == pytest.approx((0.05, 0.15, 0.4))
    assert (monitor.period_days, monitor.grace_days) == (7, 1.5)
    assert 'value="15"' in editor.get(page).content.decode()
    assert as_person(world.contributor).get(page).status_code == 404


# What is done about gaps


def test_task_waits_for_its_owner_who_finishes_it_and_others_cannot(world):
    day = timezone.localdate() - DAY
    plan = at("mitigation_create", world)
    said = {
        "kind": "collect",
        "column": "age",
        "owner": world.contributor.pk,
        "due_on": f"{day:%Y-%m-%d}",
    }
    editor = as_person(world.editor)
    incomplete = editor.post(plan, {**said, "owner": ""})
    assert "A task needs somebody and a day." in incomplete.content.decode()
    assert "overdue" in editor.post(plan, said, follow=True).content.decode()

    row = Mitigation.objects.get()
    told = Notification.objects.filter(user=world.editor, kind="task")
    for _twice in range(2):
        services.tell_of_overdue(timezone.localdate())
    assert told.get().text.startswith("Overdue since")
    assert told.get().count == 1
    mine = Actor(user=world.contributor)
    waits = [each for each in waiting_for(mine) if "age" in each.what]
    assert [each.url for each in waits] == [row.get_absolute_url()]
    assert Notification.objects.filter(user=world.contributor, kind="task").exists()
    state = at("mitigation_state", world, pk=row.pk)
    for person in (world.viewer, world.outsider):
        assert as_person(person).post(state, {"state": "done"}).status_code == 404
    as_person(world.contributor).post(state, {"state": "done"})
    row.refresh_from_db()
    assert row.state == Mitigation.State.DONE
    assert told.get().text == "Done: age of “Customers”."
    assert not [each for each in waiting_for(mine) if "age" in each.what]
    editor.post(state, {"state": "open"})
    row.refresh_from_db()
    assert row.is_overdue


def test_imputation_is_noted_by_the_api_and_a_column_must_be_there(world):
    client = by_token(world.editor)
    path = "/api/v1/mitigations/"
    said = {
        "data_set": world.data_set.pk,
        "column": "age",
        "kind": "impute",
        "strategy": "median",
    }
    lacking = client.post(path, {**said, "column": "height"})
    assert "no column of this name" in str(lacking.json())
    for column, strategy, words in MISFITS:
        misfit = client.post(path, {**said, "column": column, "strategy": strategy})
        assert words in str(misfit.json())
    stranger = {**said, "kind": "collect", "owner": world.outsider.email}
    refused = client.post(path, {**stranger, "due_on": "2026-12-01"})
    assert refused.status_code == 400
    assert "contributes" in str(refused.json())
    made = client.post(path, said)
    assert made.status_code == 201, made.content

    page = as_person(world.viewer).get(at("data_set", world)).content.decode()
    assert "filled with the median, inside the fold" in page
    assert (
        by_token(world.outsider).get(f"{path}{made.json()['id']}/").status_code == 404
    )
    state = f"{path}{made.json()['id']}/state/"
    assert client.post(state, {"state": "dropped"}).json()["state"] == "dropped"
    assert client.post(state, {"state": "lost"}).status_code == 400
