"""Background work on data sets."""

import json
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from core import objects
from core.access import Actor
from core.jobs import JobFailed, RunningJob, background_job
from core.models import Job
from core.objects import Incoming, TooLargeError
from dataquality import services
from dataquality.models import DataSet, DataSetVersion, Profile
from engine.checks.run import run_checks
from engine.profile.delivery import profile_delivery

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
    allowed=may_edit_version,
    on_end=follow_the_verdict,
)
def profile(job: RunningJob, *, version_id: int) -> None:
    """Read an uploaded file, profile its table and hold it against its checks."""
    version = _version(version_id)
    services.begin_reading(version)
    plan = services.plan_for(version)
    try:
        made = job.compute(
            profile_delivery,
            source=str(services.source_path(version)),
            filename=version.file_name,
            options=version.options,
            checks=plan.asked,
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
            services.record_findings(version, job=row, found=found, plan=plan)
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
    """Hold a version that is ready against the checks as they are now."""
    version = _version(version_id)
    plan = services.plan_for(version)
    row = Profile.objects.get(version=version)
    found = job.compute(
        run_checks,
        source=str(services.table_path(version)),
        asked={**plan.asked, "personal": services.personal_columns(row)},
    )
    failing = _failing(job.folder, found)
    try:
        with job.recording() as recorded:
            services.record_assessment(
                row, job=recorded, assessment=found, failing=failing, plan=plan
            )
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
        failing=_failing(folder, told["assessment"]),
        table=objects.receive_file(_own_file(folder, made["table"])),
    )


def _failing(folder: Path, assessment: dict[str, Any]) -> dict[str, Incoming]:
    """Take what breaks the checks into the store; return it by its name."""
    names = [each["failing"] for each in assessment["results"] if each["failing"]]
    return {name: objects.receive_file(_own_file(folder, name)) for name in names}


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
    """Start the job that holds a ready version against the checks of today."""
    return assess.start(
        actor=actor,
        project_id=version.data_set.project_id,
        title=_("Scores of %(version)s") % {"version": version},
        subject_url=version.get_absolute_url(),
        version_id=version.pk,
    )


def check_newest(data_set: DataSet, *, actor: Actor) -> Job | None:
    """Hold the newest ready version against changed checks; None without a version.

    A job that waits already will see them too.
    """
    ready = data_set.versions.filter(state=DataSetVersion.State.READY)
    newest = ready.select_related("data_set__project").first()
    if newest is None:
        return None
    waiting = Job.objects.filter(
        kind="assess",
        project_id=data_set.project_id,
        params__version_id=newest.pk,
        state=Job.State.QUEUED,
    )
    return waiting.first() or start_assessing(newest, actor=actor)
