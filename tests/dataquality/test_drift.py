"""How far versions moved: computed by a job of its own, shown, kept without old rows."""

import random

import pytest
from django.test import Client
from django.urls import reverse

from core import objects
from core.access import Actor
from core.jobs.testing import in_process, run_now
from core.models import AuditEntry, Job
from dataquality import services, tasks
from dataquality.models import Baseline, DataSet, Drift
from projects.models import Role
from tests import factories


def csv_of(rows, *, shift=0, plans="ab", more=""):
    chance = random.Random(7)
    lines = (
        f"{chance.gauss(50 + shift, 10):.3f},{chance.choice(plans)}{more and ',1'}"
        for _row in range(rows)
    )
    return "\n".join([f"amount,plan{more}", *lines]).encode()


@pytest.fixture(scope="module", autouse=True)
def folders(tmp_path_factory):
    """Objects and attempts of the module in folders of its own."""
    with pytest.MonkeyPatch.context() as patch:
        from django.conf import settings

        patch.setattr(settings, "OBJECT_DIR", tmp_path_factory.mktemp("objects"))
        patch.setattr(settings, "WORK_DIR", tmp_path_factory.mktemp("work"))
        yield


@pytest.fixture(autouse=True)
def own_store():
    """Keep the folders of the module."""


def take(data_set, actor, content):
    version = services.deliver(
        data_set,
        actor=actor,
        incoming=objects.receive([content], limit=10**9),
        file_name="t.csv",
    ).version
    run_now(tasks.start_reading(version, actor=actor), runner=in_process)
    job = Job.objects.filter(kind="drift", params__version_id=version.pk).get()
    return version, job


@pytest.fixture(scope="module")
def world(written_once):
    """Three versions: the second moved far, the third has other columns."""

    def make():
        project = factories.a_project()
        actor = Actor(user=project.created_by)
        data_set = services.create_data_set(project, actor=actor, name="Bills")
        tables = (
            csv_of(600),
            csv_of(600, shift=20, plans="abc"),
            csv_of(600, shift=20, more=",extra"),
        )
        for content in tables:
            _version, job = take(data_set, actor, content)
            run_now(job, runner=in_process)
        viewer = factories.a_member(project, Role.VIEWER)
        outsider = factories.a_user("Olga Outside")
        return {
            "data_set": data_set.pk,
            "owner": project.created_by,
            "viewer": viewer,
            "outsider": outsider,
        }

    return written_once(make)


@pytest.fixture
def data_set(world, db):
    return DataSet.objects.select_related("project").get(pk=world["data_set"])


@pytest.fixture
def client_of(world, db):
    def sign_in(role):
        client = Client()
        client.force_login(world[role])
        return client

    return sign_in


def at(name, data_set, *, query="", **more):
    kwargs = {"slug": data_set.project.slug, "name": data_set.slug, **more}
    return reverse(f"dataquality:{name}", kwargs=kwargs) + query


def version(data_set, number):
    return data_set.versions.get(number=number)


def test_each_version_is_held_against_the_one_before_by_a_job_of_its_own(data_set):
    jobs = Job.objects.filter(kind="drift")
    assert [each.state for each in jobs] == ["succeeded"] * 3
    assert all(each.is_system and each.queue == "data" for each in jobs)
    drifts = Drift.objects.filter(version__data_set=data_set).order_by("pk")
    pairs = [(each.version.number, each.reference.number) for each in drifts]
    assert pairs == [(2, 1), (3, 2)]
    assert (drifts[0].large, drifts[0].moderate) == (2, 0)
    assert Baseline.objects.filter(version__data_set=data_set).count() == 3
    assert version(data_set, 3).parent.number == 2


def test_a_job_that_runs_twice_leaves_one_row(data_set, world):
    second = version(data_set, 2)
    before = Drift.objects.get(version=second).content
    job = tasks.start_drift(second, actor=Actor(user=world["owner"]))
    run_now(job, runner=in_process)
    assert Drift.objects.get(version=second).content == before


def test_the_first_page_of_a_profile_waits_for_no_drift(data_set, world, client_of):
    fourth, job = take(
        data_set, Actor(user=world["owner"]), csv_of(30, shift=60, plans="cd")
    )
    fourth.refresh_from_db()
    assert fourth.is_ready
    assert job.state == "queued"
    page = client_of("viewer").get(fourth.get_absolute_url())
    assert "It is being held against earlier versions" in page.text
    run_now(job, runner=in_process)
    drift = Drift.objects.get(version=fourth).table()
    assert {each.verdict for each in drift.columns} == {"too few rows"}
    part = client_of("viewer").get(
        at("version_drift", data_set, number=4), headers={"HX-Request": "true"}
    )
    assert "Too few rows to say" in part.text
    assert "<html" not in part.text


def test_the_page_ranks_columns_by_effect_and_says_what_the_marks_are(
    data_set, client_of
):
    page = client_of("viewer").get(at("compare", data_set, query="?a=1&b=2")).text
    assert "2 columns moved since version 1, most of all amount" in page
    assert page.index(">amount<") < page.index(">plan<")
    assert "are a convention, not a test" in page
    assert "0.0001" in page
    assert "new: c" in page
    assert ", past the second mark 0.25" in page  # said of the bar beside the number
    other = client_of("viewer").get(at("compare", data_set, query="?a=2&b=3")).text
    assert "Added: extra" in other
    report = client_of("viewer").get(version(data_set, 2).get_absolute_url()).text
    assert "2 columns moved since version 1" in report
    assert "/compare/?a=1&amp;b=2" in report


def test_a_column_opens_with_its_pictures(data_set, client_of):
    column = at("compare_column", data_set, query="?a=1&b=2&column=amount")
    page = client_of("viewer").get(column, headers={"HX-Request": "true"}).text
    assert page.count("data-chart=") == 2
    assert "Area: version 1. Line: version 2." in page
    nothing = at("compare_column", data_set, query="?a=1&b=2&column=shoe")
    assert client_of("viewer").get(nothing).status_code == 404


def test_a_pinned_reference_is_held_against_too_until_it_is_let_go(
    data_set, client_of, world
):
    pin = at("version_reference", data_set, number=1)
    assert client_of("viewer").post(pin).status_code == 404
    assert client_of("outsider").post(pin).status_code == 404
    assert client_of("owner").post(pin).status_code == 302
    data_set.refresh_from_db()
    assert data_set.reference_version.number == 1
    run_now(Job.objects.eligible().get(), runner=in_process)
    third = version(data_set, 3)
    found = Drift.objects.filter(version=third).values_list("reference__number")
    assert sorted(found) == [(1,), (2,)]
    page = client_of("viewer").get(third.get_absolute_url()).text
    assert "the reference" in page
    assert "since version 1" in page

    client_of("owner").post(pin)
    data_set.refresh_from_db()
    assert data_set.reference_version is None
    told = AuditEntry.objects.filter(action__endswith="reference")
    assert sorted(told.values_list("action", flat=True)) == [
        "pin reference",
        "unpin reference",
    ]


def test_any_two_versions_are_held_against_each_other_when_an_editor_asks(
    data_set, client_of
):
    ask = at("compare_drift", data_set)
    pair = {"a": 1, "b": 3}
    page = at("compare", data_set, query="?a=1&b=3")
    assert "an editor can have it done" in client_of("viewer").get(page).text
    for role in ("viewer", "outsider"):
        assert client_of(role).post(ask, pair).status_code == 404
    assert client_of("owner").post(ask, pair)["Location"] == page
    waiting = client_of("owner").get(page, headers={"HX-Request": "true"}).text
    assert "every 1s" in waiting
    run_now(Job.objects.eligible().get(), runner=in_process)
    assert "moved since version 1" in client_of("owner").get(page).text
    same = client_of("owner").get(at("compare", data_set, query="?a=1&b=1")).text
    assert "A version has not moved from itself" in same


def test_old_rows_are_not_needed(data_set, world, monkeypatch):
    monkeypatch.setattr("engine.drift.tables.WITH_VALUES", 10)
    second = version(data_set, 2)
    job = tasks.start_drift(second, actor=Actor(user=world["owner"]))
    run_now(job, runner=in_process)
    drift = Drift.objects.get(version=second).table()
    assert [each.numbers for each in drift.columns] == [None, None]
    assert drift.columns[0].verdict == "large"


def test_the_api_tells_drift_asks_for_more_and_pins_a_reference(data_set, world):
    def api(role):
        key = factories.a_token(world[role], scope="write")
        return Client(headers={"Authorization": f"Bearer {key}"})

    first, third = version(data_set, 1), version(data_set, 3)
    one = f"/api/v1/data-set-versions/{third.pk}/"
    json = {"content_type": "application/json"}
    told = api("viewer").get(f"{one}drift/").json()
    assert [each["reference"] for each in told] == [version(data_set, 2).pk]
    assert told[0]["content"]["added"] == ["extra"]
    assert api("outsider").get(f"{one}drift/").status_code == 404

    owner = api("owner")
    itself = owner.post(f"{one}drift/", {"reference": third.pk}, **json)
    assert "Another ready version" in str(itself.json())
    asked = owner.post(f"{one}drift/", {"reference": first.pk}, **json)
    assert asked.status_code == 202
    run_now(Job.objects.get(pk=asked.json()["job"]), runner=in_process)
    assert len(owner.get(f"{one}drift/").json()) == 2

    pin = f"/api/v1/data-set-versions/{first.pk}/reference/"
    assert api("viewer").post(pin).status_code == 404
    assert owner.post(pin).status_code == 204
    of_set = f"/api/v1/data-sets/{data_set.pk}/"
    assert owner.get(of_set).json()["reference_version"] == first.pk
    assert owner.delete(f"{one}reference/").status_code == 204  # it is another one
    assert owner.get(of_set).json()["reference_version"] == first.pk
    owner.delete(pin)
    assert owner.get(of_set).json()["reference_version"] is None
