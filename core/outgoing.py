"""What leaves the portal: mail to its people, events to other systems.

Both lie in tables until they are sent, so that nothing is lost while the other side
is away; the scheduler asks every few seconds for what is due.
"""

import smtplib

from django.utils import timezone
from django.utils.translation import gettext as _

from core import fetch, sealed, webhooks
from core.jobs.declare import background_job
from core.jobs.errors import JobFailed
from core.jobs.running import RunningJob
from core.models import Job, User, Webhook, WebhookDelivery
from core.notices import mails, notify

DELIVERIES_A_JOB = 20


@background_job(kind="core.mail", queue="interactive", wall=60)
def mail_person(job: RunningJob, *, user_id: int) -> None:
    """Mail somebody what is due, in one mail."""
    person = User.objects.filter(pk=user_id).first()
    rows = mails.take_due(person, timezone.now()) if person else []
    if person is None or not rows:
        return
    try:
        mails.compose(person, rows).send()
    except (OSError, smtplib.SMTPException) as error:
        mails.put_off(rows, now=timezone.now())
        raise JobFailed(
            _(
                "The mail server did not take it (%s). It is tried again later; "
                "everything is in the inbox meanwhile."
            )
            % type(error).__name__
        ) from error
    with job.recording():
        mails.note_mailed(rows, now=timezone.now())


@background_job(kind="core.webhook", queue="interactive", wall=180)
def tell_webhook(job: RunningJob, *, webhook_id: int) -> None:
    """Send an address what is due for it, the oldest event first."""
    for _delivery in range(DELIVERIES_A_JOB):
        job.check()
        delivery = webhooks.take_next(webhook_id, timezone.now())
        if delivery is None:
            return
        webhook = Webhook.objects.get(pk=webhook_id)
        if not deliver(delivery, webhook):
            return


def deliver(delivery: WebhookDelivery, webhook: Webhook) -> bool:
    """Send one event and note what became of it; return whether it was taken."""
    now, status, problem = timezone.now(), None, ""
    content = webhooks.content_of(delivery)
    try:
        secret = sealed.open_secret(webhook.secret)
        status = fetch.post(webhook.url, content, headers_of(delivery, secret))
    except (fetch.FetchRefused, fetch.FetchFailed, sealed.UnreadableSecret) as error:
        problem = str(error)
    if status is not None and 200 <= status < 300:
        webhooks.note_delivered(delivery, status=status, now=now)
        return True
    problem = problem or _answered(status)
    if webhooks.note_failure(delivery, status=status, problem=problem, now=now):
        _tell_of_switch(webhook, problem)
    return False


def headers_of(delivery: WebhookDelivery, secret: str) -> dict[str, str]:
    """Return what is sent beside the body of an event."""
    content = webhooks.content_of(delivery)
    return {
        "Content-Type": "application/json",
        "User-Agent": "mlops-portal",
        "X-Portal-Event": delivery.kind,
        "X-Portal-Delivery": str(delivery.event_id),
        webhooks.SIGNATURE_HEADER: webhooks.signature(
            secret, content, at=timezone.now()
        ),
    }


def _answered(status: int | None) -> str:
    if status is not None and 300 <= status < 400:
        return _("It answered %s: redirects are not followed.") % status
    return _("It answered %s.") % status


def _tell_of_switch(webhook: Webhook, problem: str) -> None:
    if webhook.created_by is not None:
        host = fetch.host_of(webhook.url)
        notify(
            [webhook.created_by],
            kind="webhook",
            group=f"webhook:{webhook.pk}",
            text=_("%(host)s is told nothing more: it failed too often. %(problem)s")
            % {"host": host, "problem": problem},
            project_id=webhook.project_id,
        )


def send_due() -> int:
    """Start a job for each person and address that something is due for."""
    now = timezone.now()
    busy = {
        (kind, str(params))
        for kind, params in Job.objects.unfinished()
        .filter(kind__in=["core.mail", "core.webhook"])
        .values_list("kind", "params")
    }
    people = [
        pk
        for pk in mails.people_to_mail(now)
        if ("core.mail", str({"user_id": pk})) not in busy
    ]
    addresses = [
        pk
        for pk in webhooks.due(now)
        .order_by("webhook")
        .values_list("webhook", flat=True)
        .distinct()[:200]
        if ("core.webhook", str({"webhook_id": pk})) not in busy
    ]
    for pk in people:
        mail_person.start(actor=None, project_id=None, title=_("Mail"), user_id=pk)
    for pk in addresses:
        tell_webhook.start(
            actor=None, project_id=None, title=_("Webhook"), webhook_id=pk
        )
    return len(people) + len(addresses)
