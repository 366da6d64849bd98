"""Where a data set comes from: set, fetched, failed, and coming back."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings as portal
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit, fetch, objects, sealed
from core.access import Actor
from core.models import Job
from core.notices import notify
from core.objects import Incoming
from core.words import in_words
from dataquality.kinds.schedule import next_run
from dataquality.kinds.sources import KINDS, Setting
from dataquality.models import DataSet, DataSetVersion, Source
from dataquality.services.deliveries import SOURCE_OWNER, Delivered, deliver
from engine.errors import EngineError
from engine.sources import check_query

SQLITE_FILE = "file"
PLAIN_NAME = re.compile(r"[A-Za-z0-9._-]+")
SQLITE_MAGIC = b"SQLite format 3\x00"


@dataclass(frozen=True)
class Fetched:
    """What a fetch brought; no file if it is the one that came last."""

    incoming: Incoming | None
    file_name: str
    seen: dict[str, str]
    written_at: datetime | None = None  # as the source dates it


@transaction.atomic
def set_source(
    data_set: DataSet,
    *,
    actor: Actor,
    kind: str,
    said: dict[str, Any],
    secrets: dict[str, str],
    schedule: str = "",
    file: Incoming | None = None,
) -> Source:
    """Return the data set's source, made or changed; whoever does so owns it.

    Secrets that are left out stay as they were, unless the source is of another kind
    or leads elsewhere: they are not for another server.

    Raises
    ------
    ValidationError
        By the name of what cannot be used.
    TooLargeError
        If the project's quota does not hold the file.
    """
    DataSet.objects.select_for_update().get(pk=data_set.pk)
    source = Source.objects.filter(data_set=data_set).first() or Source(
        data_set=data_set
    )
    before, kind_before = dict(source.settings), source.kind
    source.kind, source.schedule, source.owner = kind, schedule.strip(), actor.user
    if kind not in KINDS:
        raise ValidationError(
            {
                "kind": _("“%(kind)s” is no kind of source. Use one of %(known)s.")
                % {"kind": kind, "known": ", ".join(KINDS)}
            }
        )
    source.settings = _settings_of(kind, said)
    _check(source)
    is_elsewhere = kind != kind_before or _place(before) != _place(source.settings)
    kept = {} if is_elsewhere else open_secrets(source)
    source.secrets = _close({**kept, **_known_secrets(kind, secrets)})
    source.seen, source.checked = {}, {}
    source.full_clean(exclude=["data_set"])
    source.save()
    _keep_file(source, file)
    audit.record(
        actor, "set source", project_id=data_set.project_id, subject=data_set.name
    )
    return source


def _settings_of(kind: str, said: dict[str, Any]) -> dict[str, str]:
    """Return the settings of this kind, each one text that fits."""
    known = [each for each in KINDS[kind].settings if not each.is_secret]
    problems: dict[str, str] = {}
    found: dict[str, str] = {}
    for each in known:
        text = str(said.get(each.name) or each.default).strip()
        if each.look == "file":
            continue
        if problem := _problem(each, text):
            problems[each.name] = problem
        found[each.name] = text
    unknown = sorted(set(said) - {each.name for each in known})
    if unknown:
        problems["settings"] = _(
            "A source of this kind has no “%(name)s”. It has: %(known)s."
        ) % {"name": unknown[0], "known": ", ".join(each.name for each in known)}
    if problems:
        raise ValidationError(problems)
    return found


def _problem(setting: Setting, text: str) -> str:
    if not text:
        return _("Fill this in.") if setting.required else ""
    if len(text) > setting.most or "\x00" in text:
        return _("At most %(most)s characters, and no NUL.") % {"most": setting.most}
    if setting.look == "port" and not (text.isdecimal() and 0 < int(text) < 65_536):
        return _("“%(text)s” is no port. Write a number such as %(default)s.") % {
            "text": text,
            "default": setting.default,
        }
    if setting.choices and text not in dict(setting.choices):
        return _("“%(text)s” is none of %(known)s.") % {
            "text": text,
            "known": ", ".join(dict(setting.choices)),
        }
    return ""


def _check(source: Source) -> None:
    """Refuse what can be seen to be wrong without asking anybody."""
    said = source.settings
    problems = {
        name: _problem_of_address(said[name])
        for name in ("url", "endpoint")
        if said.get(name)
    }
    if "query" in said:
        problems["query"] = _problem_of_query(said["query"], source.kind)
    if any(sign in said.get("database", "") for sign in "=/\\"):
        problems["database"] = _("A database's name has no =, / or \\.")
    if "/" in said.get("bucket", ""):
        problems["bucket"] = _(
            "A bucket's name has no /. Write the rest as the object."
        )
    if found := {name: text for name, text in problems.items() if text}:
        raise ValidationError(found)


def _problem_of_address(url: str) -> str:
    try:
        fetch.target_of(url)
    except fetch.FetchRefused as error:
        return str(error)
    return ""


def _problem_of_query(query: str, kind: str) -> str:
    try:
        check_query(query, dialect=kind)
    except EngineError as error:
        return in_words(error)
    return ""


def _place(said: dict[str, str]) -> tuple[str, ...]:
    """Return where secrets are sent to."""
    url = said.get("url", "")
    parts = fetch.target_of(url) if url else None
    web = (str(parts.is_tls), parts.host, str(parts.port)) if parts else ()
    names = ("endpoint", "host", "port", "user", "encryption")
    return (*web, *(said.get(name, "") for name in names))


def _known_secrets(kind: str, secrets: dict[str, str]) -> dict[str, str]:
    unknown = sorted(set(secrets) - set(KINDS[kind].secrets))
    if unknown:
        raise ValidationError(
            {
                "secrets": _("A source of this kind has no secret “%(name)s”.")
                % {"name": unknown[0]}
            }
        )
    for each in KINDS[kind].settings:
        text = secrets.get(each.name, "")
        if len(text) > each.most or not text.isprintable():
            raise ValidationError(
                {
                    each.name: _("At most %(most)s characters on one line.")
                    % {"most": each.most}
                }
            )
    return {name: text for name, text in secrets.items() if text}


def _close(secrets: dict[str, str]) -> str:
    return sealed.close(json.dumps(secrets)) if secrets else ""


def open_secrets(source: Source) -> dict[str, str]:
    """Return a source's secrets in clear.

    Raises
    ------
    UnreadableSecret
        If the key they were closed with is not known any more.
    """
    return json.loads(sealed.open_secret(source.secrets)) if source.secrets else {}


def _keep_file(source: Source, file: Incoming | None) -> None:
    """Keep the database file of a SQLite source; other kinds have none."""
    held = objects.references(SOURCE_OWNER, source.pk)
    if source.kind != "sqlite":
        objects.release(SOURCE_OWNER, source.pk)
        return
    if file is None:
        if SQLITE_FILE not in held:
            raise ValidationError({"file": _("Choose the file to read from.")})
        return
    objects.release(SOURCE_OWNER, source.pk)
    ref = objects.attach(
        file,
        project_id=source.data_set.project_id,
        owner_kind=SOURCE_OWNER,
        owner_id=source.pk,
        path=SQLITE_FILE,
    )
    with objects.open_object(ref) as content:
        if content.read(len(SQLITE_MAGIC)) != SQLITE_MAGIC:
            raise ValidationError(
                {"file": _("This is no SQLite database. Choose a .sqlite file.")}
            )


@transaction.atomic
def remove_source(source: Source, *, actor: Actor) -> None:
    """Fetch nothing more; every version that came from there stays."""
    objects.release(SOURCE_OWNER, source.pk)
    data_set = source.data_set
    source.delete()
    audit.record(
        actor, "remove source", project_id=data_set.project_id, subject=data_set.name
    )


def where_to_ask(source: Source) -> str:
    """Return the checked address of a source's server, or the path of its file.

    Raises
    ------
    FetchRefused
        If it leads into a network that no operator has allowed.
    FetchFailed
        If its name has no address.
    """
    said = source.settings
    if source.kind == "sqlite":
        held = objects.references(SOURCE_OWNER, source.pk)[SQLITE_FILE]
        return str(objects.local_path(held))
    if source.kind == "s3":
        if not said.get("endpoint"):
            return ""
        return fetch.addresses_of(fetch.target_of(said["endpoint"]))[0]
    return fetch.checked_address(said["host"], int(said["port"]))


def limits(*, is_look: bool) -> dict[str, Any]:
    """Return what one fetch may bring."""
    seconds = 20 if is_look else portal.SOURCE_STATEMENT_SECONDS
    return {
        "rows": portal.SOURCE_ROWS,
        "bytes": portal.UPLOAD_LIMIT,
        "seconds": seconds,
        "is_look": is_look,
    }


def record_fetch(source: Source, fetched: Fetched) -> Delivered | None:
    """Make a version of what came; None if it is what came last.

    The answers a person gave to an earlier file hold for this one too.

    Raises
    ------
    TooLargeError
        If the project's quota does not hold the file.
    """
    Source.objects.filter(pk=source.pk).update(
        fetched_at=timezone.now(), seen=fetched.seen, error="", failing_since=None
    )
    if fetched.incoming is None:
        return None
    return deliver(
        source.data_set,
        actor=Actor(user=source.owner),
        incoming=fetched.incoming,
        file_name=fetched.file_name,
        delivered_at=timezone.now(),
        written_at=_believable(fetched.written_at),
        options=answers_before(source.data_set),
    )


def _believable(written_at: datetime | None) -> datetime | None:
    """Return a source's own date; nothing is written after it was fetched."""
    if written_at is None or written_at > timezone.now():
        return None
    return written_at


def is_new(source: Source, fetched: Fetched) -> bool:
    """Return whether a fetch brought bytes that no version came in."""
    if fetched.incoming is None:
        return False
    same = source.data_set.versions.filter(source_digest=fetched.incoming.digest)
    return not same.exists()


def answers_before(data_set: DataSet) -> dict[str, Any]:
    """Return how the newest ready version was read, as answers for the next one."""
    ready = data_set.versions.filter(state=DataSetVersion.State.READY).first()
    options = ready.options if ready else {}
    return {name: value for name, value in options.items() if name != "preview"}


def record_failure(source_id: int, *, sentence: str) -> None:
    """Say at the source why nothing came; its owner is told of the first time only."""
    source = Source.objects.select_for_update().filter(pk=source_id).first()
    if source is None:
        return
    source.error = sentence
    is_first = source.failing_since is None
    source.failing_since = source.failing_since or timezone.now()
    source.save(update_fields=["error", "failing_since"])
    if is_first and source.owner is not None:
        notify(
            [source.owner],
            kind="source",
            group=f"source:{source.pk}",
            text=_("%(name)s could not be fetched: %(why)s")
            % {"name": source.data_set.name, "why": sentence},
            url=source.get_absolute_url(),
            project_id=source.data_set.project_id,
        )


def record_check(source_id: int, *, is_good: bool, sentence: str) -> None:
    """Keep what a test found; it changes nothing else."""
    told = {
        "at": timezone.now().isoformat(),
        "is_good": is_good,
        "sentence": sentence,
    }
    Source.objects.filter(pk=source_id).update(checked=told)


def note_job(source: Source, job: Job) -> None:
    """Note the job that fetches; there is one at a time."""
    source.job = job
    source.save(update_fields=["job"])


def take_due(now: datetime) -> list[Source]:
    """Return the sources that are due, each put off to its next time by the one taker."""
    taken = []
    due = Source.objects.filter(next_at__lte=now, data_set__deleted_at=None)
    for source in due.select_related("data_set__project", "owner"):
        later = next_run(
            source.schedule, after=now, zone=timezone.get_default_timezone()
        )
        mine = Source.objects.filter(pk=source.pk, next_at=source.next_at)
        if mine.update(next_at=later):
            source.next_at = later
            taken.append(source)
    return taken
