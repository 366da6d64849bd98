"""Somebody without an account says what counts: asked, chosen, objected, come back."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core import notices
from core.access import Actor
from core.models import AuditEntry
from core.selectors.activity import activity
from projects import services
from projects.models import Invitation, Metric, Stakeholder
from projects.selectors.metrics import board, unresolved
from projects.selectors.people import followed
from tests import factories

pytestmark = pytest.mark.django_db
METRICS = Invitation.Asks.METRICS


def url(name, secret):
    return reverse(f"projects:{name}", args=[secret])


def chosen(project, primary, *, also=(), objects=None, **changes):
    """Return the form as a person fills it in, every metric read as it is now."""
    pk = dict(project.metrics.values_list("key", "pk"))
    versions = {f"version_{m.pk}": str(m.version) for m in project.metrics.all()}
    words = objects or {}
    return {
        **versions,
        "primary": str(pk[primary]) if primary else "",
        **{f"also_{pk[key]}": "on" for key in also},
        **{f"objects_{pk[key]}": "on" for key in words},
        **{f"comment_{pk[key]}": said for key, said in words.items()},
        **changes,
    }


def said_by(person):
    rows = person.alignments.order_by("metric__key")
    return [(r.metric.key, r.weight, r.agreed, r.version, r.comment) for r in rows]


@pytest.fixture
def guest():
    return Client()


@pytest.fixture
def asked(ruth):
    return factories.an_invitation(ruth, asks=METRICS)


def test_link_leads_from_who_asks_to_the_choice_and_a_get_uses_nothing_up(
    guest, project, asked
):
    invitation, secret = asked
    first = guest.get(url("invitation", secret)).content.decode()
    page = guest.get(url("guest_metrics", secret))
    assert "By what would you judge" in first
    assert "For Ruth Adler, from Ana Ferreira" in first
    assert page["Cache-Control"] == "private, no-store"
    assert page["X-Robots-Tag"] == "noindex"
    invitation.refresh_from_db()
    assert invitation.state == Invitation.State.ASKED
    assert guest.post(url("invitation", secret)).url == url("guest_metrics", secret)
    invitation.refresh_from_db()
    assert invitation.state == Invitation.State.OPENED


def test_page_puts_the_own_kind_and_what_others_name_first_and_names_nobody(
    guest, project, asked, ruth
):
    mei = factories.a_stakeholder(project, "Mei Tanaka", group="data_scientist")
    services.say_of_metrics(
        mei,
        [
            services.Word(
                project.metrics.get(key="recall"), "primary", "yes", "Mei says"
            )
        ],
        actor=Actor(user=project.created_by),
    )
    page = guest.get(url("guest_metrics", asked[1]))
    form, text = page.context["form"], page.content.decode()
    assert [each.metric.key for each in form.first] == ["net_value", "recall"]
    assert len(form.first) + len(form.more) == project.metrics.count()
    assert "Finds … of 100 positive cases" in text
    assert "Mei" not in text


def test_one_primary_others_besides_and_an_objection_are_kept_with_their_versions(
    guest, project, asked, ruth
):
    invitation, secret = asked
    typed = chosen(
        project,
        "net_value",
        also=["recall"],
        objects={"accuracy": "It is right by doing nothing."},
    )
    for _time in range(2):
        answer = guest.post(url("guest_metrics", secret), typed)
        assert answer.url == url("guest_metrics_receipt", secret)
    assert said_by(ruth) == [
        ("accuracy", "secondary", "no", 1, "It is right by doing nothing."),
        ("net_value", "primary", "yes", 1, ""),
        ("recall", "secondary", "yes", 1, ""),
    ]
    assert set(ruth.alignments.values_list("noted_by", flat=True)) == {None}
    receipt = guest.get(answer.url).content.decode()
    assert "Thank you, Ruth." in receipt
    assert "before all others, you agree to version 1" in receipt
    assert "you object to version 1" in receipt
    invitation.refresh_from_db()
    assert invitation.state == Invitation.State.ANSWERED
    assert unresolved(project) == ()
    assert board(project).dissent == ("Ruth Adler",)


def test_the_same_again_writes_nothing_and_tells_nobody(guest, project, asked):
    typed = chosen(project, "net_value", also=["recall"])
    guest.post(url("guest_metrics", asked[1]), typed)
    entries, told = AuditEntry.objects.count(), notices.unread_of(project.created_by)
    assert [line.text for line in told] == [
        "Ruth Adler answered: what counts in “Keep leaving customers”."
    ]
    guest.post(url("guest_metrics", asked[1]), typed)
    assert AuditEntry.objects.count() == entries


def test_coming_back_changes_the_choice_and_takes_back_what_is_no_longer_said(
    guest, project, asked, ruth
):
    address = url("guest_metrics", asked[1])
    guest.post(address, chosen(project, "net_value", also=["recall"]))
    page = guest.get(address).content.decode()
    assert page.count("checked") == 2
    guest.post(address, chosen(project, "recall", objects={"net_value": "Too vague."}))
    assert said_by(ruth) == [
        ("net_value", "secondary", "no", 1, "Too vague."),
        ("recall", "primary", "yes", 1, ""),
    ]
    guest.post(address, chosen(project, "recall"))
    assert said_by(ruth) == [("recall", "primary", "yes", 1, "")]


@pytest.mark.parametrize(
    ("primary", "objects", "said"),
    [
        ("", {}, "choose the one you would judge by before all others"),
        ("net_value", {"recall": ""}, "Say what is wrong with it"),
        ("net_value", {"recall": "x" * 501}, "at most 500 characters"),
    ],
)
def test_what_cannot_be_kept_is_said_and_nothing_is(
    guest, project, asked, ruth, primary, objects, said
):
    typed = chosen(project, primary, also=["recall"], objects=objects)
    page = guest.post(url("guest_metrics", asked[1]), typed)
    assert page.status_code == 422
    assert said in page.content.decode()
    assert page.content.decode().count(" checked") >= 1  # what was ticked is there
    assert not ruth.alignments.exists()


def test_word_on_a_meaning_that_changed_while_reading_is_asked_again(
    guest, project, asked, ruth
):
    address, typed = url("guest_metrics", asked[1]), chosen(project, "recall")
    guest.post(address, typed)
    recall = project.metrics.get(key="recall")
    recall.words = "of those who leave, how many are found"
    services.save_metric(recall, actor=Actor(user=project.created_by))
    page = guest.post(address, typed)
    assert page.status_code == 422
    assert "“Recall” means something else" in page.content.decode()
    assert "since you spoke of version 1" in page.content.decode()
    assert said_by(ruth)[0][3] == 1
    guest.post(address, chosen(project, "recall"))
    assert said_by(ruth) == [("recall", "primary", "yes", 2, "")]


def test_metric_of_another_project_or_a_retired_one_cannot_be_chosen(
    guest, project, asked, ruth
):
    there = factories.a_project().metrics.first()
    f1 = project.metrics.get(key="f1")
    services.retire_metric(f1, actor=Actor(user=project.created_by))
    for pk in (there.pk, f1.pk, "x"):
        typed = chosen(project, None) | {"primary": pk, f"version_{pk}": "1"}
        page = guest.post(url("guest_metrics", asked[1]), typed)
        assert page.status_code == 422
        assert "It is not used any more" in page.content.decode()
    assert not ruth.alignments.exists()


def test_each_link_opens_its_own_question_and_both_may_be_open(
    guest, project, asked, ruth
):
    _invitation, numbers = factories.an_invitation(ruth)
    assert guest.get(url("guest_metrics", numbers)).url == url("invitation", numbers)
    assert guest.get(url("guest_estimate", asked[1])).url == url("invitation", asked[1])
    assert b"what is likely" in guest.get(url("invitation", numbers)).content
    assert guest.get(url("guest_metrics", asked[1])).status_code == 200
    for page in ("metrics", "metrics_ask"):
        there = reverse(f"projects:{page}", args=[project.slug])
        assert guest.get(there).status_code == 302  # to sign in


def test_declining_is_an_answer_and_can_be_thought_over(guest, project, asked):
    invitation, secret = asked
    decline = url("guest_decline", secret)
    guest.post(decline, {"instead": "Jonas Weber"})
    invitation.refresh_from_db()
    assert invitation.state == Invitation.State.DECLINED
    assert url("guest_metrics", secret) in guest.get(decline).content.decode()
    (line,) = notices.unread_of(project.created_by)
    assert "would rather not say what counts" in line.text
    guest.post(url("guest_metrics", secret), chosen(project, "net_value"))
    invitation.refresh_from_db()
    assert invitation.state == Invitation.State.ANSWERED


def test_after_the_deadline_only_the_receipt_is_left(guest, project, asked):
    invitation, secret = asked
    guest.post(url("guest_metrics", secret), chosen(project, "net_value"))
    Invitation.objects.filter(pk=invitation.pk).update(
        deadline=timezone.now() - timedelta(days=1)
    )
    receipt = guest.get(url("guest_metrics_receipt", secret))
    assert receipt.status_code == 200
    assert "stays as you gave it" in receipt.content.decode()
    assert guest.get(url("guest_metrics", secret)).status_code == 410
    assert guest.post(url("guest_metrics", secret)).status_code == 410
    services.revoke_invitation(invitation, actor=Actor(user=project.created_by))
    assert guest.get(receipt.request["PATH_INFO"]).status_code == 410


# The side of those who ask


@pytest.fixture
def ask(project):
    return reverse("projects:metrics_ask", args=[project.slug])


def test_editor_asks_follows_reminds_and_withdraws(ask, project, ruth, browser_of):
    browser, day = browser_of("editor"), timezone.localdate() + timedelta(days=5)
    assert "asks what counts for you" in browser.get(ask).content.decode()
    question = {"people": [ruth.pk], "deadline": day.isoformat(), "message": "Please."}
    assert browser.post(ask, question).url == ask
    numbers = reverse("projects:value_ask", args=[project.slug])
    assert "One link to hand over" not in browser.get(numbers).content.decode()
    page = browser.get(ask).content.decode()
    assert "One link to hand over" in page
    assert "asked, due" in page
    invitation = Invitation.objects.get(asks=METRICS)
    act = {
        name: reverse(f"projects:invitation_{name}", args=[project.slug, invitation.pk])
        for name in ("remind", "revoke")
    }
    later = {"deadline": (day + timedelta(days=9)).isoformat()}
    assert browser.post(act["remind"], later).url == ask
    assert browser.post(act["revoke"]).url == ask
    before = Invitation.objects.get()
    assert before.secret_hash != invitation.secret_hash
    assert timezone.localdate(before.deadline) == day + timedelta(days=9)
    assert before.state == Invitation.State.REVOKED
    words = [line.words for line in activity([project.pk])]
    assert f"asked what counts: invitation {invitation.pk} of Ruth Adler" in words


@pytest.mark.parametrize("who", ["contributor", "viewer", "outsider"])
def test_only_editors_ask(ask, ruth, browser_of, who):
    day = timezone.localdate() + timedelta(days=5)
    question = {"people": [ruth.pk], "deadline": day.isoformat()}
    assert browser_of(who).get(ask).status_code == 404
    assert browser_of(who).post(ask, question).status_code == 404
    assert not Invitation.objects.exists()


def test_following_tells_who_answered_and_waits_again_for_an_older_word(
    guest, project, asked, ruth
):
    (line,) = followed(project, METRICS)
    assert (line.state, line.is_answered) == ("asked", False)
    guest.post(url("guest_metrics", asked[1]), chosen(project, "recall"))
    (line,) = followed(project, METRICS)
    assert line.is_answered
    assert followed(project)[0].state == ""  # of numbers nobody has asked
    Metric.objects.filter(project=project, key="recall").update(version=2)
    (line,) = followed(project, METRICS)
    assert not line.is_answered


def test_api_asks_for_metrics_and_leaves_signatures_to_decisions(
    project, ruth, cast, guest
):
    call = Client(headers={"authorization": f"Bearer {factories.a_token(cast.editor)}"})
    body = {
        "stakeholder": ruth.pk,
        "asks": "metrics",
        "deadline": (timezone.now() + timedelta(days=3)).isoformat(),
    }
    made = call.post("/api/v1/invitations/", body, content_type="application/json")
    assert made.status_code == 201
    assert made.json()["asks"] == "metrics"
    path = "/i/" + made.json()["link"].partition("/i/")[2]
    assert b"By what would you judge" in guest.get(path).content
    listed = call.get("/api/v1/invitations/?asks=metrics").json()
    assert (listed["count"], listed["results"][0]["link"]) == (1, None)
    refused = call.post(
        "/api/v1/invitations/",
        {**body, "asks": "signature"},
        content_type="application/json",
    )
    assert refused.status_code == 400
    assert "decisions/<id>/ask/" in str(refused.json())


def test_group_without_a_metric_of_its_kind_is_still_asked(guest, project):
    Metric.objects.filter(project=project, kind="domain").update(kind="technical")
    expert = factories.a_stakeholder(
        project, "Erik Expert", group=Stakeholder.Group.EXPERT
    )
    _invitation, secret = factories.an_invitation(expert, asks=METRICS)
    page = guest.get(url("guest_metrics", secret))
    assert page.context["form"].first == []
    assert b'<details class="disclosure" open>' in page.content
