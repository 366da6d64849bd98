"""What the data says takes the place of a guess, when somebody takes it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from projects.models import Reconciliation, Role
from projects.selectors.counted import from_data
from projects.selectors.value import current_case
from tests import factories
from tests.experiments.factories import a_protocol, a_version, customers
from tests.projects.conftest import BACKEND

pytestmark = pytest.mark.django_db


def browser_of(user):
    browser = Client()
    browser.force_login(user, backend=BACKEND)
    return browser


def test_the_share_that_was_counted_is_offered_for_what_was_guessed(
    project, owner, protocol
):
    editor = browser_of(owner)
    page = editor.get(project.url("projects:value")).content.decode()
    assert "counted in 240 rows of" in page
    key = factories.a_token(owner)
    asked = {"headers": {"Authorization": f"Bearer {key}"}}
    listed = Client().get("/api/v1/value-cases/", **asked).json()["results"][0]
    (said,) = listed["from_data"]
    assert 0 < said["low"] < said["likely"] < said["high"] < 1
    assert said["rows"] == 240
    quantity = project.quantities.get(name=current_case(project).prevalence)
    assert said["quantity"] == quantity.pk
    settle = project.url("projects:range_settle", pk=quantity.pk)
    form = editor.get(settle, {"from": "data"}).context["form"]
    typed = {name: form.initial[name] for name in form.fields if name in form.initial}
    assert typed["reason"].startswith("Counted in 240 rows of")
    assert editor.post(settle, typed).status_code == 302
    settled = Reconciliation.objects.get(quantity=quantity)
    assert (settled.low, settled.high) == (said["low"], said["high"])
    again = editor.get(project.url("projects:value")).content.decode()
    assert "counted in 240 rows of" not in again


def test_the_rows_of_a_year_are_offered_for_the_volume(project, experiment, tmp_path):
    start = datetime(2025, 1, 1, tzinfo=UTC)
    days = [start + timedelta(days=each) for each in range(240)]
    version = a_version(project, tmp_path, {**customers(), "called_at": days})
    times = {
        "time_column": "called_at",
        "shuffle_reason": "Calls do not build on another.",
    }
    a_protocol(experiment, version, **times)
    case = current_case(project)
    volume, share = from_data(project, case, project.quantities.all())
    assert (volume.quantity.name, share.quantity.name) == (case.volume, case.prevalence)
    # 240 rows in 239 days, of 365.25 a year.
    assert volume.likely == pytest.approx(240 / 239 * 365.25, rel=1e-3)
    assert volume.low < volume.likely < volume.high
    page = browser_of(project.created_by).get(project.url("projects:value"))
    assert page.content.decode().count("Take it") == 2


def test_who_only_reads_sees_it_and_takes_nothing(project, protocol):
    viewer = factories.a_member(project, Role.VIEWER)
    page = browser_of(viewer).get(project.url("projects:value")).content.decode()
    assert "counted in 240 rows of" in page
    assert "Take it" not in page
    outsider = browser_of(factories.a_user("Otto Outside"))
    assert outsider.get(project.url("projects:value")).status_code == 404


def test_a_forecast_and_an_unknown_value_count_nothing(experiment, version):
    a_protocol(experiment, version, positive="maybe")
    assert not experiment.project.evidence.filter(metric_key="prevalence").exists()
