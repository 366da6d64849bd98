"""Somebody with a link: start, type, send, come back, decline, and closed links."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.access import Actor
from projects import services
from projects.models import Estimate, Invitation
from tests import factories
from tests.factories import typed

pytestmark = pytest.mark.django_db


def url(name, secret):
    return reverse(f"projects:{name}", args=[secret])


@pytest.fixture
def guest():
    return Client()


def test_the_invitation_says_who_asks_and_how_long_and_uses_nothing_up(guest, invited):
    invitation, secret = invited
    for _time in range(3):
        page = guest.get(url("invitation", secret))
        guest.get(url("guest_estimate", secret))
    invitation.refresh_from_db()
    assert invitation.state == Invitation.State.ASKED
    assert b"Ruth Adler" in page.content
    assert b"Ana Ferreira" in page.content
    assert b"6 numbers" in page.content


def test_starting_is_noted(guest, invited):
    invitation, secret = invited
    answer = guest.post(url("invitation", secret))
    assert answer.url == url("guest_estimate", secret)
    invitation.refresh_from_db()
    assert invitation.state == Invitation.State.OPENED


def test_the_page_of_a_link_is_kept_by_no_cache_and_no_search_engine(guest, invited):
    page = guest.get(url("guest_estimate", invited[1]))
    assert page["Cache-Control"] == "private, no-store"
    assert page["X-Robots-Tag"] == "noindex"


def test_sending_counts_and_shows_the_receipt_again_and_again(
    guest, project, invited, ruth
):
    invitation, secret = invited
    for _time in range(2):
        answer = guest.post(url("guest_estimate", secret), typed(project))
        assert answer.url == url("guest_receipt", secret)
    assert b"Thank you, Ruth. Your 6 numbers are kept." in guest.get(answer.url).content
    invitation.refresh_from_db()
    assert invitation.state == Invitation.State.ANSWERED
    assert Estimate.objects.filter(stakeholder=ruth).count() == 6


def test_the_form_comes_back_until_the_answers_are_shown(guest, project, invited):
    secret = invited[1]
    asked_too = factories.a_stakeholder(project, "Jonas Weber")
    factories.an_invitation(asked_too)
    guest.post(url("guest_estimate", secret), typed(project, margin_likely="222"))
    again = guest.get(url("guest_estimate", secret))
    assert again.status_code == 200
    assert b'value="222"' in again.content
    factories.an_answer(asked_too)
    assert guest.get(url("guest_estimate", secret)).url == url("guest_receipt", secret)


def test_the_preview_draws_twenty_futures_and_writes_nothing(guest, project, invited):
    drawn = guest.post(url("guest_preview", invited[1]), typed(project))
    assert drawn.status_code == 200
    assert drawn.content.count(b"<circle") >= 20
    assert b"of 20 futures this pays back" in drawn.content
    assert not Estimate.objects.exists()


def test_the_preview_follows_ones_own_numbers_and_not_the_others(
    guest, project, invited
):
    before = guest.post(url("guest_preview", invited[1]), typed(project)).content
    factories.an_answer(factories.a_stakeholder(project, "Jonas Weber"), factor=0.5)
    assert (
        guest.post(url("guest_preview", invited[1]), typed(project)).content == before
    )
    more = typed(
        project, save_rate_low="40", save_rate_high="60", save_rate_likely="50"
    )
    assert (
        b"In 20 of 20 futures"
        in guest.post(url("guest_preview", invited[1]), more).content
    )


def test_a_mistake_keeps_the_last_valid_picture_and_is_said_beside_its_field(
    guest, project, invited
):
    secret = invited[1]
    kept = typed(
        project, save_rate_low="40", save_rate_high="60", save_rate_likely="50"
    )
    guest.post(url("guest_keep", secret), kept)
    wrong = {**kept, "save_rate_low": "70"}
    drawn = guest.post(url("guest_preview", secret), wrong).content.decode()
    assert "In 20 of 20 futures" in drawn
    assert "is-dimmed" in drawn
    assert "From your last valid numbers." in drawn
    assert "Low (70) is above high (60). Swap them?" in drawn


def test_what_is_typed_is_kept_and_does_not_count(guest, project, invited, ruth):
    secret = invited[1]
    half = typed(project, margin_low="9", margin_high="1")
    assert guest.post(url("guest_keep", secret), half).status_code == 204
    kept = Estimate.objects.filter(stakeholder=ruth)
    assert set(kept.values_list("submitted_at", flat=True)) == {None}
    assert not kept.filter(quantity__name="margin").exists()  # low above high
    assert kept.count() == 5


def test_what_was_sent_is_not_changed_by_typing(guest, project, invited, ruth):
    secret = invited[1]
    factories.an_invitation(factories.a_stakeholder(project, "Jonas Weber"))
    guest.post(url("guest_estimate", secret), typed(project))
    guest.post(url("guest_keep", secret), typed(project, margin_likely="222"))
    row = Estimate.objects.get(stakeholder=ruth, quantity__name="margin")
    assert row.likely == 200


def test_sending_with_a_gap_keeps_all_that_was_typed_on_the_page(
    guest, project, invited
):
    secret = invited[1]
    gap = typed(project, margin_low="", margin_high="", margin_likely="")
    page = guest.post(url("guest_estimate", secret), gap)
    assert page.status_code == 422
    assert b"Nothing was sent yet." in page.content
    assert b'value="50000"' in page.content
    assert not Estimate.objects.exists()


def test_without_a_script_redraw_shows_the_picture_of_what_is_typed(
    guest, project, invited
):
    more = typed(
        project,
        save_rate_low="40",
        save_rate_high="60",
        save_rate_likely="50",
        redraw="1",
    )
    page = guest.post(url("guest_estimate", invited[1]), more)
    assert page.status_code == 200
    assert b"In 20 of 20 futures" in page.content
    assert not Estimate.objects.exists()


def test_the_browsers_language_decides_what_a_comma_means(guest, project, invited):
    asked = typed(
        project,
        contact_cost_low="1",
        contact_cost_high="9999",
        contact_cost_likely="1,234",
    )
    preview = url("guest_preview", invited[1])
    german = guest.post(preview, asked, headers={"accept-language": "de-DE,de;q=0.9"})
    english = guest.post(preview, asked, headers={"accept-language": "en-GB"})
    unknown = guest.post(preview, asked)
    assert "most likely €1,234" in german.content.decode()
    assert "most likely €1\u202f234" in english.content.decode()
    assert "may mean 1234 or 1.234" in unknown.content.decode()


def test_declining_with_somebody_else_in_mind_is_an_answer(guest, invited):
    invitation, secret = invited
    decline = url("guest_decline", secret)
    guest.post(decline, {"instead": "Jonas Weber", "reason": "He has the figures."})
    invitation.refresh_from_db()
    assert invitation.state == Invitation.State.DECLINED
    assert invitation.decline_reason == "Ask Jonas Weber instead. He has the figures."
    assert b"Ana Ferreira knows" in guest.get(decline).content


def test_an_unknown_link_says_what_to_do(guest, db):
    page = guest.get(url("invitation", "nothing-of-the-kind"))
    assert page.status_code == 404
    assert b"This link is not known here." in page.content


def test_an_expired_link_names_its_day_and_whom_to_ask(guest, invited):
    invitation, secret = invited
    Invitation.objects.filter(pk=invitation.pk).update(
        deadline=timezone.now() - timedelta(days=1)
    )
    for name in ("invitation", "guest_estimate", "guest_decline"):
        page = guest.get(url(name, secret))
        assert page.status_code == 410
        assert b"This link ended on" in page.content
        assert b"Ask Ana Ferreira" in page.content
    assert guest.post(url("guest_estimate", secret)).status_code == 410


def test_a_withdrawn_link_lets_nobody_in(guest, invited, project):
    invitation, secret = invited
    services.revoke_invitation(invitation, actor=Actor(user=project.created_by))
    page = guest.get(url("guest_estimate", secret))
    assert page.status_code == 410
    assert b"This link was withdrawn." in page.content


def test_the_receipt_outlives_the_deadline(guest, project, invited):
    invitation, secret = invited
    guest.post(url("guest_estimate", secret), typed(project))
    Invitation.objects.filter(pk=invitation.pk).update(
        deadline=timezone.now() - timedelta(days=1)
    )
    page = guest.get(url("guest_receipt", secret))
    assert page.status_code == 200
    assert b"Change my numbers" not in page.content


def test_a_fresh_link_ends_the_old_one(guest, invited, project):
    invitation, secret = invited
    fresh = services.renew_invitation(
        invitation,
        actor=Actor(user=project.created_by),
        deadline=timezone.now() + timedelta(days=3),
    )
    assert guest.get(url("invitation", secret)).status_code == 404
    assert guest.get(url("invitation", fresh)).status_code == 200


def test_a_guest_sees_its_questions_and_nothing_else_of_the_project(
    guest, invited, project
):
    guest.get(url("guest_estimate", invited[1]))
    page = guest.get(reverse("projects:value", args=[project.slug]))
    assert page.status_code == 302  # to sign in


def test_links_of_a_deleted_project_are_unknown(guest, invited, project):
    project.deleted_at = timezone.now()
    project.save()
    assert guest.get(url("invitation", invited[1])).status_code == 404
