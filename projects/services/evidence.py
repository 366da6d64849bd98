"""Evidence is a row, and it flows down: the one way results become verdicts."""

import uuid
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.access import Actor
from engine.slices import LEAST_CASES
from engine.version import ENGINE_VERSION
from projects.kinds import compliance
from projects.kinds.catalogue import ANSWERS
from projects.models import Evidence, Project, Requirement, RequirementVersion
from projects.selectors.documents import Document
from projects.selectors.requirements import ATTESTED, versions_in_force
from projects.services.tell import musts_watched


@dataclass(frozen=True)
class Subject:
    """What was measured, named by plain values."""

    kind: str  # "run", "data_set_version", …
    id: str
    label: str
    url: str = ""
    digest: str = ""


@dataclass(frozen=True)
class Measurement:
    """One value of one metric, with its interval where there is one."""

    metric_key: str
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    unit: str = ""
    slice: str = ""
    note: str = ""  # in words, such as the family of a model


def record_evidence(
    project: Project,
    *,
    subject: Subject,
    measurements: Iterable[Measurement],
    inputs: Mapping[str, str],
    job_id: uuid.UUID | None = None,
    attempt: int | None = None,
    at: datetime | None = None,
) -> list[Evidence]:
    """Record what was measured, and the verdict of each requirement it bears on.

    Older rows of the same subject, metric and requirement are superseded.
    `inputs` names what it was computed from: a verdict turns stale when one of
    them is no longer the project's current one.
    """
    wanted: dict[tuple[str, str], list[RequirementVersion]] = {}
    for version in versions_in_force(project):
        for bound in version.bounds:
            key = (bound.metric_key, bound.slice)
            wanted.setdefault(key, []).append(version)
    rows = [
        _row(project, subject, measurement, version)
        for measurement in measurements
        for version in [
            None,
            *wanted.get((measurement.metric_key, measurement.slice), []),
        ]
    ]
    now = at or timezone.now()
    for row in rows:
        row.inputs, row.at = dict(inputs), now
        row.job_id, row.attempt = job_id, attempt
    # The musts stand by the candidate alone, and runs come in thousands.
    counts = subject.kind != "run" or subject.id == project.candidate_id
    with musts_watched(project) if counts else nullcontext():
        created = Evidence.objects.bulk_create(rows)
        _supersede(created)
    return created


def _row(
    project: Project,
    subject: Subject,
    measurement: Measurement,
    version: RequirementVersion | None,
) -> Evidence:
    return Evidence(
        project=project,
        subject_kind=subject.kind,
        subject_id=subject.id,
        subject_label=subject.label,
        subject_url=subject.url,
        subject_digest=subject.digest,
        metric_key=measurement.metric_key,
        slice=measurement.slice,
        value=measurement.value,
        low=measurement.low,
        high=measurement.high,
        n=measurement.n,
        unit=measurement.unit,
        requirement_version=version,
        verdict=verdict_of(version, measurement) if version else Evidence.Verdict.NONE,
        engine_version=ENGINE_VERSION,
        note=measurement.note,
    )


def verdict_of(version: RequirementVersion, measurement: Measurement) -> str:
    """Return what a measurement says of a requirement's bound on its metric.

    With an interval, met or failed only if the whole of it lies on one side of
    the threshold; in between there is too little evidence, and also with fewer
    cases than the requirement asks for. A group needs `LEAST_CASES` unless it asks
    for another number: the interval of a handful of cases looks surer than it is.
    """
    bound = version.bound_of(measurement.metric_key, measurement.slice)
    if bound is None or measurement.value is None:
        return Evidence.Verdict.TOO_LITTLE
    least = bound.minimum_n
    if least is None and measurement.slice:
        least = LEAST_CASES
    if least is not None and (measurement.n or 0) < least:
        return Evidence.Verdict.TOO_LITTLE
    ends = [end for end in (measurement.low, measurement.high) if end is not None] or [
        measurement.value
    ]
    kept = {bound.holds_for(end) for end in ends}
    if kept == {True}:
        return Evidence.Verdict.MET
    return Evidence.Verdict.FAILED if kept == {False} else Evidence.Verdict.TOO_LITTLE


def _supersede(created: list[Evidence]) -> None:
    """Mark what each new row takes the place of; all are of one subject."""
    newest = {_place(row): row for row in created}
    if not newest:
        return
    older = Evidence.objects.filter(
        project_id=created[0].project_id,
        subject_kind=created[0].subject_kind,
        subject_id=created[0].subject_id,
        superseded_by=None,
    ).only("metric_key", "slice", "requirement_version_id")
    replaced = []
    for row in older:
        new = newest.get(_place(row))
        if new is not None and row.pk < new.pk:
            row.superseded_by = new
            replaced.append(row)
    Evidence.objects.bulk_update(replaced, ["superseded_by"], batch_size=200)


def _place(row: Evidence) -> tuple[str, str, int | None]:
    return row.metric_key, row.slice, row.requirement_version_id


def judge_again(version: RequirementVersion) -> list[Evidence]:
    """Judge what was measured already by a requirement's new version."""
    rows = []
    for bound in version.bounds:
        measured = Evidence.objects.filter(
            project=version.requirement.project_id,
            metric_key=bound.metric_key,
            slice=bound.slice,
            requirement_version=None,
            superseded_by=None,
        )
        rows += [_judged(plain, version) for plain in measured]
    return Evidence.objects.bulk_create(rows)


def _judged(plain: Evidence, version: RequirementVersion) -> Evidence:
    """Return a plain measurement's row again, as a verdict of the version."""
    found = Measurement(
        plain.metric_key, plain.value, plain.low, plain.high, plain.n, slice=plain.slice
    )
    plain.pk, plain._state.adding = None, True
    plain.requirement_version = version
    plain.verdict = verdict_of(version, found)
    return plain


def record_answers(version: RequirementVersion, *, actor: Actor) -> Evidence | None:
    """Record how a template's questions are answered; None without a template.

    An open question counts as not met.
    """
    bound = version.bound_of(ANSWERS)
    if bound is None:
        return None
    requirement = version.requirement
    found = compliance.score(version.details)
    row = Evidence.objects.create(
        project=requirement.project,
        subject_kind="answers",
        subject_id=str(requirement.pk),
        subject_label=_("the answers of %(name)s") % {"name": actor.name},
        subject_url=requirement.get_absolute_url(),
        metric_key=ANSWERS,
        value=found.share,
        n=found.applicable,
        unit=bound.unit,
        requirement_version=version,
        verdict=Evidence.Verdict.MET
        if bound.holds_for(found.share)
        else Evidence.Verdict.FAILED,
        person=actor.user,
        note=_("%(met)s of %(all)s met, %(open)s open")
        % {"met": found.met, "all": found.applicable, "open": found.open},
    )
    _supersede([row])
    return row


@transaction.atomic
def attest(
    requirement: Requirement,
    *,
    actor: Actor,
    holds: bool,
    note: str,
    document: Document | None = None,
) -> Evidence:
    """Record that a person vouches for a requirement, or says it does not hold.

    Raises
    ------
    ValueError
        If all of it is measured.
    """
    version = requirement.current
    if version is None or not version.needs_attestation:
        raise ValueError(f"requirement {requirement.pk} is measured, not attested")
    measured = version.test == RequirementVersion.Test.COMPUTED
    row = Evidence.objects.create(
        project=requirement.project,
        subject_kind="attestation",
        subject_id=str(requirement.pk),
        subject_label=actor.name,
        subject_url=requirement.get_absolute_url(),
        metric_key=ATTESTED if measured else version.metric_key or ATTESTED,
        requirement_version=version,
        # A digest that is no input of the project never turns stale.
        inputs={f"document:{document.name}": document.digest} if document else {},
        verdict=Evidence.Verdict.MET if holds else Evidence.Verdict.FAILED,
        method=Evidence.Method.ATTESTED,
        person=actor.user,
        note=note,
    )
    _supersede([row])
    audit.record(
        actor,
        "attest",
        project_id=requirement.project_id,
        subject=version.title,
        detail={"requirement": requirement.pk, "holds": holds, "note": note},
    )
    return row


def note_input(project: Project, name: str, digest: str) -> None:
    """Make `digest` the project's current `name`; what rests on another is stale."""
    with musts_watched(project):
        Project.objects.filter(pk=project.pk).update(
            current_inputs={**project.current_inputs, name: digest}
        )
        project.current_inputs = {**project.current_inputs, name: digest}
