"""Background work on data sets."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from core import objects
from core.access import Actor
from core.jobs import JobFailed, RunningJob, background_job
from core.jobs.schedule import periodic
from core.models import Job
from core.objects import TooLargeError
from dataquality import services
from dataquality.models import DataSet, DataSetVersion, Profile, Reconciliation
from engine.drift import drift_of_table
from engine.profile import profile_table
from engine.profile.delivery import assess_if_possible, profile_delivery
from engine.reconcile import reconcile as reconcile_tables

WALL_SECONDS = 30 * 60
MEMORY_MB = 2048


def may_edit_version(actor: Actor, version_id: int) -> bool:
    """Return whether the actor may change the version's data set today."""
    return DataSetVersion.objects.editable_by(actor).filter(pk=version_id).exists()


def follow_the_verdict(job: Job) -> None:
    """Say at the version why its job brought nothing."""
    cancelled = _(
        "Cancelled before the file was read to its end. The file is kept; try again "
        "when you like."
    )
    sentence = cancelled if job.state == Job.State.CANCELLED else job.error
    services.refuse(
        job.params["version_id"], job=job, sentence=sentence or job.state_words
    )


@background_job(
    kind="profile",
    queue="data",
    wall=WALL_SECONDS,
    memory_mb=MEMORY_MB,
    network=bool(settings.PROFILE_DASK),
    allowed=may_edit_version,
    on_end=follow_the_verdict,
)
def profile(job: RunningJob, *, version_id: int) -> None:
    """Read an uploaded file, profile its table and assess it by the rules."""
    version = _version(version_id)
    services.begin_reading(version)
    in_force = services.rules_for(version)
    try:
        made = job.compute(
            profile_delivery,
            source=str(services.source_path(version)),
            filename=version.file_name,
            options=version.options,
            rules=in_force.usable,
            plan=services.plan_for(version.data_set),
        )
    except JobFailed as error:
        services.keep_words(version, error)
        raise
    if "question" in made:
        with job.recording():
            services.ask(version, made["question"])
        return
    if "preview" in made:
        preview = json.loads(_own_file(job.folder, made["preview"]).read_bytes())
        with job.recording():
            services.propose(version, preview)
        return
    found = _findings(job.folder, made)
    try:
        with job.recording() as row:
            services.record_findings(version, job=row, found=found, in_force=in_force)
            if version.is_ready:
                # With the verdict or not at all, so that it is neither lost nor doubled.
                start_drift(version)
    except TooLargeError as error:
        raise JobFailed(str(error)) from error


@background_job(
    kind="assess",
    queue="data",
    wall=WALL_SECONDS,
    memory_mb=MEMORY_MB,
    allowed=may_edit_version,
)
def assess(job: RunningJob, *, version_id: int) -> None:
    """Hold a version that is ready against the rules as they are now."""
    version = _version(version_id)
    in_force = services.rules_for(version)
    found = job.compute(
        assess_if_possible,
        source=str(services.table_path(version)),
        rules=in_force.usable,
    )
    with job.recording() as row:
        services.record_assessment(
            Profile.objects.get(version=version),
            job=row,
            assessment=found["assessment"],
            problem=found["problem"],
            in_force=in_force,
        )


@background_job(
    kind="profile_again",
    queue="data",
    wall=WALL_SECONDS,
    memory_mb=MEMORY_MB,
    network=bool(settings.PROFILE_DASK),
    allowed=may_edit_version,
)
def profile_again(job: RunningJob, *, version_id: int) -> None:
    """Profile a version that is ready by what its data set is asked for now."""
    version = _version(version_id)
    made = job.compute(
        profile_table,
        source=str(services.table_path(version)),
        plan=services.plan_for(version.data_set, version),
    )
    content = json.loads(_own_file(job.folder, made["profile"]).read_bytes())
    with job.recording() as row:
        services.record_profile_again(version, job=row, content=content)


@periodic("dataquality.watch")
def watch_all() -> None:
    """See which data sets are late or fail a requirement, and what is due again."""
    services.watch_all(now=timezone.now())
    services.tell_of_overdue(timezone.localdate())


def may_compare(actor: Actor, version_id: int, reference_id: int | None = None) -> bool:
    """Return whether the actor may change the data set of both versions today."""
    del reference_id  # of the same data set
    return may_edit_version(actor, version_id)


@background_job(
    kind="drift",
    queue="data",
    wall=WALL_SECONDS,
    memory_mb=MEMORY_MB,
    allowed=may_compare,
)
def drift(job: RunningJob, *, version_id: int, reference_id: int | None = None) -> None:
    """Hold a version against the one before, the pinned one, or the one asked for."""
    version = _version(version_id)
    references = services.references_of(version, also=reference_id)
    made = job.compute(
        drift_of_table,
        source=str(services.table_path(version)),
        references=[services.drift_input(each) for each in references],
    )
    drifts = json.loads(_own_file(job.folder, made["drift"]).read_bytes())
    baseline = json.loads(_own_file(job.folder, made["baseline"]).read_bytes())
    with job.recording() as row:
        services.record_drift(
            version, job=row, references=references, drifts=drifts, baseline=baseline
        )


def may_edit_reconciliation(actor: Actor, reconciliation_id: int) -> bool:
    """Return whether the actor may change the reconciliation's data set today."""
    rows = Reconciliation.objects.editable_by(actor)
    return rows.filter(pk=reconciliation_id).exists()


def say_what_failed(job: Job) -> None:
    """Say at the reconciliation why its job brought nothing."""
    cancelled = _("Cancelled before it came to its end.")
    sentence = cancelled if job.state == Job.State.CANCELLED else job.error
    services.keep_problem(
        job.params["reconciliation_id"], job=job, sentence=sentence or job.state_words
    )


@background_job(
    kind="reconcile",
    queue="data",
    wall=WALL_SECONDS,
    memory_mb=MEMORY_MB,
    allowed=may_edit_reconciliation,
    on_end=say_what_failed,
)
def reconcile(job: RunningJob, *, reconciliation_id: int) -> None:
    """Hold two versions against each other, row by row."""
    pair = Reconciliation.objects.select_related("data_set", "left", "right").get(
        pk=reconciliation_id
    )
    made = job.compute(
        reconcile_tables,
        left=str(services.table_path(pair.left)),
        right=str(services.table_path(pair.right)),
        matching=pair.matching,
    )
    result = json.loads(_own_file(job.folder, made["result"]).read_bytes())
    differences = objects.receive_file(_own_file(job.folder, made["differences"]))
    try:
        with job.recording():
            services.record_reconciliation(pair, result=result, differences=differences)
    except TooLargeError as error:
        raise JobFailed(str(error)) from error


def _version(version_id: int) -> DataSetVersion:
    return DataSetVersion.objects.select_related("data_set__project").get(pk=version_id)


def _findings(folder: Path, made: dict[str, Any]) -> services.Findings:
    """Return what the child left in its folder; its table is in the store by then."""
    told = json.loads(_own_file(folder, made["findings"]).read_bytes())
    return services.Findings(
        read=told["read"],
        digest=told["digest"],
        sample=told["sample"],
        profile=json.loads(_own_file(folder, made["profile"]).read_bytes()),
        assessment=told["assessment"],
        problem=told["problem"],
        table=objects.receive_file(_own_file(folder, made["table"])),
    )


def _own_file(folder: Path, name: str) -> Path:
    """Return a file the child wrote, never one it only points at."""
    path = folder / Path(name).name
    if path.is_symlink():
        raise JobFailed(_("The computation left no result that can be read."))
    return path


def start_reading(version: DataSetVersion, *, actor: Actor) -> Job:
    """Start the job that reads and profiles an uploaded version."""
    job = profile.start(
        actor=actor,
        project_id=version.data_set.project_id,
        title=_("Profile of %(version)s") % {"version": version},
        subject_url=version.get_absolute_url(),
        version_id=version.pk,
    )
    services.queue(version, job)
    return job


def start_assessing(version: DataSetVersion, *, actor: Actor) -> Job:
    """Start the job that holds a ready version against the rules of today."""
    return assess.start(
        actor=actor,
        project_id=version.data_set.project_id,
        title=_("Scores of %(version)s") % {"version": version},
        subject_url=version.get_absolute_url(),
        version_id=version.pk,
    )


def start_profiling_again(version: DataSetVersion, *, actor: Actor) -> Job:
    """Start the job that profiles a ready version by the target of today."""
    return profile_again.start(
        actor=actor,
        project_id=version.data_set.project_id,
        title=_("Profile of %(version)s, again") % {"version": version},
        subject_url=version.get_absolute_url(),
        version_id=version.pk,
    )


def follow_target(data_set: DataSet, *, actor: Actor, before: str) -> Job | None:
    """Have the newest version profiled again if another column is to be predicted."""
    newest = data_set.versions.filter(state=DataSetVersion.State.READY).first()
    if newest is None or data_set.target == before:
        return None
    return start_profiling_again(newest, actor=actor)


def start_drift(
    version: DataSetVersion,
    *,
    actor: Actor | None = None,
    reference: DataSetVersion | None = None,
) -> Job:
    """Start the job that holds a ready version against earlier ones.

    Without an actor the portal itself asks, as it does of every new version.
    """
    return drift.start(
        actor=actor,
        project_id=version.data_set.project_id,
        title=_("Drift of %(version)s") % {"version": version},
        subject_url=version.get_absolute_url(),
        version_id=version.pk,
        reference_id=reference.pk if reference else None,
    )


def start_reconciling(row: Reconciliation, *, actor: Actor) -> Job:
    """Start the job that holds two versions against each other."""
    job = reconcile.start(
        actor=actor,
        project_id=row.project_id,
        title=_("Reconciliation of %(pair)s") % {"pair": row},
        subject_url=row.get_absolute_url(),
        reconciliation_id=row.pk,
    )
    services.queue_reconciliation(row, job)
    return job


def start_drift_from_reference(data_set: DataSet, *, actor: Actor) -> Job | None:
    """Hold the newest version against the reference just pinned, unless it is that."""
    newest = data_set.versions.filter(state=DataSetVersion.State.READY).first()
    if newest is None or newest.pk == data_set.reference_version_id:
        return None
    newest.data_set = data_set
    return start_drift(newest, actor=actor)
