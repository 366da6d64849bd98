"""The column to predict: kept at the data set, looked at in each version's profile."""

import pytest

from core.jobs.testing import run_now
from core.models import Job
from dataquality import services

pytestmark = pytest.mark.django_db
TABLE = b"name,churn,left\nAna,no,0\nBo,yes,1\nCy,no,0\nDi,yes,1\n"


@pytest.fixture
def table(data_set, deliver):
    return deliver(data_set, TABLE)


def said_about(version):
    version.profile.refresh_from_db()
    return version.profile.content["target"]


def test_a_target_chosen_later_has_the_newest_version_profiled_again(
    table, data_set, owner, signed_in
):
    client = signed_in(owner)
    page = client.get(f"{data_set.get_absolute_url()}edit/").content.decode()
    assert '<option value="churn">' in page
    assert said_about(table) is None

    fields = {"name": data_set.name, "description": "", "target": "churn"}
    client.post(f"{data_set.get_absolute_url()}edit/", fields)
    run_now(Job.objects.get(kind="profile_again"))

    found = said_about(table)
    assert found["name"] == "churn"
    assert found["relations"][0]["column"] == "left"
    assert found["relations"][0]["suspicion"] == "determines"
    assert table.profile.dimensions()  # the scores stayed
    report = client.get(table.get_absolute_url()).content.decode()
    assert "What the columns say about churn" in report

    client.post(f"{data_set.get_absolute_url()}edit/", fields)
    assert Job.objects.filter(kind="profile_again").count() == 1


def test_a_version_without_the_target_is_profiled_all_the_same(data_set, deliver):
    data_set.target = "churn"
    data_set.save()
    assert said_about(deliver(data_set, TABLE))["name"] == "churn"
    assert said_about(deliver(data_set, b"name,age\nAna,31\nBo,\n")) is None


def test_api_sets_the_target(table, data_set, owner, viewer, signed_in):
    address = f"/api/v1/data-sets/{data_set.pk}/"
    kind = {"content_type": "application/json"}
    assert (
        signed_in(viewer).patch(address, {"target": "left"}, **kind).status_code == 404
    )
    answer = signed_in(owner).patch(address, {"target": "left"}, **kind)
    assert answer.json()["target"] == "left"
    assert Job.objects.get(kind="profile_again").params["version_id"] == table.pk


def test_a_cluster_is_given_by_one_setting(data_set, settings):
    assert services.profile_plan(data_set) == {"target": None, "cluster": ""}
    settings.PROFILE_DASK = "tcp://scheduler:8786"
    assert services.profile_plan(data_set)["cluster"] == "tcp://scheduler:8786"
