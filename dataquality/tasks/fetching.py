"""Jobs that fetch what a data set's source holds, and try whether it answers."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import fetch as web
from core import objects
from core.access import Actor
from core.jobs import JobFailed, RunningJob, background_job
from core.jobs.schedule import periodic
from core.models import Job
from core.objects import CutOffError, TooLargeError
from core.sealed import UnreadableSecret
from core.uploads import plain_name
from dataquality import services
from dataquality.models import Source
from dataquality.services import Fetched
from dataquality.tasks.profiles import start_reading
from dataquality.tasks.reach import WALL_SECONDS, own_file
from engine.sources import fetch_object, fetch_query

CHECK_SECONDS = 60
FETCH_MEMORY_MB = 1024
# What a web server calls a file that has no telling name.
ENDINGS = {
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "application/json": ".json",
    "application/x-ndjson": ".jsonl",
    "application/vnd.apache.parquet": ".parquet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}


def may_edit_source(actor: Actor, source_id: int) -> bool:
    """Return whether the actor may change the source's data set today."""
    return (
        Source.objects.editable_by(actor)
        .filter(pk=source_id, data_set__deleted_at=None)
        .exists()
    )


def follow_the_fetch(job: Job) -> None:
    """Say at the source why its fetch brought nothing; a cancelled one says nothing."""
    if job.state != Job.State.CANCELLED:
        services.record_failure(
            job.params["source_id"], sentence=job.error or job.state_words
        )


def follow_the_check(job: Job) -> None:
    """Keep why a test did not succeed."""
    services.record_check(
        job.params["source_id"],
        is_good=False,
        sentence=job.error or job.state_words,
    )


@background_job(
    kind="fetch",
    queue="data",
    wall=WALL_SECONDS,
    memory_mb=FETCH_MEMORY_MB,
    network=True,
    allowed=may_edit_source,
    on_end=follow_the_fetch,
)
def fetch(job: RunningJob, *, source_id: int) -> None:
    """Fetch what a source holds now, and start reading it if it is new."""
    source = _source(source_id)
    fetched, _found = _bring(job, source, is_look=False)
    try:
        with job.recording({"is_new": services.is_new(source, fetched)}):
            delivered = services.record_fetch(source, fetched)
            if delivered is not None and delivered.is_new:
                start_reading(delivered.version, actor=job.actor)
    except TooLargeError as error:
        raise JobFailed(str(error)) from error


@background_job(
    kind="check_source",
    queue="interactive",
    wall=CHECK_SECONDS,
    memory_mb=FETCH_MEMORY_MB,
    network=True,
    allowed=may_edit_source,
    on_end=follow_the_check,
)
def check_source(job: RunningJob, *, source_id: int) -> None:
    """Try whether a source answers, and keep what it says; nothing is kept of it."""
    source = _source(source_id)
    _fetched, found = _bring(job, source, is_look=True)
    with job.recording():
        services.record_check(source.pk, is_good=True, sentence=found)


def _source(source_id: int) -> Source:
    return Source.objects.select_related("data_set__project", "owner").get(pk=source_id)


def _bring(job: RunningJob, source: Source, *, is_look: bool) -> tuple[Fetched, str]:
    """Return what a source holds, and that in a sentence."""
    try:
        if source.kind == "http":
            return _from_web(job, source, is_look=is_look)
        return _from_child(job, source, is_look=is_look)
    except (web.FetchRefused, web.FetchFailed, UnreadableSecret) as error:
        raise JobFailed(str(error)) from error
    except (TooLargeError, CutOffError) as error:
        raise JobFailed(str(error)) from error


def _from_child(
    job: RunningJob, source: Source, *, is_look: bool
) -> tuple[Fetched, str]:
    asked: dict[str, Any] = {
        "settings": source.settings,
        "secrets": services.open_secrets(source),
        "most": services.limits(is_look=is_look),
    }
    address = services.where_to_ask(source)
    if source.kind == "s3":
        seen = source.seen.get("mark", "")
        made = job.compute(fetch_object, **asked, address=address, seen=seen)
        name = source.settings["key"].rsplit("/", 1)[-1]
    else:
        made = job.compute(fetch_query, **asked, kind=source.kind, address=address)
        name = f"{source.data_set.slug}.parquet"
    seen_now = {"mark": made["seen"]} if "seen" in made else {}
    if is_look or "file" not in made:
        return Fetched(None, name, seen_now), _found_in(made)
    incoming = objects.receive_file(own_file(job.folder, made["file"]))
    written_at = datetime.fromisoformat(made["written"]) if "written" in made else None
    return Fetched(incoming, name, seen_now, written_at), ""


def _found_in(made: dict[str, Any]) -> str:
    columns = made.get("columns") or []
    if columns:
        return _("It answers, with %(n)s columns: %(names)s.") % {
            "n": len(columns),
            "names": ", ".join(columns[:12]),
        }
    return _("It answers, with a file of %(size)s bytes.") % {
        "size": f"{made.get('bytes', 0):,}"
    }


def _from_web(job: RunningJob, source: Source, *, is_look: bool) -> tuple[Fetched, str]:
    with web.get(source.settings["url"], _headers(source, is_look=is_look)) as answer:
        if answer.status == 304:
            return Fetched(None, "", source.seen), ""
        if answer.status != 200:
            raise JobFailed(_refusal_of(answer))
        if is_look:
            return Fetched(None, "", {}), _found_on_web(answer)
        incoming = objects.receive(
            _while_wanted(job, answer), limit=settings.UPLOAD_LIMIT
        )
    seen = {
        name: answer.headers[name]
        for name in ("etag", "last-modified")
        if name in answer.headers
    }
    return Fetched(incoming, _name_of(answer), seen, _written_at(answer)), ""


def _written_at(answer: web.Answer) -> datetime | None:
    """Return when the server says the file was written; None if it says nothing."""
    try:
        said = parsedate_to_datetime(answer.headers.get("last-modified", ""))
    except ValueError:
        return None
    return said if said.tzinfo else said.replace(tzinfo=UTC)


def _headers(source: Source, *, is_look: bool) -> dict[str, str]:
    headers = {"User-Agent": "MLOps-Portal", "Accept-Encoding": "identity"}
    if secret := services.open_secrets(source).get("authorization"):
        headers["Authorization"] = secret
    if not is_look:
        asked = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
        headers |= {asked[name]: text for name, text in source.seen.items()}
    return headers


def _refusal_of(answer: web.Answer) -> str:
    if answer.status in {404, 410}:
        return _(
            "The address answers that nothing is there (%(status)s). Look at the "
            "address; every version so far is kept."
        ) % {"status": answer.status}
    if answer.status in {401, 403}:
        return _(
            "The address answers that this may not be read (%(status)s). Look at the "
            "authorization; every version so far is kept."
        ) % {"status": answer.status}
    return _(
        "The address answers with status %(status)s instead of a file. Every version "
        "so far is kept."
    ) % {"status": answer.status}


def _found_on_web(answer: web.Answer) -> str:
    return _("It answers, with %(name)s (%(type)s, %(size)s bytes).") % {
        "name": _name_of(answer),
        "type": answer.headers.get("content-type", _("of no said type"))[:80],
        "size": answer.headers.get("content-length", "?")[:20],
    }


def _while_wanted(job: RunningJob, answer: web.Answer) -> Any:
    """Yield the body, and stop when the job has to."""
    done, whole = 0, int(answer.headers.get("content-length") or 0)
    for piece in answer.chunks:
        done += len(piece)
        job.progress(done / max(whole, done), f"{done // web.CHUNK} MB")
        yield piece


def _name_of(answer: web.Answer) -> str:
    """Return what a file is called, with an ending by its type if it has none."""
    path = urlsplit(answer.url).path
    name = plain_name(unquote(path).rstrip("/")) or "data"
    if "." not in name:
        said = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        name += ENDINGS.get(said, ".csv")
    if answer.headers.get("content-encoding", "").lower() in {"gzip", "x-gzip"}:
        name += ".gz"
    return name


@transaction.atomic
def start_fetching(source: Source, *, actor: Actor) -> Job:
    """Start the job that fetches a source, or return the one that does so already."""
    row = (
        Source.objects.select_for_update(of=("self",))
        .select_related("job")
        .get(pk=source.pk)
    )
    if row.job is not None and not row.job.is_finished:
        return row.job
    job = fetch.start(
        actor=actor,
        project_id=source.data_set.project_id,
        title=_("Fetch of %(name)s") % {"name": source.data_set.name},
        subject_url=source.get_absolute_url(),
        source_id=source.pk,
    )
    services.note_job(row, job)
    return job


def start_checking(source: Source, *, actor: Actor) -> Job:
    """Start the job that tries whether a source answers."""
    return check_source.start(
        actor=actor,
        project_id=source.data_set.project_id,
        title=_("Test of %(name)s") % {"name": source.data_set.name},
        subject_url=source.get_absolute_url(),
        source_id=source.pk,
    )


@periodic("dataquality.sources.fetch_due")
def fetch_due() -> None:
    """Start the fetches whose time has come, with the rights of who set them up."""
    for source in services.take_due(timezone.now()):
        if source.owner is None:
            services.record_failure(
                source.pk,
                sentence=_("Whoever set this source up has gone. Set it up anew."),
            )
        else:
            start_fetching(source, actor=Actor(user=source.owner))
