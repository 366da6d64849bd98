"""Owners decide which other systems are told what happens in their project."""

import pytest
from django.urls import reverse

from core import outgoing, services
from core.access import Actor
from core.models import Job, Webhook, WebhookDelivery

URL = "https://hooks.example.org/T0/secret-path"


@pytest.fixture
def hook(project, cast):
    row, _secret = services.add_webhook(
        project.pk, actor=Actor(user=cast.owner), url=URL, kinds=[]
    )
    return row


def address(project, name="webhooks", *args):
    return reverse(f"projects:{name}", args=[project.slug, *args])


@pytest.mark.parametrize("who", ["editor", "contributor", "viewer", "outsider"])
def test_only_owners_see_and_change_addresses(project, hook, browser_of, who):
    browser = browser_of(who)
    assert browser.get(address(project)).status_code == 404
    assert browser.post(address(project), {"url": URL}).status_code == 404
    for name in ("webhook", "webhook_test", "webhook_secret", "webhook_remove"):
        assert browser.post(address(project, name, hook.pk)).status_code == 404


def test_secret_is_shown_once(project, browser_of):
    browser = browser_of("owner")
    made = browser.post(address(project), {"url": URL, "kinds": ["decisions"]})
    assert b"whsec_" in made.content
    row = Webhook.objects.get()
    assert row.kinds == ["decisions"]
    for there in (address(project), address(project, "webhook", row.pk)):
        assert b"whsec_" not in browser.get(there).content


def test_new_secret_replaces_the_old_one(project, hook, browser_of):
    before = hook.secret
    answer = browser_of("owner").post(address(project, "webhook_secret", hook.pk))
    assert b"whsec_" in answer.content
    hook.refresh_from_db()
    assert hook.secret != before


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://169.254.169.254/", "OUTGOING_HOSTS"),
        ("https://example.org:22/", "Port 22"),
        ("mailto:ana@example.org", "Enter a valid URL"),
        (URL, "told already"),
    ],
)
def test_address_that_cannot_be_told_is_refused_with_words(
    project, hook, browser_of, url, words
):
    answer = browser_of("owner").post(address(project), {"url": url})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert Webhook.objects.count() == 1


def test_change_is_kept_and_a_refused_one_is_not(project, hook, browser_of):
    browser = browser_of("owner")
    there = address(project, "webhook", hook.pk)
    browser.post(there, {"url": URL, "kinds": ["value"]})
    hook.refresh_from_db()
    assert (hook.kinds, hook.is_on) == (["value"], False)
    answer = browser.post(there, {"url": "http://10.0.0.1/", "is_on": "on"})
    assert answer.status_code == 422
    hook.refresh_from_db()
    assert hook.url == URL


def test_test_button_sends_by_a_job(project, hook, browser_of):
    browser_of("owner").post(address(project, "webhook_test", hook.pk))
    assert WebhookDelivery.objects.filter(kind="ping").count() == 1
    assert Job.objects.filter(kind="core.webhook").count() == 1


def test_delivery_is_sent_again_and_that_of_another_address_is_not(
    project, hook, browser_of, monkeypatch, jobs_inline
):
    monkeypatch.setattr(outgoing.fetch, "post", lambda *args: 200)
    outgoing.send_due()
    jobs_inline()
    delivery = WebhookDelivery.objects.get()
    other, _secret = services.add_webhook(
        project.pk, actor=Actor(), url=f"{URL}/2", kinds=["data"]
    )
    browser = browser_of("owner")
    data = {"delivery": delivery.pk}
    there = address(project, "webhook_redeliver", other.pk)
    assert browser.post(there, data).status_code == 404
    browser.post(address(project, "webhook_redeliver", hook.pk), data)
    again = WebhookDelivery.objects.filter(event_id=delivery.event_id)
    assert again.count() == 2


def test_failure_is_shown_in_words(project, hook, browser_of, monkeypatch, jobs_inline):
    monkeypatch.setattr(outgoing.fetch, "post", lambda *args: 503)
    outgoing.send_due()
    jobs_inline()
    page = browser_of("owner").get(address(project, "webhook", hook.pk))
    assert "It answered 503. It is tried again; tried once." in page.content.decode()


def test_removed_address_is_told_nothing(project, hook, browser_of):
    browser_of("owner").post(address(project, "webhook_remove", hook.pk))
    assert not Webhook.objects.exists()
    assert outgoing.send_due() == 0
