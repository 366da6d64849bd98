"""What the data says takes the place of a guess, when somebody takes it."""

import pytest
from django.test import Client

from projects.models import Reconciliation, Role
from projects.selectors.value import current_case
from tests import factories
from tests.experiments.factories import a_protocol
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
    said = listed["from_data"]
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
