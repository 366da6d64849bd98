"""Versions older than the data card keeps them are proposed to go, never taken."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from core import trash
from core.access import Actor
from core.models import Notification
from core.models.trash import TRASH_DAYS
from dataquality import services
from dataquality.models import DataSetVersion
from dataquality.selectors.retention import due_versions
from tests import factories
from tests.dataquality.test_pages import at
from tests.experiments.factories import a_protocol, an_experiment

VERSIONS = "/api/v1/data-set-versions/"


@pytest.fixture
def old(data_set, deliver):
    """Three versions of a data set that keeps them for ten days; two are due."""
    data_set.retention_days = 10
    data_set.save()
    made = [deliver(data_set, b"a\n" + b"%d\n" % n * n) for n in (1, 2, 3)]
    for version, days in zip(made, (30, 20, 2), strict=True):
        at_day = timezone.now() - timedelta(days=days)
        DataSetVersion.objects.filter(pk=version.pk).update(created_at=at_day)
    return made


@pytest.fixture
def api(owner):
    return Client(headers={"Authorization": f"Bearer {factories.a_token(owner)}"})


def test_each_due_version_is_told_once_and_nothing_is_deleted(old, owner):
    services.tell_of_due(timezone.now())
    services.tell_of_due(timezone.now())
    told = Notification.objects.filter(kind="retention", user=owner).order_by("pk")
    assert [each.text for each in told] == [
        f"Customers, version {n} is older than the 10 days it is to be kept."
        for n in (1, 2)
    ]
    assert old[0].data_set.versions.count() == 3


def test_a_due_version_goes_by_one_click_and_comes_back(
    old, owner, viewer, outsider, signed_in
):
    page, gone = at("data_set", old[0]), at("version_delete", old[0], number=1)
    for person, status in ((outsider, 404), (viewer, 200)):
        assert signed_in(person).get(page).status_code == status
        assert signed_in(person).post(gone).status_code == 404
    browser = signed_in(owner)
    shown = " ".join(browser.get(page).text.split())
    assert "2 versions are due to be deleted" in shown
    assert "keeps a version for 10 days" in shown
    assert "is in the trash for 30 days" in browser.post(gone, follow=True).text
    assert browser.get(old[0].get_absolute_url()).status_code == 404
    assert "1 version is due" in browser.get(page).text
    restored = browser.post(at("version_restore", old[0], number=1))
    assert restored.status_code == 302
    assert old[0].data_set.versions.count() == 3


def test_what_is_needed_is_named_and_kept_unless_confirmed(old, owner, signed_in, api):
    first, second, newest = old
    DataSetVersion.objects.update(created_at=timezone.now() - timedelta(days=40))
    actor = Actor(user=owner)
    services.tag_version(first, "approved", actor=actor)
    services.set_reference(second.data_set, second, actor=actor)
    experiment = an_experiment(first.data_set.project, name="Trees")
    a_protocol(experiment, second)
    due = api.get(f"/api/v1/data-sets/{first.data_set_id}/due/").json()
    assert [(each["version"], each["held_by"]) for each in due] == [
        (first.pk, ["tag “approved”"]),
        (second.pk, ["later versions are held against it", "experiment “Trees”"]),
        (newest.pk, ["it is the newest version"]),
    ]
    one = f"{VERSIONS}{newest.pk}/"
    refused = api.delete(one)
    assert refused.status_code == 400
    assert "it is the newest version" in refused.text
    assert api.delete(f"{one}?confirmed=true").status_code == 204
    assert api.get(one).status_code == 404
    assert api.post(f"{one}restore/").json()["id"] == newest.pk
    assert api.delete(f"{one}?confirmed=true").status_code == 204
    gone = at("version_delete", second, number=2)
    browser = signed_in(owner)
    assert "is needed" in browser.post(gone, follow=True).text
    browser.post(gone, {"confirmed": "on"})
    assert list(first.data_set.versions.all()) == [first]


def test_after_thirty_days_it_is_gone_unless_an_experiment_needs_it(
    old, owner, deliver
):
    first, second, _newest = old
    a_protocol(an_experiment(first.data_set.project), second)
    for each in (first, second):
        services.trash_version(each, actor=Actor(user=owner), is_confirmed=True)
    DataSetVersion.every.update(deleted_at=timezone.now() - 2 * TRASH_DAYS)
    DataSetVersion.every.filter(number=3).update(deleted_at=None)
    trash.empty()
    assert [each.number for each in DataSetVersion.every.all()] == [3, 2]
    again = deliver(first.data_set, b"a\n2\n2\n")  # what lies in the trash, anew
    assert (again.number, again.state) == (4, "ready")
    second.refresh_from_db(from_queryset=DataSetVersion.every.all())
    with pytest.raises(Exception, match="of this content exists already"):
        trash.restore(second, Actor(user=owner), project_id=first.data_set.project_id)


def test_without_days_on_the_card_nothing_is_due(old):
    data_set = old[0].data_set
    data_set.retention_days = None
    assert due_versions(data_set, now=timezone.now()) == ()


def test_a_contract_says_how_long_data_is_kept_and_a_written_card_stays(
    data_set, declare, api
):
    declare(data_set, ("arrival", {"every_days": 7}))
    address = f"/api/v1/data-sets/{data_set.pk}/document/"
    as_json = {"content_type": "application/json"}

    def taken(days):
        levels = f"[{{property: retention, value: {days}, unit: d}}]"
        text = f"kind: DataContract\nschema: []\nslaProperties: {levels}"
        return api.post(address, {"text": text}, **as_json).json()["left"]

    assert taken(90) == []
    (left,) = taken(30)
    assert "was left as it is" in left
    data_set.refresh_from_db()
    assert data_set.retention_days == 90
    contract = api.get(f"{address}?form=odcs").json()["text"]
    assert "property: frequency" in contract
    assert "value: 90" in contract
