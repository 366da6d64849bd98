"""Two tables held against each other, by page, by API and by job."""

import csv
import io

import polars as pl
import pytest
from django.test import Client
from django.urls import reverse

from core import objects, trash
from core.access import Actor
from core.jobs.testing import in_process, run_now
from core.models import Job
from dataquality import services, tasks
from dataquality.models import DataSetVersion, Reconciliation
from projects.models import Role
from tests import factories

API = "/api/v1/data-reconciliations/"
LEFT = (
    b"id,email,amount,plan\n"
    b"1,ana@example.org,10,a\n2,bo@example.org,20,b\n3,cy@example.org,30,c\n"
    b"5,di@example.org,50,=x\n5,ed@example.org,51,e\n"
)
RIGHT = (
    b"customer,email,amount,plan\n"
    b"1,ana@example.org,10.5,a\n2,new@example.org,20,b\n4,fe@example.org,40,d\n"
    b"5,di@example.org,50,e\n"
)
MATCHING = {
    "keys": {"id": "customer"},
    "columns": {"email": "email", "amount": "amount", "plan": "plan"},
    "relative": {"amount": 0.01},
}


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


@pytest.fixture(scope="module")
def world(written_once):
    """Shop and bank tell of the same customers; both are ready, and held together."""

    def make():
        project = factories.a_project()
        actor = Actor(user=project.created_by)
        versions = []
        for name, content in (("Shop", LEFT), ("Bank", RIGHT)):
            data_set = services.create_data_set(project, actor=actor, name=name)
            version = services.deliver(
                data_set,
                actor=actor,
                incoming=objects.receive([content], limit=10**6),
                file_name="t.csv",
            ).version
            run_now(tasks.start_reading(version, actor=actor), runner=in_process)
            versions.append(version.pk)
        Job.objects.filter(kind="drift").delete()
        left, right = (DataSetVersion.objects.get(pk=each) for each in versions)
        row = services.ask_reconciliation(left, right, actor=actor, matching=MATCHING)
        run_now(tasks.start_reconciling(row, actor=actor), runner=in_process)
        return {
            "project": project.slug,
            "left": left.pk,
            "right": right.pk,
            "row": row.pk,
            "owner": project.created_by,
            "viewer": factories.a_member(project, Role.VIEWER),
            "outsider": factories.a_user("Olga Outside"),
        }

    return written_once(make)


@pytest.fixture
def row(world, db):
    return Reconciliation.objects.get(pk=world["row"])


@pytest.fixture
def client_of(world, db):
    def sign_in(role):
        client = Client()
        client.force_login(world[role])
        return client

    return sign_in


@pytest.fixture
def api_of(world, db):
    def with_token(role, scope="write"):
        key = factories.a_token(world[role], scope=scope)
        return Client(headers={"Authorization": f"Bearer {key}"})

    return with_token


def at(world, name, *, query="", **more):
    kwargs = {"slug": world["project"], "name": "shop", **more}
    return reverse(f"dataquality:{name}", kwargs=kwargs) + query


def test_rows_are_matched_counted_by_class_and_masked_where_personal(row):
    found = row.found()
    assert row.state == "done"
    assert (found.matched, found.changed_rows, found.equal) == (2, 2, 0)
    assert (found.missing_left, found.missing_right) == (1, 1)
    assert found.ambiguous == (2, 1)
    assert row.matching["masked"] == ["email"]
    cells = {(each.column, each.left, each.right) for each in found.examples}
    assert ("email", "••@•••••••.•••", "•••@•••••••.•••") in cells
    assert "bo@example.org" not in str(row.result)


def test_the_page_says_the_answer_the_classes_and_the_duplicate_keys(
    world, row, client_of
):
    page = client_of("viewer").get(row.get_absolute_url())
    assert page.status_code == 200
    text = " ".join(page.text.split())
    assert "4 of 4 rows do not agree" in text
    assert "2 rows on the left and 1 on the right have a key that stands more" in text
    assert "± 1 %" in text
    assert "against customer" not in text  # a key is no compared column
    assert "matched by id" in text
    assert "email" in text.partition("Only the shape of values")[2]
    assert client_of("outsider").get(row.get_absolute_url()).status_code == 404
    listed = client_of("viewer").get(at(world, "reconciliations")).text
    assert "Shop, version 1 against Bank, version 1" in listed
    other = reverse("dataquality:reconciliations", args=[world["project"], "bank"])
    assert row.get_absolute_url() in client_of("viewer").get(other).text


def test_every_difference_is_downloaded_escaped_and_masked(world, row, client_of):
    asked = client_of("viewer").get(at(world, "reconciliation_csv", pk=row.pk))
    lines = list(csv.reader(io.StringIO(asked.getvalue().decode())))
    assert lines[0] == ["what", "key", "cell", "left_value", "right_value"]
    assert ["changed", "1", "amount", "10", "10.5"] in lines
    assert ["duplicate key", "5", "", "2", "1"] in lines
    assert len(lines) == 1 + 5
    parquet = client_of("viewer").get(at(world, "reconciliation_parquet", pk=row.pk))
    table = pl.read_parquet(io.BytesIO(parquet.getvalue()))
    assert table.height == 5
    assert "bo@example.org" not in table["left_value"].to_list()
    for name in ("reconciliation_csv", "reconciliation_parquet"):
        answer = client_of("outsider").get(at(world, name, pk=row.pk))
        assert answer.status_code == 404


def test_an_editor_chooses_keys_and_tolerances_on_the_page(world, client_of):
    query = f"?left={world['left']}&right={world['right']}"
    choose = at(world, "reconciliation_create", query=query)
    assert client_of("viewer").get(choose).status_code == 404
    form = client_of("owner").get(choose)
    assert "Tick the columns that name a row together" in form.text
    refused = client_of("owner").post(choose, {"take-2": "on", "other-2": "amount"})
    assert refused.status_code == 422
    assert "Choose at least one column that names a row" in refused.text
    nowhere = client_of("owner").post(choose, {"key-0": "on", "absolute-2": "-1"})
    assert "Choose a column of the other table" in nowhere.text
    assert "A tolerance is 0 or more" in nowhere.text

    sent = {
        "key-0": "on",
        "other-0": "customer",
        "take-2": "on",
        "other-2": "amount",
        "absolute-2": "0.2",
        "relative-2": "5",
    }
    started = client_of("owner").post(choose, sent)
    assert started.status_code == 302
    row = Reconciliation.objects.latest("pk")
    assert row.matching["tolerances"] == {"amount": 0.2}
    assert row.matching["relative"] == {"amount": 0.05}
    waiting = client_of("viewer").get(started["Location"]).text
    assert 'hx-trigger="every 1s"' in waiting
    run_now(row.job, runner=in_process)
    done = client_of("viewer").get(started["Location"], headers={"HX-Request": "true"})
    assert "2 of 4 rows do not agree" in done.text
    assert "<html" not in done.text


def test_what_cannot_be_matched_is_said_at_once_or_by_the_job(world, api_of):
    owner = api_of("owner")
    asked = {"left": world["left"], "right": world["right"]}

    def answer(**matching):
        body = {**asked, "matching": matching}
        return owner.post(API, body, content_type="application/json")

    assert answer(keys={}).status_code == 400
    lacking = answer(keys={"nr": "customer"})
    assert "Shop, version 1 has no column “nr”" in str(lacking.json())
    assert answer(keys={"id": "a\0"}).status_code == 400
    assert (
        answer(keys={"id": "customer"}, tolerances={"amount": "nan"}).status_code == 400
    )
    for odd in ("a\0", "shoe"):
        refused = answer(keys={"id": "customer"}, relative={odd: 0.1})
        assert "has no column" in str(refused.json())
    same = {**asked, "right": world["left"], "matching": {"keys": {"id": "id"}}}
    twice = owner.post(API, same, content_type="application/json")
    assert "Choose another version" in str(twice.json())
    late = answer(keys={"id": "customer"}, tolerances={"plan": 1})
    assert late.status_code == 201, late.content
    job = Job.objects.get(pk=late.json()["job"])
    run_now(job, runner=in_process)
    told = owner.get(f"{API}{late.json()['id']}/").json()
    assert told["state"] == "failed"
    assert "no compared column of numbers" in told["problem"]


def test_the_api_makes_reads_downloads_and_trashes(world, api_of):
    body = {"left": world["left"], "right": world["right"], "matching": MATCHING}
    json = {"content_type": "application/json"}
    assert api_of("outsider").post(API, body, **json).status_code == 400
    assert api_of("viewer").post(API, body, **json).status_code == 400
    made = api_of("owner").post(API, body, **json).json()
    assert made["state"] == "running"
    run_now(Job.objects.get(pk=made["job"]), runner=in_process)
    one = f"{API}{made['id']}/"
    told = api_of("viewer", "read").get(one).json()
    assert told["state"] == "done"
    assert told["result"]["changed_rows"] == 2
    assert api_of("viewer").get(f"{one}differences/csv/").getvalue().count(b"\n") == 6
    assert api_of("viewer").get(f"{one}differences/").status_code == 200
    assert api_of("outsider").get(one).status_code == 404
    assert api_of("viewer").delete(one).status_code == 404
    assert api_of("owner").delete(one).status_code == 204
    assert api_of("viewer").post(f"{one}restore/").status_code == 404
    assert api_of("owner").post(f"{one}restore/").status_code == 200
    assert api_of("owner").delete(one).status_code == 204
    assert api_of("owner").get(one).status_code == 404


def test_a_reconciliation_is_trashed_restored_and_lets_go_of_its_bytes(
    world, row, client_of
):
    delete = at(world, "reconciliation_delete", pk=row.pk)
    restore = at(world, "reconciliation_restore", pk=row.pk)
    assert client_of("viewer").post(delete).status_code == 404
    client_of("owner").post(delete)
    assert client_of("owner").get(row.get_absolute_url()).status_code == 404
    assert client_of("viewer").post(restore).status_code == 404
    client_of("owner").post(restore)
    assert client_of("owner").get(row.get_absolute_url()).status_code == 200
    assert objects.references(services.RECONCILIATION, row.pk)

    row.refresh_from_db()
    bank = DataSetVersion.objects.get(pk=world["right"]).data_set
    trash.move_to_trash(bank, Actor(user=world["owner"]), project_id=bank.project_id)
    assert client_of("owner").get(row.get_absolute_url()).status_code == 404
    services.comparing.let_go_of_bytes(bank)
    assert not objects.references(services.RECONCILIATION, row.pk)
