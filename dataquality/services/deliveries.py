"""How files become versions of a data set, and where their bytes are."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from core import audit, objects, trash
from core.access import Actor
from core.models import Job
from core.objects import Incoming
from dataquality.models import RESERVED_SLUGS, DataSet, DataSetVersion
from engine.words import again, kept
from projects.models import Project

OWNER = "data_set_version"
RESULTS = "check_results"  # of a profile
SOURCE = "source"
PART_OWNER = "upload_part"
SOURCE_OWNER = "data_set_source"
TABLE = "table.parquet"


@dataclass(frozen=True)
class Delivered:
    """The version that holds a file; not a new one if the file was there before."""

    version: DataSetVersion
    is_new: bool


def create_data_set(
    project: Project,
    *,
    actor: Actor,
    name: str,
    description: str = "",
    **card: Any,
) -> DataSet:
    """Return a new data set without a version; `card` is what its data card says.

    Raises
    ------
    ValidationError
        If the project has one of this name.
    """
    row = DataSet(
        project=project,
        name=name.strip(),
        description=description,
        slug=_free_slug(project, name),
        created_by=actor.user,
        **card,
    )
    row.full_clean()
    row.save()
    audit.record(actor, "create data set", project_id=project.pk, subject=row.name)
    return row


def _free_slug(project: Project, name: str) -> str:
    """Return an address no data set of the project has or had."""
    stem = slugify(name)[:70] or "data"
    taken = RESERVED_SLUGS | set(
        DataSet.objects.filter(project=project, slug__startswith=stem).values_list(
            "slug", flat=True
        )
    )
    slug, number = stem, 2
    while slug in taken:
        slug, number = f"{stem}-{number}", number + 1
    return slug


def deliver(
    data_set: DataSet,
    *,
    actor: Actor,
    incoming: Incoming,
    file_name: str,
    delivered_at: datetime | None = None,
    written_at: datetime | None = None,
    options: dict[str, Any] | None = None,
) -> Delivered:
    """Return the version that holds a received file: a new one, or the one there is.

    Raises
    ------
    TooLargeError
        If the project's quota does not hold the file.
    """
    with transaction.atomic():
        # Two deliveries at once get two numbers, and equal bytes one version.
        DataSet.objects.select_for_update().get(pk=data_set.pk)
        versions = DataSetVersion.objects.filter(data_set=data_set)
        there = versions.filter(source_digest=incoming.digest).first()
        if there is not None:
            return Delivered(there, is_new=False)
        every = DataSetVersion.every.filter(data_set=data_set)
        last = every.order_by("-number").first()
        version = DataSetVersion.objects.create(
            data_set=data_set,
            number=last.number + 1 if last else 1,
            file_name=file_name,
            size=incoming.size,
            source_digest=incoming.digest,
            delivered_at=delivered_at,
            written_at=written_at,
            options=options or {},
            created_by=actor.user,
        )
        objects.attach(
            incoming,
            project_id=data_set.project_id,
            owner_kind=OWNER,
            owner_id=version.pk,
            path=SOURCE,
        )
        audit.record(
            actor,
            "upload data",
            project_id=data_set.project_id,
            subject=str(version),
            detail={"file": file_name, "digest": incoming.digest},
        )
    return Delivered(version, is_new=True)


def queue(version: DataSetVersion, job: Job) -> None:
    """Note the job that reads the version; its verdict is the one that counts."""
    version.job = job
    version.save(update_fields=["job"])


def answer(version: DataSetVersion, options: dict[str, Any]) -> None:
    """Take the answers to what the reader asked; the file is read again with them."""
    before = {k: v for k, v in version.options.items() if k != "preview"}
    read_again(version, {**before, **options})


def read_again(version: DataSetVersion, options: dict[str, Any]) -> None:
    """Have the file read with these options and no others."""
    version.options = options
    version.state = DataSetVersion.State.UPLOADED
    version.question, version.refusal, version.reading = {}, "", {}
    version.save(update_fields=["options", "state", "question", "refusal", "reading"])


def accept(version: DataSetVersion, **options: Any) -> None:
    """Take what the reader proposes; the file is read so and becomes a version."""
    proposed = version.reading.get("options", {})
    answer(version, {**proposed, **options, "preview": False})


def begin_reading(version: DataSetVersion) -> None:
    """Say that a worker has the file in hand."""
    rows = DataSetVersion.objects.filter(
        pk=version.pk, state=DataSetVersion.State.UPLOADED
    )
    rows.update(state=DataSetVersion.State.READING)


def ask(version: DataSetVersion, question: dict[str, Any]) -> None:
    """Keep what the reader has to know before it goes on."""
    version.state = DataSetVersion.State.WAITING
    version.question = question
    version.refusal = again(question).get("sentence", "")
    version.save(update_fields=["state", "question", "refusal"])


def propose(version: DataSetVersion, preview: dict[str, Any]) -> None:
    """Keep how the reader would read the file, until a person says so."""
    version.reading = preview
    version.save(update_fields=["reading"])
    # The first doubt stands for all where one sentence is shown.
    ask(version, preview["doubts"][0] if preview["doubts"] else {})


def keep_words(version: DataSetVersion, error: Exception) -> None:
    """Keep what a refusal is made of, to say it in the language of whoever reads it."""
    rows = DataSetVersion.objects.filter(pk=version.pk, job=version.job)
    rows.update(
        question=kept({"option": "", "proposal": "", "sentence": error.args[0]})
    )


def refuse(version_id: int, *, job: Job, sentence: str) -> None:
    """Keep why the file was not read; the file itself is kept too."""
    unread = (DataSetVersion.State.UPLOADED, DataSetVersion.State.READING)
    rows = DataSetVersion.objects.filter(pk=version_id, job=job, state__in=unread)
    rows.update(state=DataSetVersion.State.REFUSED, refusal=sentence)


def source_path(version: DataSetVersion) -> Path:
    """Return a local file with the bytes as they were uploaded."""
    return objects.local_path(objects.references(OWNER, version.pk)[SOURCE])


def table_path(version: DataSetVersion) -> Path:
    """Return a local file with the version's canonical Parquet table.

    Raises
    ------
    KeyError
        If the version is not ready: it has no table yet.
    """
    return objects.local_path(objects.references(OWNER, version.pk)[TABLE])


def restore_data_set(data_set: DataSet, *, actor: Actor) -> None:
    """Take a data set out of the trash.

    Raises
    ------
    ValidationError
        If another one took its name meanwhile.
    """
    twins = DataSet.objects.filter(
        project=data_set.project, name=data_set.name, deleted_at=None
    )
    if twins.exclude(pk=data_set.pk).exists():
        raise ValidationError(
            _("Another data set is called “%(name)s” now. Rename that one first.")
            % {"name": data_set.name}
        )
    trash.restore(data_set, actor, project_id=data_set.project_id)
