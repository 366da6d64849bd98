"""What the page of a source says."""

from dataclasses import dataclass
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from core.fetch import host_of
from core.models import Job
from core.words import in_words
from dataquality.kinds.sources import KINDS, SourceKind
from dataquality.models import DataSet, Source

FETCHES_SHOWN = 20


@dataclass(frozen=True)
class SourceCard:
    """A source in words, and how its fetches went."""

    source: Source
    place: str
    kept_secrets: frozenset[str]  # names of those that are set
    checked: dict[str, Any]
    running: tuple[Job, ...]
    fetches: tuple[Job, ...]


def source_of(data_set: DataSet) -> Source | None:
    """Return where a data set comes from, if it is fetched at all."""
    return (
        Source.objects.filter(data_set=data_set)
        .select_related("data_set__project", "owner", "job")
        .first()
    )


def source_card(source: Source, secrets: dict[str, str]) -> SourceCard:
    """Return what the page of a source says."""
    jobs = Job.objects.filter(
        project_id=source.data_set.project_id,
        kind__in=["fetch", "check_source"],
        params__source_id=source.pk,
    )
    checked = dict(source.checked)
    if checked:
        checked["at"] = parse_datetime(checked["at"])
        checked["sentence"] = in_words(checked["sentence"])
    return SourceCard(
        source=source,
        place=place_of(source),
        kept_secrets=frozenset(secrets),
        checked=checked,
        running=tuple(jobs.unfinished()),
        fetches=tuple(jobs.filter(kind="fetch")[:FETCHES_SHOWN]),
    )


def place_of(source: Source) -> str:
    """Return in a few words where a source is, without anything secret."""
    said = source.settings
    if source.kind == "http":
        return host_of(said["url"])
    if source.kind == "s3":
        return f"{said['bucket']}/{said['key']}"
    if source.kind == "sqlite":
        return _("a file that was uploaded")
    return str(_("%(database)s on %(host)s") % said)


def kinds() -> tuple[SourceKind, ...]:
    """Return every kind of source."""
    return tuple(KINDS.values())
