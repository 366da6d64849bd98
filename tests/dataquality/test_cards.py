"""What people say of data: its card, tags and lineage; and its table as CSV."""

import pytest

from core.models import AuditEntry
from dataquality.models import DataSet
from tests import factories
from tests.dataquality.test_pages import at

VERSIONS = "/api/v1/data-set-versions/"
SMALL = b"name,email,age\nAna,a@example.org,-31\n=1+1,b@example.org,\n"


@pytest.fixture
def version(data_set, deliver):
    return deliver(data_set, SMALL + b"Cy,c@example.org,4\n")


@pytest.fixture
def api(owner):
    from django.test import Client

    return Client(headers={"Authorization": f"Bearer {factories.a_token(owner)}"})


def test_a_version_is_a_csv_that_a_spreadsheet_runs_nothing_of(
    version, viewer, outsider, signed_in, api
):
    page = at("version_csv", version, number=1)
    assert signed_in(outsider).get(page).status_code == 404
    answer = signed_in(viewer).get(page)
    assert answer.getvalue().decode().splitlines() == [
        "name,email,age",
        "Ana,a@example.org,-31",
        "'=1+1,b@example.org,",
        "Cy,c@example.org,4",
    ]
    assert 'filename="customers-1.csv"' in answer["Content-Disposition"]
    by_api = api.get(f"{VERSIONS}{version.pk}/csv/")
    assert by_api["Content-Type"].startswith("text/csv")


def test_a_tag_names_one_version_at_a_time_and_its_moves_are_recorded(
    version, deliver, owner, viewer, signed_in, api
):
    second = deliver(version.data_set, SMALL)
    add = {number: at("version_tag", version, number=number) for number in (1, 2)}
    assert signed_in(viewer).post(add[1], {"name": "approved"}).status_code == 404
    browser = signed_in(owner)
    for number in (1, 1, 2):
        browser.post(add[number], {"name": "approved"})
    bad = browser.post(add[1], {"name": "no space"}, follow=True).text
    assert "no space" in bad
    assert "Letters, digits, dots" in bad
    assert [each.version for each in version.data_set.tags.all()] == [second]
    told = AuditEntry.objects.filter(action__endswith="data tag").order_by("pk")
    assert [(each.action, each.detail.get("from")) for each in told] == [
        ("add data tag", None),
        ("move data tag", 1),
    ]
    assert "approved" in browser.get(version.data_set.get_absolute_url()).text

    json = {"content_type": "application/json"}
    tagged = api.post(f"{VERSIONS}{version.pk}/tags/", {"name": "v1.0"}, **json)
    assert tagged.json()["version"] == version.pk
    found = api.get(f"{VERSIONS}?tag=v1.0").json()["results"]
    assert [each["tags"] for each in found] == [["v1.0"]]
    gone = f"{VERSIONS}{version.pk}/tags/v1.0/"
    assert (api.delete(gone).status_code, api.delete(gone).status_code) == (204, 404)
    browser.post(at("version_untag", version, number=2), {"name": "approved"})
    assert not version.data_set.tags.exists()


def test_a_version_says_where_it_comes_from(version, deliver, viewer, signed_in, api):
    second = deliver(version.data_set, SMALL)
    page = " ".join(signed_in(viewer).get(second.get_absolute_url()).text.split())
    lineage = page.partition("Where it comes from")[2]
    assert "table.csv" in lineage
    assert "Profile of Customers, version 2" in lineage
    assert f'{version.get_absolute_url()}">Version 1</a>' in lineage
    assert api.get(f"{VERSIONS}{second.pk}/").json()["parent"] == version.pk


def test_the_card_is_written_shown_and_held_against_what_was_found(
    version, owner, viewer, signed_in, api
):
    page = at("data_card", version)
    assert signed_in(viewer).get(page).status_code == 404
    said = {
        "owner": "Ruth",
        "purpose": "Churn alone",
        "personal_data": "no",
        "retention_days": "365",
    }
    browser = signed_in(owner)
    assert browser.post(page, {**said, "retention_days": "0"}).status_code == 422
    assert browser.post(page, said).status_code == 302
    shown = " ".join(
        signed_in(viewer).get(version.data_set.get_absolute_url()).text.split()
    )
    for words in ("Ruth", "Churn alone", "365 days", "that look personal: name, email"):
        assert words in shown
    assert "The card says no personal data; the newest profile found some" in shown
    one = f"/api/v1/data-sets/{version.data_set_id}/"
    assert api.get(one).json()["retention_days"] == 365
    changed = api.patch(one, {"licence": "CC BY 4.0"}, content_type="application/json")
    assert changed.status_code == 200, changed.content
    assert DataSet.objects.get().licence == "CC BY 4.0"
    assert AuditEntry.objects.filter(action="change data card").exists()
