"""Asking people, handing over links, following, reminding, withdrawing."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from projects.models import Invitation
from projects.services.letters import can_mail
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(project):
    return reverse("projects:value_ask", args=[project.slug])


@pytest.fixture
def question(ruth):
    day = timezone.localdate() + timedelta(days=5)
    return {"people": [ruth.pk], "deadline": day.isoformat(), "message": "Please."}


def test_without_mail_the_link_is_shown_once_with_a_message_to_paste(
    ask, question, browser_of
):
    browser = browser_of("editor")
    browser.post(ask, question)
    page = browser.get(ask).content.decode()
    assert "One link to hand over" in page
    assert "http://127.0.0.1:8000/i/" in page
    assert "A message to paste" in page
    assert "EMAIL_URL" in page
    assert "One link to hand over" not in browser.get(ask).content.decode()
    assert not mail.outbox


def test_with_mail_a_letter_goes_out_after_the_commit(
    ask, question, browser_of, settings, django_capture_on_commit_callbacks
):
    settings.MAIL_CONFIGURED = True
    settings.PUBLIC_URL = "https://portal.example.org"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with django_capture_on_commit_callbacks(execute=True):
        browser_of("editor").post(ask, question)
    letter = mail.outbox[0]
    assert letter.to == ["ruth@example.org"]
    assert "https://portal.example.org/i/" in letter.body
    assert "Please." in letter.body


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]"]
)
def test_a_loopback_address_is_never_mailed(settings, address):
    settings.MAIL_CONFIGURED, settings.PUBLIC_URL = True, address
    assert not can_mail()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"people": []}, "Choose at least one person."),
        ({"deadline": "2020-01-01"}, "2020-01-01 is over."),
        ({"deadline": "soon"}, "Enter a valid date."),
    ],
)
def test_a_question_that_cannot_be_asked_says_why(
    ask, question, browser_of, change, message
):
    answer = browser_of("editor").post(ask, {**question, **change})
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert not Invitation.objects.exists()


def test_only_editors_ask(ask, question, browser_of):
    for who in ("contributor", "viewer", "outsider"):
        assert browser_of(who).get(ask).status_code == 404
        assert browser_of(who).post(ask, question).status_code == 404


def test_a_person_of_another_project_cannot_be_asked(ask, question, browser_of):
    stranger = factories.a_stakeholder(factories.a_project(), "Stranger")
    answer = browser_of("editor").post(ask, {**question, "people": [stranger.pk]})
    assert answer.status_code == 422


def test_the_page_follows_how_far_each_is_without_numbers(
    ask, project, invited, browser_of
):
    factories.an_answer(factories.a_stakeholder(project, "Jonas Weber"), factor=1.1)
    page = browser_of("editor").get(ask).content.decode()
    assert "asked, due" in page
    assert "answered" in page
    for number in ("55000", "55 000", "55\u202f000", "55k"):  # Jonas's customers
        assert number not in page


def test_reminding_makes_a_fresh_link_and_may_extend(ask, project, invited, browser_of):
    invitation, _secret = invited
    day = timezone.localdate() + timedelta(days=20)
    browser_of("editor").post(
        reverse("projects:invitation_remind", args=[project.slug, invitation.pk]),
        {"deadline": day.isoformat()},
    )
    before = invitation.secret_hash
    invitation.refresh_from_db()
    assert invitation.secret_hash != before
    assert timezone.localdate(invitation.deadline) == day


def test_withdrawing_closes_the_link(ask, project, invited, browser_of):
    invitation, secret = invited
    revoke = reverse("projects:invitation_revoke", args=[project.slug, invitation.pk])
    assert browser_of("viewer").post(revoke).status_code == 404
    browser_of("editor").post(revoke)
    opened = browser_of("nobody").get(reverse("projects:invitation", args=[secret]))
    assert opened.status_code == 410
