"""Evidence is a row, and it flows down: the one way results become verdicts."""

import uuid
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from core import audit
from core.access import Actor
from engine.version import ENGINE_VERSION
from projects.models import Evidence, Project, Requirement, RequirementVersion
from projects.selectors.requirements import versions_in_force
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
        if version.test == RequirementVersion.Test.COMPUTED:
            wanted.setdefault((version.metric_key, version.slice), []).append(version)
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
    )


def verdict_of(version: RequirementVersion, measurement: Measurement) -> str:
    """Return what a measurement says of a requirement.

    With an interval, met or failed only if the whole of it lies on one side of
    the threshold; in between there is too little evidence.
    """
    if measurement.value is None:
        return Evidence.Verdict.TOO_LITTLE
    ends = [end for end in (measurement.low, measurement.high) if end is not None] or [
        measurement.value
    ]
    kept = {version.is_satisfied_by(end) for end in ends}
    if kept == {True}:
        return Evidence.Verdict.MET
    return Evidence.Verdict.FAILED if kept == {False} else Evidence.Verdict.TOO_LITTLE


def _supersede(created: list[Evidence]) -> None:
    """Mark what each new row takes the place of."""
    for row in created:
        older = Evidence.objects.filter(
            project_id=row.project_id,
            subject_kind=row.subject_kind,
            subject_id=row.subject_id,
            metric_key=row.metric_key,
            slice=row.slice,
            requirement_version_id=row.requirement_version_id,
            superseded_by=None,
            pk__lt=row.pk,
        )
        older.update(superseded_by=row)


def judge_again(version: RequirementVersion) -> list[Evidence]:
    """Judge what was measured already by a requirement's new version."""
    if version.test != RequirementVersion.Test.COMPUTED:
        return []
    measured = Evidence.objects.filter(
        project=version.requirement.project_id,
        metric_key=version.metric_key,
        slice=version.slice,
        requirement_version=None,
        superseded_by=None,
    )
    rows = []
    for plain in measured:
        copy = Evidence.objects.get(pk=plain.pk)
        copy.pk, copy._state.adding = None, True
        copy.requirement_version = version
        copy.verdict = verdict_of(
            version,
            Measurement(plain.metric_key, plain.value, plain.low, plain.high, plain.n),
        )
        rows.append(copy)
    return Evidence.objects.bulk_create(rows)


def attest(
    requirement: Requirement, *, actor: Actor, holds: bool, note: str
) -> Evidence:
    """Record that a person vouches for a requirement, or says it does not hold."""
    version = requirement.current
    if version is None or version.test != RequirementVersion.Test.ATTESTED:
        raise ValueError(f"requirement {requirement.pk} is measured, not attested")
    row = Evidence.objects.create(
        project=requirement.project,
        subject_kind="attestation",
        subject_id=str(requirement.pk),
        subject_label=actor.name,
        subject_url=requirement.get_absolute_url(),
        metric_key=version.metric_key or "attested",
        requirement_version=version,
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
