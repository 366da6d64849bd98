"""The audit trail: appended in the act's own transaction, chained by one sealer.

A chain inside each transaction would serialise all writes, so entries are
inserted unchained and `seal` links them in order of id, a few seconds later.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone
from django.utils.translation import override

from core import webhooks
from core.access import Actor
from core.models import AuditEntry, AuditSeal
from core.selectors.activity import words_for
from engine.digests import canonical_json

GENESIS = "0" * 64
GUARDED = (AuditEntry._meta.db_table, AuditSeal._meta.db_table)
# An entry may be written by a transaction that commits after a later id did;
# younger ones wait, so that the chain never has to go back.
SETTLED = timedelta(seconds=5)


def record(
    actor: Actor,
    action: str,
    *,
    project_id: int | None = None,
    subject: str = "",
    detail: dict[str, Any] | None = None,
) -> AuditEntry:
    """Append one entry; it stands or falls with the caller's transaction.

    The addresses that listen to the project are told of it.
    """
    if actor.token:
        via = f"token {actor.token.key_id}"
    elif actor.invitation_id:
        via = f"invitation {actor.invitation_id}"
    else:
        via = ""
    entry = AuditEntry.objects.create(
        actor_uuid=actor.user.uuid if actor.user else None,
        via=via,
        action=action,
        project_id=project_id,
        subject=subject[:200],
        detail=detail or {},
    )
    if project_id is not None:
        webhooks.queue(project_id, _event(entry, actor))
    return entry


def _event(entry: AuditEntry, actor: Actor) -> webhooks.Event:
    """Return an act as other systems are told: in English, whoever acts."""
    with override("en"):
        words = words_for(entry.action, entry.subject)
    return webhooks.Event(
        kind=entry.action,
        text=f"{actor.name} {words}",
        subject=entry.subject,
        who=actor.name,
    )


def entry_hash(entry: AuditEntry, previous_hash: str) -> str:
    """Return the hash that links `entry` to the one before it."""
    content = {
        "id": entry.pk,
        "at": entry.at.astimezone(UTC).isoformat(),
        "actor": str(entry.actor_uuid) if entry.actor_uuid else None,
        "via": entry.via,
        "action": entry.action,
        "project": entry.project_id,
        "subject": entry.subject,
        "detail": entry.detail,
        "previous": previous_hash,
    }
    return hashlib.sha256(canonical_json(content)).hexdigest()


def seal(*, limit: int = 5000) -> int:
    """Chain settled entries and return how many; two sealers at once cannot fork it.

    `position` and `previous_hash` are unique, so the slower of two sealers fails
    and leaves the chain as the faster one made it.
    """
    with transaction.atomic():
        last = AuditSeal.objects.order_by("-position").first()
        position, previous = (last.position, last.hash) if last else (0, GENESIS)
        waiting = AuditEntry.objects.filter(
            seal=None, at__lt=timezone.now() - SETTLED
        ).order_by("id")[:limit]
        seals = []
        for entry in waiting:
            position += 1
            link = entry_hash(entry, previous)
            seals.append(
                AuditSeal(
                    entry=entry, position=position, previous_hash=previous, hash=link
                )
            )
            previous = link
        AuditSeal.objects.bulk_create(seals)
    return len(seals)


@dataclass(frozen=True)
class Verdict:
    """What a walk along the chain found."""

    sealed: int
    unsealed: int
    broken_at: int | None  # id of the first entry that does not fit
    head: str


def verify() -> Verdict:
    """Recompute the whole chain and name the first entry that does not fit."""
    previous, position, broken = GENESIS, 0, None
    for seal_row in (
        AuditSeal.objects.select_related("entry").order_by("position").iterator()
    ):
        position += 1
        fits = (
            seal_row.position == position
            and seal_row.previous_hash == previous
            and seal_row.hash == entry_hash(seal_row.entry, previous)
        )
        if not fits:
            broken = seal_row.entry_id
            break
        previous = seal_row.hash
    unsealed = AuditEntry.objects.filter(seal=None).count()
    return Verdict(sealed=position, unsealed=unsealed, broken_at=broken, head=previous)


SQLITE_GUARD = """
CREATE TRIGGER IF NOT EXISTS {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END
"""
POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$ LANGUAGE plpgsql
"""
POSTGRES_GUARD = """
CREATE OR REPLACE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()
"""


def install_guards(schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Have the database itself refuse to change or delete an entry or a seal."""
    with schema_editor.connection.cursor() as cursor:
        if schema_editor.connection.vendor == "sqlite":
            for table in GUARDED:
                for verb in ("UPDATE", "DELETE"):
                    cursor.execute(SQLITE_GUARD.format(table=table, verb=verb))
        else:
            cursor.execute(POSTGRES_FUNCTION)
            for table in GUARDED:
                cursor.execute(POSTGRES_GUARD.format(table=table))


def remove_guards() -> None:
    """Lift the guards of SQLite: its tests empty tables by DELETE, not TRUNCATE."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        for table in GUARDED:
            for verb in ("UPDATE", "DELETE"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}")
