"""A report shown by link: as it stood, to whoever holds it, until it ends."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from core.access import Actor
from core.models import AuditEntry
from core.selectors.activity import _sentences
from experiments.models import Run
from experiments.selectors.report_sheet import ReportSheet, sheet_of
from projects import services
from projects.models import SharedLink
from projects.services.sharing import ACTS
from tests.factories import a_member, a_project, a_token, a_user

REPORT = SharedLink.Kind.REPORT
ADDRESS = re.compile(r"http://127\.0\.0\.1:8000(/s/[\w-]+/)")


@pytest.fixture
def guest():
    return Client()


@pytest.fixture
def shared(project, experiment, owner):
    link, secret = services.share(
        project, REPORT, experiment.pk, actor=Actor(user=owner), note="The board"
    )
    return link, f"/s/{secret}/"


@pytest.mark.parametrize("concluded", [True, False])
def test_the_report_read_by_link_is_the_one_that_was_shared(
    trained, project, experiment, owner, client, guest, concluded
):
    client.force_login(owner)
    report = project.url("experiments:report", pk=experiment.pk)
    if concluded:
        conclude = project.url("experiments:experiment_conclude", pk=experiment.pk)
        client.post(conclude, {"text": "It pays <b>well</b>."})
    share = project.url("experiments:report_share", pk=experiment.pk)
    made = client.post(share, {"note": "The board", "days": "30"})
    assert made.url == f"{report}#share"
    page = client.get(report).content.decode()
    address = ADDRESS.search(page)[1]
    assert not ADDRESS.search(client.get(report).content.decode())  # told once
    before = guest.get(address).content.decode()
    assert ("It pays &lt;b&gt;well" in before) is concluded
    for run in trained:
        assert run.name in before
    assert f"As it stood when {owner} shared it" in before
    Run.objects.update(name="changed since", money_mean=None)
    assert "changed since" in client.get(report).content.decode()
    after = guest.get(address)
    assert "changed since" not in after.content.decode()
    assert after.context["sheet"] == ReportSheet.from_json(
        SharedLink.objects.get().content
    )


def test_what_is_kept_reads_as_the_report_does_now(trained, experiment):
    sheet = sheet_of(experiment)
    again = ReportSheet.from_json(sheet.to_json())
    assert again == sheet
    assert again.axis == sheet.axis
    assert {line.name for line in again.lines} == {run.name for run in trained}
    assert again.board
    assert again.pictures


def test_a_link_opens_one_page_and_no_other(shared, project, experiment, guest):
    _link, address = shared
    page = guest.get(address)
    assert page.status_code == 200
    assert page["Cache-Control"] == "private, no-store"
    assert page["X-Robots-Tag"] == "noindex"
    inside = re.findall(r'(?:href|action|src)="(/[^"]*)"', page.content.decode())
    assert [x for x in inside if "/p/" in x] == []
    for name in ("report", "report_download", "experiment"):
        there = project.url(f"experiments:{name}", pk=experiment.pk)
        assert guest.get(there).status_code == 302  # to sign in
    assert guest.post(address).status_code == 405


def test_reading_is_noted_by_the_page_and_not_by_who_only_fetches_it(shared, guest):
    link, address = shared
    guest.get(address)
    link.refresh_from_db()
    assert (link.openings, link.opened_at) == (0, None)
    assert f'hx-post="{address}opened/"' in guest.get(address).content.decode()
    assert guest.post(f"{address}opened/").status_code == 204
    link.refresh_from_db()
    assert link.openings == 1
    assert link.opened_at is not None


def test_altered_ended_and_withdrawn_links_show_nothing_and_say_what_to_do(
    shared, project, owner, guest
):
    link, address = shared
    unknown = guest.get(f"{address[:-2]}/")
    assert unknown.status_code == 404
    assert "Use the whole link" in unknown.content.decode()
    rows = SharedLink.objects.filter(pk=link.pk)
    rows.update(expires_at=timezone.now() - timedelta(days=1))
    ended = guest.get(address)
    rows.update(expires_at=timezone.now() + timedelta(days=1))
    services.stop_sharing(link, actor=Actor(user=owner))
    withdrawn = guest.get(address)
    for page, words in (
        (ended, "This link ended on"),
        (withdrawn, "This link was withdrawn."),
    ):
        assert page.status_code == 410
        assert words in page.content.decode()
        assert f"Ask {owner} ({owner.email})" in page.content.decode()
        assert page["Cache-Control"] == "private, no-store"
        assert project.name not in page.content.decode()
    guest.post(f"{address}opened/")
    link.refresh_from_db()
    assert link.openings == 0
    project.deleted_at = timezone.now()
    project.save()
    assert guest.get(address).status_code == 404


def test_the_secret_is_nowhere_in_the_database_and_acts_are_told(shared, owner):
    link, address = shared
    secret = address.split("/")[2]
    assert secret not in str(SharedLink.objects.values().get())
    services.stop_sharing(link, actor=Actor(user=owner))
    services.stop_sharing(link, actor=Actor(user=owner))
    acts = AuditEntry.objects.filter(subject=link.label).order_by("pk")
    told = [each.action for each in acts if "shar" in each.action]
    assert told == ["share report", "stop sharing report"]
    assert {act for pair in ACTS.values() for act in pair} <= set(_sentences)


@pytest.mark.parametrize(
    ("role", "reads", "shares"),
    [
        ("owner", 200, 302),
        ("editor", 200, 302),
        ("contributor", 200, 404),
        ("viewer", 200, 404),
        (None, 404, 404),
    ],
)
def test_editors_share_and_withdraw_members_see_with_whom_others_nothing(
    shared, project, experiment, client, role, reads, shares
):
    person = a_member(project, role) if role else a_user("Otto Outside")
    client.force_login(person)
    page = client.get(project.url("experiments:report", pk=experiment.pk))
    assert page.status_code == reads
    assert ("The board" in page.content.decode()) is (reads == 200)
    assert ("Withdraw" in page.content.decode()) is (shares == 302)
    share = project.url("experiments:report_share", pk=experiment.pk)
    revoke = project.url("projects:shared_revoke", pk=shared[0].pk)
    assert client.post(share, {"days": "7"}).status_code == shares
    assert client.post(revoke).status_code == shares
    assert SharedLink.objects.count() == (2 if shares == 302 else 1)


def test_days_that_are_not_offered_make_no_link(project, experiment, owner, client):
    client.force_login(owner)
    share = project.url("experiments:report_share", pk=experiment.pk)
    for wrong in ({"days": "4000"}, {"days": "30", "note": "x" * 121}):
        page = client.post(share, wrong, follow=True)
        assert page.status_code == 200
    assert not SharedLink.objects.exists()


def test_api_makes_lists_and_closes_links(project, experiment, owner, guest):
    call = Client(headers={"authorization": f"Bearer {a_token(owner)}"})
    body = {"project": project.slug, "kind": "report", "subject": experiment.pk}

    def post(path, **changes):
        said = {**body, **changes}
        return call.post(f"/api/v1/{path}", said, content_type="application/json")

    made = post("shared-links/", note="The board")
    assert made.status_code == 201
    address = "/s/" + made.json()["link"].partition("/s/")[2]
    assert guest.get(address).status_code == 200
    link = SharedLink.objects.get()
    assert link.expires_at - link.created_at > timedelta(days=29)
    listed = call.get(f"/api/v1/shared-links/?project={project.slug}&kind=report")
    (row,) = listed.json()["results"]
    assert (row["note"], row["state"], row["link"]) == ("The board", "open", None)
    assert "content" not in row
    elsewhere = a_project(a_user("Otto Outside"))
    for changes, field in (
        ({"subject": experiment.pk + 1000}, "subject"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "2100-01-01T00:00:00Z"}, "expires_at"),
        ({"kind": "run"}, "kind"),
        ({"project": elsewhere.slug}, "project"),
    ):
        refused = post("shared-links/", **changes)
        assert (refused.status_code, list(refused.json()["errors"])) == (400, [field])
    assert post(f"shared-links/{link.pk}/revoke/").json()["state"] == "revoked"
    assert guest.get(address).status_code == 410
    outside = Client(
        headers={"authorization": f"Bearer {a_token(elsewhere.created_by)}"}
    )
    assert outside.get("/api/v1/shared-links/").json()["count"] == 0
    assert outside.get(f"/api/v1/shared-links/{link.pk}/").status_code == 404
