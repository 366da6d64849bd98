"""Versions held against each other: drift, references, tags and reconciliations."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit, objects, trash
from core.access import Actor
from core.models import Job
from core.objects import Incoming
from dataquality.models import (
    Baseline,
    DataSet,
    DataSetVersion,
    Drift,
    Profile,
    Reconciliation,
    Source,
    UploadPart,
    VersionTag,
)
from dataquality.services.deliveries import (
    OWNER,
    PART_OWNER,
    RESULTS,
    SOURCE_OWNER,
    table_path,
)
from engine.drift import Drift as TableDrift

RECONCILIATION = "data_reconciliation"
DIFFERENCES = "differences.parquet"
CARD = {"owner", "purpose", "licence", "personal_data", "retention_days", "notes"}


def references_of(
    version: DataSetVersion, *, also: int | None = None
) -> list[DataSetVersion]:
    """Return what a version is held against: the one before, the pinned one, `also`."""
    wanted = {version.parent_id, version.data_set.reference_version_id, also}
    rows = DataSetVersion.objects.filter(
        pk__in=wanted - {None, version.pk},
        data_set=version.data_set_id,
        state=DataSetVersion.State.READY,
    )
    return list(rows.order_by("number"))


def drift_input(reference: DataSetVersion) -> dict[str, Any]:
    """Return what the engine needs of a reference: its table and what was kept."""
    kept_of = Baseline.objects.filter(version=reference).first()
    return {
        "table": str(table_path(reference)),
        "baseline": kept_of.content if kept_of else None,
    }


def record_drift(
    version: DataSetVersion,
    *,
    job: Job,
    references: list[DataSetVersion],
    drifts: list[dict[str, Any]],
    baseline: dict[str, Any],
) -> None:
    """Keep how far a version has moved from each reference, and its own baseline."""
    Baseline.objects.update_or_create(version=version, defaults={"content": baseline})
    for reference, content in zip(references, drifts, strict=True):
        verdicts = [each.verdict for each in TableDrift.from_json(content).columns]
        Drift.objects.update_or_create(
            version=version,
            reference=reference,
            defaults={
                "content": content,
                "large": verdicts.count("large"),
                "moderate": verdicts.count("moderate"),
                "job": job,
                "at": timezone.now(),
            },
        )


def set_reference(
    data_set: DataSet, version: DataSetVersion | None, *, actor: Actor
) -> None:
    """Pin the version that later ones are held against, or none."""
    data_set.reference_version = version
    data_set.save(update_fields=["reference_version"])
    audit.record(
        actor,
        "pin reference" if version else "unpin reference",
        project_id=data_set.project_id,
        subject=str(version or data_set),
    )


def tag_version(version: DataSetVersion, name: str, *, actor: Actor) -> VersionTag:
    """Have a name stand for this version; it leaves the one that it stood for.

    Raises
    ------
    ValidationError
        If it is no name for a tag.
    """
    data_set = version.data_set
    with transaction.atomic():
        DataSet.objects.select_for_update().get(pk=data_set.pk)
        there = VersionTag.objects.filter(data_set=data_set, name=name)
        tag = there.select_related("version").first()
        before = tag.version if tag else None
        if tag is not None and before == version:
            return tag
        tag = tag or VersionTag(data_set=data_set, name=name)
        tag.version, tag.created_by = version, actor.user
        tag.created_at = timezone.now()
        tag.full_clean()
        tag.save()
        moved = {"from": before.number} if before else {}
        audit.record(
            actor,
            "move data tag" if before else "add data tag",
            project_id=data_set.project_id,
            subject=f"{name}: {version}",
            detail={"tag": name, "to": version.number, **moved},
        )
    return tag


def untag_version(tag: VersionTag, *, actor: Actor) -> None:
    """Take a name from its version."""
    version = tag.version
    audit.record(
        actor,
        "remove data tag",
        project_id=version.data_set.project_id,
        subject=f"{tag.name}: {version}",
        detail={"tag": tag.name, "from": version.number},
    )
    tag.delete()


def tell_card_change(data_set: DataSet, changed: list[str], *, actor: Actor) -> None:
    """Have the project know which lines of a data card were changed."""
    lines = sorted(set(changed) & CARD)
    if lines:
        audit.record(
            actor,
            "change data card",
            project_id=data_set.project_id,
            subject=data_set.name,
            detail={"changed": lines},
        )


def ask_reconciliation(
    left: DataSetVersion,
    right: DataSetVersion,
    *,
    actor: Actor,
    matching: dict[str, Any],
) -> Reconciliation:
    """Return a reconciliation to come.

    Raises
    ------
    ValidationError
        If a version is not ready, or both are the same, or of two projects; or if a
        column is not there.
    """
    if left.data_set.project_id != right.data_set.project_id:
        raise ValidationError({"right": _("Both data sets are of one project.")})
    if left.pk == right.pk:
        raise ValidationError({"right": _("Choose another version than the left one.")})
    for name, version in (("left", left), ("right", right)):
        if not version.is_ready:
            raise ValidationError({name: _("This version is not ready yet.")})
    _check_columns(left, right, matching)
    row = Reconciliation.objects.create(
        project=left.data_set.project,
        data_set=left.data_set,
        left=left,
        right=right,
        matching={**matching, "masked": _masked(left, right, matching)},
        created_by=actor.user,
    )
    audit.record(
        actor,
        "reconcile data",
        project_id=left.data_set.project_id,
        subject=str(row),
    )
    return row


def _check_columns(
    left: DataSetVersion, right: DataSetVersion, matching: dict[str, Any]
) -> None:
    """Refuse columns that are not there before a job finds out."""
    pairs = (*matching["keys"].items(), *matching.get("columns", {}).items())
    for version, names in (
        (left, [*(mine for mine, _theirs in pairs), *_tolerated(matching)]),
        (right, [theirs for _mine, theirs in pairs]),
    ):
        known = {each["name"] for each in version.columns}
        lacking = [each for each in names if each not in known]
        if lacking:
            raise ValidationError(
                {
                    "matching": _("%(version)s has no column “%(name)s”.")
                    % {"version": version, "name": _sayable(lacking[0])}
                }
            )


def _tolerated(matching: dict[str, Any]) -> list[str]:
    return [*matching.get("tolerances", {}), *matching.get("relative", {})]


def _sayable(name: str) -> str:
    """Return a name that any answer can carry; half a character is none."""
    return name[:80].encode("utf-8", "replace").decode()


def _masked(
    left: DataSetVersion, right: DataSetVersion, matching: dict[str, Any]
) -> list[str]:
    """Return the left names of columns that look personal on either side.

    A key that only its name makes look so is told: without it a row is not found.
    """
    keys = matching["keys"]
    pairs = matching.get("columns") or {
        each["name"]: each["name"] for each in left.columns
    }
    mine, theirs = _personal(left), _personal(right)
    seen = {
        name
        for name, other in {**pairs, **keys}.items()
        if name in mine or other in theirs
    }
    shown = {
        name
        for name, other in keys.items()
        if not (mine.get(name) or theirs.get(other))
    }
    return sorted(seen - shown)


def _personal(version: DataSetVersion) -> dict[str, bool]:
    """Return the columns that look personal, and whether their values show it."""
    profile = Profile.objects.get(version=version)
    found = profile.content.get("personal") or []
    return {each["column"]: each["by_values"] for each in found}


def queue_reconciliation(row: Reconciliation, job: Job) -> None:
    """Note the job that does it; its verdict is the one that counts."""
    row.job = job
    row.save(update_fields=["job"])


def record_reconciliation(
    row: Reconciliation, *, result: dict[str, Any], differences: Incoming
) -> None:
    """Keep what was found, and every difference as a table.

    Raises
    ------
    TooLargeError
        If the project's quota does not hold the differences.
    """
    objects.attach(
        differences,
        project_id=row.project_id,
        owner_kind=RECONCILIATION,
        owner_id=row.pk,
        path=DIFFERENCES,
        content_type="application/vnd.apache.parquet",
    )
    row.result, row.problem = result, ""
    row.save(update_fields=["result", "problem"])


def keep_problem(reconciliation_id: int, *, job: Job, sentence: str) -> None:
    """Say at a reconciliation why its job brought nothing."""
    rows = Reconciliation.objects.filter(pk=reconciliation_id, job=job, result={})
    rows.update(problem=sentence)


@trash.on_purge(Reconciliation)
def let_go_of_differences(row: Reconciliation) -> None:
    """Give back what a reconciliation holds before it is deleted for good."""
    objects.release(RECONCILIATION, row.pk)


@trash.on_purge(DataSetVersion)
def let_go_of_version(version: DataSetVersion) -> None:
    """Give back what goes with a version, and what was held to it."""
    objects.release(OWNER, version.pk)
    for profile in Profile.objects.filter(version=version).only("pk"):
        objects.release(RESULTS, profile.pk)
    for row in Reconciliation.objects.filter(Q(left=version) | Q(right=version)):
        let_go_of_differences(row)


@trash.on_purge(DataSet)
def let_go_of_bytes(data_set: DataSet) -> None:
    """Give back what goes with a data set: its versions, and what was held to them."""
    for version in DataSetVersion.every.filter(data_set=data_set):
        let_go_of_version(version)
    for part in UploadPart.objects.filter(upload__data_set=data_set):
        objects.release(PART_OWNER, part.pk)
    for source in Source.objects.filter(data_set=data_set):
        objects.release(SOURCE_OWNER, source.pk)
