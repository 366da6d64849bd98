"""What a profile found becomes rows: the version's table, scores, checks, evidence."""

from dataclasses import dataclass
from datetime import UTC, datetime
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
    complete,
)
from dataquality.selectors.freshness import with_target
from dataquality.selectors.personal import personal_measurements
from dataquality.services.deliveries import OWNER, TABLE, table_path
from dataquality.services.watching import watch_version
from engine.digests import digest
from engine.profile import DIMENSIONS, Rules, referenced_paths, with_tables
from engine.version import ENGINE_VERSION
from projects.models import Project
from projects.selectors.requirements import freshness_target
from projects.services import (
    Measurement,
    Subject,
    freshness_input,
    note_input,
    record_evidence,
)
from projects.services.requirements import FRESHNESS

# The four dimensions that the portal leads with are metrics of every project.
LEADING = DIMENSIONS[:4]
TIMELINESS = "timeliness_score"
DAY = 86_400


@dataclass(frozen=True)
class RulesInForce:
    """A version's rules as they can be applied today."""

    declared: dict[str, Any]  # with instants filled in
    usable: dict[str, Any]  # with Parquet paths, without what lacks its table
    inputs: dict[str, str]  # digests of other data sets, as evidence names them
    freshness: str  # what the target of timeliness rests on, as evidence names it
    gaps: dict[str, str]  # by dimension: what could not be looked at, and the remedy


@dataclass(frozen=True)
class Findings:
    """What the child found in one delivery."""

    read: dict[str, Any]  # engine.reading.TableRead
    digest: str
    sample: dict[str, Any]
    profile: dict[str, Any]  # engine.profile.Profile
    assessment: dict[str, Any] | None  # engine.profile.Assessment
    problem: str
    table: Incoming


def rules_for(version: DataSetVersion) -> RulesInForce:
    """Return the rules of the version's data set, with the tables they refer to.

    A path names another data set of the project by its name, its address or the
    file it came in; its newest ready version is meant.
    """
    delivered = version.delivered_at
    project = version.data_set.project
    declared = complete(
        with_target(version.data_set.rules, freshness_target(project)),
        as_of=version.created_at.astimezone(UTC).isoformat(),
        delivered_at=delivered.astimezone(UTC).isoformat() if delivered else "",
    )
    paths, inputs, lacking = {}, {}, set()
    for name in referenced_paths(Rules.from_json(declared)):
        other = _table_named(version.data_set, name)
        if other is None:
            lacking.add(name)
        else:
            paths[name] = str(table_path(other))
            inputs[other.data_set.input_name] = other.digest
    usable, gaps = _without(declared, lacking)
    return RulesInForce(
        declared=declared,
        usable=with_tables(usable, paths),
        inputs=inputs,
        freshness=freshness_input(project),
        gaps=gaps,
    )


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


def _without(
    rules: dict[str, Any], lacking: set[str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the rules that need none of these tables, and what is left out."""
    gaps: dict[str, str] = {}
    kept = dict(rules)
    for part, dimension in (
        ("authority", "accuracy"),
        ("expected_keys", "completeness"),
    ):
        name = (rules.get(part) or {}).get("path")
        if name in lacking:
            del kept[part]
            gaps[dimension] = _gap(name)
    consistency = rules.get("consistency") or []
    kept["consistency"] = [
        each for each in consistency if each.get("path") not in lacking
    ]
    for each in consistency:
        if each.get("path") in lacking:
            gaps["consistency"] = _gap(each["path"])
    return kept, gaps


def _gap(name: str) -> str:
    return _(
        "The rules compare with “%(name)s”, and the project has no data set of that "
        "name that is ready. Upload it, then assess again."
    ) % {"name": name}


def record_findings(
    version: DataSetVersion, *, job: Job, found: Findings, in_force: RulesInForce
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
        problem=found.problem,
        in_force=in_force,
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
    assessment: dict[str, Any] | None,
    problem: str,
    in_force: RulesInForce,
) -> None:
    """Record scores and checks of a profile, and the evidence they are."""
    with transaction.atomic():
        profile.scores = _scores(assessment, in_force.gaps)
        profile.rules = in_force.declared
        profile.as_of = datetime.fromisoformat(in_force.declared["as_of"])
        profile.assessment_problem = problem
        profile.assessed_at = timezone.now()
        profile.save()
        _record_checks(profile, (assessment or {}).get("results", []))
        _record_evidence(profile, job=job, in_force=in_force)
        watch_version(profile.version)


def _scores(
    assessment: dict[str, Any] | None, gaps: dict[str, str]
) -> list[dict[str, Any]]:
    if assessment is None:
        return [
            {
                "dimension": name,
                "value": None,
                "n": 0,
                "formula": "",
                "note": _("Not assessed: the rules do not fit this version."),
                "assessed": False,
            }
            for name in DIMENSIONS
        ]
    return [_with_gap(row, gaps.get(row["dimension"])) for row in assessment["scores"]]


def _with_gap(score: dict[str, Any], gap: str | None) -> dict[str, Any]:
    """Return the score with what could not be looked at said beside it."""
    if gap is None:
        return score
    note = f"{score['note']} {gap}" if score["assessed"] else gap
    return {**score, "note": note}


def _record_checks(profile: Profile, results: list[dict[str, Any]]) -> None:
    """Keep one result for each rule in force; results of older rules go."""
    profile.results.all().delete()
    rows = []
    for each in results:
        check, _is_new = Check.objects.get_or_create(
            data_set_id=profile.version.data_set_id,
            dimension=each["dimension"],
            words=each["rule"][:500],
        )
        rows.append(
            CheckResult(
                profile=profile,
                rule=check,
                tested=each["tested"],
                violating=each["violating"],
                example_rows=each["example_rows"],
            )
        )
    CheckResult.objects.bulk_create(rows, ignore_conflicts=True)


def _record_evidence(profile: Profile, *, job: Job, in_force: RulesInForce) -> None:
    version = profile.version
    data_set = version.data_set
    project = Project.objects.select_for_update().get(pk=data_set.project_id)
    newer = data_set.versions.filter(
        state=DataSetVersion.State.READY, number__gt=version.number
    )
    if not newer.exists():
        note_input(project, data_set.input_name, version.digest)
    subject = _subject_of(version)
    inputs = {data_set.input_name: version.digest, **in_force.inputs}
    late: list[Measurement] = []
    others: list[Measurement] = []
    for each in _measurements(profile):
        (late if each.metric_key == TIMELINESS else others).append(each)
    # Only the score of timeliness turns stale when another age is asked for.
    for measurements, rests_on in (
        (others, inputs),
        (late, {**inputs, FRESHNESS: in_force.freshness}),
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
    timeliness = profile.rules.get("timeliness") or {}
    newest: str = timeliness.get("delivered_at", "")
    if column := timeliness.get("column"):
        newest = _newest(profile.content, column)
    if not newest or profile.as_of is None:
        return None
    moment = datetime.fromisoformat(newest)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max((profile.as_of - moment).total_seconds() / DAY, 0.0)


def _newest(content: dict[str, Any], column: str) -> str:
    """Return the latest instant in a column of dates; nothing if there is none."""
    times = [each["times"] for each in content["columns"] if each["name"] == column]
    return str(times[0]["last"]) if times and times[0] else ""
