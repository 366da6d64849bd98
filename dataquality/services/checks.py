"""Checks are declared, taken in and thrown away; and made ready to be run."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from core import audit, trash
from core.access import Actor
from core.words import in_words
from dataquality.models import Check, DataSet, DataSetVersion, Profile
from dataquality.services.deliveries import table_path
from engine.checks import Declared
from engine.checks.failing import columns_to_mask
from engine.checks.sql import instant
from engine.errors import EngineError
from projects.selectors.requirements import Freshness, freshness_target
from projects.services import freshness_input

MOST_CHECKS = 500


@dataclass(frozen=True)
class Plan:
    """What a version is held against today."""

    asked: dict[str, Any]  # engine.checks.run.Asked, but for the personal columns
    as_of: datetime
    inputs: dict[str, str]  # digests of other data sets, as evidence names them
    freshness: str  # what the target of timeliness rests on, as evidence names it


def plan_for(version: DataSetVersion) -> Plan:
    """Return the checks of the version's data set, with the tables they refer to.

    A table names another data set of the project by its name, its address or the
    file it came in; its newest ready version is meant.
    """
    data_set = version.data_set
    target = freshness_target(data_set.project)
    if target is not None and version.delivered_at is not None:
        _declare_freshness(data_set, target)
    checks = [_with_target(each.declared(), target) for each in data_set.checks.live()]
    tables, inputs = _tables(data_set, checks)
    as_of = _as_of(checks, version)
    earlier = data_set.versions.filter(number__lt=version.number)
    deliveries = [*earlier.exclude(delivered_at=None, ready_at=None), version]
    before = earlier.filter(state=DataSetVersion.State.READY).first()
    return Plan(
        asked={
            "checks": [asdict(each) for each in checks],
            "tables": tables,
            "as_of": version.created_at.astimezone(UTC).isoformat(),
            # Rows are no younger than the file that holds them, whenever it was fetched.
            "delivered_at": _iso(version.written_at or version.delivered_at),
            "deliveries": [
                _iso(each.delivered_at or each.created_at) for each in deliveries
            ],
            "previous": str(table_path(before)) if before else "",
        },
        as_of=as_of,
        inputs=inputs,
        freshness=freshness_input(data_set.project),
    )


def _iso(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat() if moment else ""


def _declare_freshness(data_set: DataSet, target: Freshness) -> None:
    """Have the age looked at that a requirement asks for, unless somebody did.

    A check of it in the trash was thrown away on purpose.
    """
    if not data_set.checks.filter(kind="freshness").exists():
        Check.objects.create(
            data_set=data_set,
            kind="freshness",
            params={"max_age_days": target.days},
            dimension="timeliness",
            severity=Check.Severity.ERROR,
            origin=Check.Origin.REQUIRED,
        )


def _with_target(declared: Declared, target: Freshness | None) -> Declared:
    """Return a check with the age of data that the project asks for.

    The requirement in force decides; without one, the check's own age does.
    """
    if target is None or declared.kind != "freshness":
        return declared
    params = {**declared.params, "max_age_days": target.days}
    return Declared(**{**asdict(declared), "params": params})


def _as_of(checks: list[Declared], version: DataSetVersion) -> datetime:
    """Return the instant that ages are measured at."""
    for each in checks:
        if each.kind == "freshness" and each.params.get("at"):
            try:
                return instant(each.params["at"]).replace(tzinfo=UTC)
            except EngineError:
                break
    return version.created_at


def _tables(
    data_set: DataSet, checks: list[Declared]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return by name the tables that are there, and their digests as inputs."""
    paths, inputs = {}, {}
    for declared in checks:
        try:
            names = declared.check().tables()
        except EngineError:
            continue  # it is told as the result of the check
        for name in names:
            other = _table_named(data_set, name)
            if other is not None:
                paths[name] = str(table_path(other))
                inputs[other.data_set.input_name] = other.digest
    return paths, inputs


def _table_named(data_set: DataSet, name: str) -> DataSetVersion | None:
    """Return the newest ready version of another data set of the same project."""
    ready = (
        DataSetVersion.objects.filter(
            data_set__project=data_set.project_id,
            data_set__deleted_at=None,
            state=DataSetVersion.State.READY,
        )
        .exclude(data_set=data_set.pk)
        .select_related("data_set")
        .order_by("-number")
    )
    for lookup in ("data_set__name", "data_set__slug", "file_name"):
        if found := ready.filter(**{lookup: name}).first():
            return found
    return None


def personal_columns(profile: Profile) -> list[str]:
    """Return the columns that look personal and are masked where rows are shown."""
    return columns_to_mask(profile.content.get("personal") or ())


def save_check(check: Check, *, actor: Actor) -> Check:
    """Keep a new or a changed check.

    Raises
    ------
    ValidationError
        If the engine would not understand it, or there are too many.
    """
    is_new = check.pk is None
    if is_new and check.data_set.checks.live().count() >= MOST_CHECKS:
        raise ValidationError(
            _("A data set has at most %(most)s checks. Delete one that nobody needs.")
            % {"most": MOST_CHECKS}
        )
    check.full_clean()
    check.save()
    audit.record(
        actor,
        "add check" if is_new else "change check",
        project_id=check.data_set.project_id,
        subject=check.data_set.name,
        detail={"check": check.words},
    )
    return check


def take_in(
    data_set: DataSet, declared: Iterable[Declared], *, actor: Actor, origin: str
) -> list[Check]:
    """Keep the checks that the data set has not got yet; return them.

    Raises
    ------
    ValidationError
        If one cannot be used; then none is kept.
    """
    kept = []
    with transaction.atomic():
        there = {_content(each.declared()) for each in data_set.checks.live()}
        for each in declared:
            row = Check(
                data_set=data_set,
                kind=each.kind,
                params=each.params,
                dimension=each.dimension,
                severity=each.severity,
                where=each.where,
                owner=actor.user,
                origin=origin,
            )
            if _content(each) not in there:
                there.add(_content(each))
                kept.append(save_check(row, actor=actor))
    return kept


def _content(declared: Declared) -> str:
    """Return what makes two checks the same one: all they say, defaults filled in."""
    try:
        params = declared.check().to_json()
    except EngineError as error:
        raise ValidationError(in_words(error)) from error
    # A database may keep the names of an object in another order.
    return json.dumps([declared.kind, params, declared.where], sort_keys=True)


def put_in_trash(check: Check, *, actor: Actor) -> None:
    """Put a check in the trash; what it found stays until the next run."""
    trash.move_to_trash(check, actor, project_id=check.data_set.project_id)


def restore_check(check: Check, *, actor: Actor) -> None:
    """Take a check out of the trash."""
    trash.restore(check, actor, project_id=check.data_set.project_id)
