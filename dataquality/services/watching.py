"""What a data set's history says aloud: alerts, one while their condition lasts."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from core import audit
from core.access import Actor
from core.notices import notify
from dataquality.models import Alert, DataSet, DataSetVersion, Monitor
from dataquality.selectors.arrivals import expected_next, newest_versions
from dataquality.selectors.conditions import (
    failed_scores,
    late,
    odd_changes,
)
from engine.words import kept
from projects.services.tell import editors_of

Conditions = Mapping[str, str]  # sentences by key


def raise_alert(data_set: DataSet, *, kind: str, key: str, sentence: str) -> Alert:
    """Return the alert of a condition that lasts; a new one is told to the editors.

    `key` names the condition within its kind. A sentence of `engine.words` is said in
    each reader's language. What was put off stays quiet until its day, even if the
    condition passed in between.
    """
    told = kept(sentence)
    same = Alert.objects.filter(data_set=data_set, kind=kind, key=key)
    standing = same.unresolved().first()
    if standing is None:
        before = same.first()
        until = before.snoozed_until if before and before.is_snoozed else None
        try:
            with transaction.atomic():
                made = Alert.objects.create(
                    data_set=data_set,
                    kind=kind,
                    key=key,
                    told=told,
                    snoozed_until=until,
                )
        except IntegrityError:  # somebody else found the same at the same moment
            return same.unresolved().get()
        if until is None:
            _tell(made)
        return made
    if standing.told != told:
        standing.told = told
        standing.save(update_fields=["told"])
    return standing


def keep_alerts(data_set: DataSet, kind: str, conditions: Conditions) -> None:
    """Raise an alert for each condition, and resolve those of the kind that passed."""
    passed = data_set.alerts.unresolved().filter(kind=kind).exclude(key__in=conditions)
    passed.update(resolved_at=timezone.now())
    for key, sentence in conditions.items():
        raise_alert(data_set, kind=kind, key=key, sentence=sentence)


def _tell(alert: Alert) -> None:
    data_set = alert.data_set
    notify(
        editors_of(data_set.project),
        kind="alert",
        group=f"alert:{alert.pk}",
        text=f"{data_set.name}: {alert.sentence}",
        url=f"{data_set.get_absolute_url()}#alerts",
        project_id=data_set.project_id,
    )


def watch_version(version: DataSetVersion) -> None:
    """Look at a version that was assessed: its scores, its history, its arrival."""
    data_set = version.data_set
    newest = newest_versions().filter(data_set=data_set).first()
    if newest is None or newest.pk != version.pk:
        return  # an older version says nothing of today
    keep_alerts(data_set, Alert.Kind.SCORE, failed_scores([version])[version.pk])
    keep_alerts(data_set, Alert.Kind.ANOMALY, odd_changes(version))
    _watch_arrival(newest, now=timezone.now())


def watch_all(*, now: datetime) -> None:
    """Look at every data set's newest version: is the next one late, do scores hold."""
    newest = list(newest_versions().filter(data_set__project__archived_at=None))
    failing = failed_scores(newest)
    alerting = set(
        Alert.objects.unresolved()
        .filter(kind=Alert.Kind.SCORE)
        .values_list("data_set", flat=True)
    )
    for each in newest:
        if failing[each.pk] or each.data_set_id in alerting:
            keep_alerts(each.data_set, Alert.Kind.SCORE, failing[each.pk])
        _watch_arrival(each, now=now)
    _wake_alerts(timezone.localdate(now))


def _watch_arrival(newest: DataSetVersion, *, now: datetime) -> None:
    expected = expected_next(newest)
    is_late = expected is not None and expected.latest_at < now
    conditions = {"next": late(newest, expected)} if expected and is_late else {}
    keep_alerts(newest.data_set, Alert.Kind.ARRIVAL, conditions)


def _wake_alerts(today: date) -> None:
    """Tell again of what was put off until today and lasts."""
    due = Alert.objects.unresolved().filter(snoozed_until__lte=today)
    for alert in due.select_related("data_set__project"):
        alert.snoozed_until = None
        alert.save(update_fields=["snoozed_until"])
        if alert.acknowledged_at is None:
            _tell(alert)


@transaction.atomic
def acknowledge_alert(alert: Alert, *, actor: Actor, note: str = "") -> None:
    """Note that somebody sees to it; it stays until its condition passes."""
    alert.acknowledged_at, alert.acknowledged_by = timezone.now(), actor.user
    alert.note = note
    alert.full_clean()
    alert.save()
    _record(actor, "acknowledge alert", alert)


@transaction.atomic
def snooze_alert(alert: Alert, *, actor: Actor, until: date | None) -> None:
    """Keep an alert quiet until a day; None wakes it."""
    alert.snoozed_until = until
    alert.full_clean()
    alert.save(update_fields=["snoozed_until"])
    _record(actor, "snooze alert" if until else "wake alert", alert)


@transaction.atomic
def save_monitor(monitor: Monitor, *, actor: Actor) -> Monitor:
    """Save how a data set is watched, and look at once whether a version is late.

    Raises
    ------
    ValidationError
        If its numbers are no chances or no times.
    """
    monitor.full_clean()
    monitor.save()
    data_set = monitor.data_set
    audit.record(
        actor, "change monitor", project_id=data_set.project_id, subject=data_set.name
    )
    newest = newest_versions().filter(data_set=data_set).first()
    if newest is not None:
        _watch_arrival(newest, now=timezone.now())
    return monitor


def _record(actor: Actor, action: str, alert: Alert) -> None:
    project_id = alert.data_set.project_id
    subject = f"{alert.data_set.name}: {alert}"
    audit.record(actor, action, project_id=project_id, subject=subject)
