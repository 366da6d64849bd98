"""What a profile found becomes rows: the version's table, scores, checks, evidence."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import objects
from core.models import Job
from core.objects import Incoming
from dataquality.models import (
    Check,
    CheckResult,
    DataSet,
    DataSetVersion,
    Profile,
)
from dataquality.selectors.personal import personal_measurements
from dataquality.services.checks import Plan
from dataquality.services.deliveries import OWNER, RESULTS, TABLE
from dataquality.services.watching import watch_version
from engine.checks import DIMENSIONS
from engine.digests import digest
from engine.version import ENGINE_VERSION
from projects.models import Project
from projects.services import (
    Measurement,
    Subject,
    note_input,
    record_evidence,
)
from projects.services.requirements import FRESHNESS

# The four dimensions that the portal leads with are metrics of every project.
LEADING = DIMENSIONS[:4]
TIMELINESS = "timeliness_score"


@dataclass(frozen=True)
class Findings:
    """What the child found in one delivery."""

    read: dict[str, Any]  # engine.reading.TableRead
    digest: str
    sample: dict[str, Any]
    profile: dict[str, Any]  # engine.profile.Profile
    assessment: dict[str, Any]  # engine.checks.Assessment
    failing: dict[str, Incoming]  # by name: what breaks the checks
    table: Incoming


def record_findings(
    version: DataSetVersion, *, job: Job, found: Findings, plan: Plan
) -> None:
    """Make the version ready with its table and profile, and record its evidence.

    Content that another version holds already makes no second one.

    Raises
    ------
    TooLargeError
        If the project's quota does not hold the table.
    """
    data_set = DataSet.objects.select_for_update().get(pk=version.data_set_id)
    twin = data_set.versions.filter(
        digest=found.digest, state=DataSetVersion.State.READY
    ).first()
    if twin is not None:
        version.state = DataSetVersion.State.REFUSED
        version.refusal = _(
            "%(file)s holds the same rows as %(twin)s, so there is nothing new. Use that "
            "version."
        ) % {"file": version.file_name, "twin": twin.title}
        version.save(update_fields=["state", "refusal"])
        return
    objects.attach(
        found.table,
        project_id=data_set.project_id,
        owner_kind=OWNER,
        owner_id=version.pk,
        path=TABLE,
        content_type="application/vnd.apache.parquet",
    )
    _make_ready(version, found)
    profile = Profile.objects.create(
        version=version,
        content=found.profile,
        digest=digest(found.profile),
        sample=found.sample,
        missing=_missing_shares(found.profile),
        engine_version=ENGINE_VERSION,
        job=job,
    )
    record_assessment(
        profile,
        job=job,
        assessment=found.assessment,
        failing=found.failing,
        plan=plan,
    )
    record_evidence(
        data_set.project,
        subject=_subject_of(version),
        measurements=personal_measurements(profile),
        inputs={data_set.input_name: version.digest},
        job_id=job.pk,
        attempt=job.attempt,
    )


def _missing_shares(content: dict[str, Any]) -> dict[str, float]:
    """Return by column the share of values that is missing."""
    return {
        each["name"]: each["missing"] / max(each["count"] + each["missing"], 1)
        for each in content["columns"]
    }


def _make_ready(version: DataSetVersion, found: Findings) -> None:
    read = found.read
    version.state = DataSetVersion.State.READY
    version.ready_at = timezone.now()
    version.digest = found.digest
    version.rows = read["rows_kept"]
    version.columns = [
        {"name": each["name"], "kind": each["kind"]} for each in read["columns"]
    ]
    version.reading = read
    version.parent = version.data_set.versions.filter(
        state=DataSetVersion.State.READY, number__lt=version.number
    ).first()
    version.question, version.refusal = {}, ""
    version.save()


def record_assessment(
    profile: Profile,
    *,
    job: Job,
    assessment: dict[str, Any],
    failing: dict[str, Incoming],
    plan: Plan,
) -> None:
    """Record scores and results of a profile, and the evidence they are.

    Raises
    ------
    TooLargeError
        If the project's quota does not hold what breaks the checks.
    """
    with transaction.atomic():
        profile.scores = assessment["scores"]
        profile.as_of = plan.as_of
        profile.assessed_at = timezone.now()
        profile.save()
        _record_results(profile, assessment["results"], failing)
        _record_evidence(profile, job=job, plan=plan)
        watch_version(profile.version)


def _record_results(
    profile: Profile, results: list[dict[str, Any]], failing: dict[str, Incoming]
) -> None:
    """Keep one result for each check in force; older results go."""
    profile.results.all().delete()
    objects.release(RESULTS, profile.pk)
    # A check may have been deleted for good while the job ran.
    there = set(
        Check.objects.filter(data_set=profile.version.data_set_id).values_list(
            "pk", flat=True
        )
    )
    made = [
        CheckResult(
            profile=profile,
            declared_check_id=int(each["id"]),
            state=each["state"],
            dimension=each["dimension"],
            severity=each["severity"],
            tested=each["tested"],
            violating=each["violating"],
            value=each["value"],
            example_rows=each["example_rows"],
            words=each["words"],
            note=each["note"],
            failing_rows=each["failing_rows"],
        )
        for each in results
        if int(each["id"]) in there
    ]
    CheckResult.objects.bulk_create(made)
    files = {int(each["id"]): each["failing"] for each in results}
    for result in made:
        incoming = failing.get(files[result.declared_check_id])
        if incoming is not None:
            objects.attach(
                incoming,
                project_id=profile.version.data_set.project_id,
                owner_kind=RESULTS,
                owner_id=profile.pk,
                path=result.failing_file,
                content_type="application/vnd.apache.parquet",
            )


def _record_evidence(profile: Profile, *, job: Job, plan: Plan) -> None:
    version = profile.version
    data_set = version.data_set
    project = Project.objects.select_for_update().get(pk=data_set.project_id)
    newer = data_set.versions.filter(
        state=DataSetVersion.State.READY, number__gt=version.number
    )
    if not newer.exists():
        note_input(project, data_set.input_name, version.digest)
    subject = _subject_of(version)
    inputs = {data_set.input_name: version.digest, **plan.inputs}
    late: list[Measurement] = []
    others: list[Measurement] = []
    for each in _measurements(profile):
        (late if each.metric_key == TIMELINESS else others).append(each)
    # Only the score of timeliness turns stale when another age is asked for.
    for measurements, rests_on in (
        (others, inputs),
        (late, {**inputs, FRESHNESS: plan.freshness}),
    ):
        record_evidence(
            project,
            subject=subject,
            measurements=measurements,
            inputs=rests_on,
            job_id=job.pk,
            attempt=job.attempt,
        )


def _subject_of(version: DataSetVersion) -> Subject:
    return Subject(
        kind="data_set_version",
        id=str(version.pk),
        label=str(version),
        url=version.get_absolute_url(),
        digest=version.digest,
    )


def _measurements(profile: Profile) -> list[Measurement]:
    """Return the scores that were assessed, and how old the data is."""
    found = [
        Measurement(
            metric_key=f"{score.dimension}_score",
            value=score.value,
            n=score.n,
            unit="share",
        )
        for score in profile.dimensions()
        if score.dimension in LEADING and score.value is not None
    ]
    age = data_age_days(profile)
    if age is not None:
        found.append(
            Measurement(
                metric_key="data_age_days",
                value=age,
                n=profile.version.rows,
                unit="days",
            )
        )
    return found


def data_age_days(profile: Profile) -> float | None:
    """Return the days from the newest record, or the delivery, to the as-of instant.

    None if nothing says how old the data is.
    """
    ages = profile.results.filter(declared_check__kind="freshness")
    known = [each.value for each in ages if each.value is not None]
    return min(known, default=None)
