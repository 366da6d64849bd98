"""Jobs that read, profile and assess a version."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from core import objects
from core.access import Actor
from core.jobs import JobFailed, RunningJob, background_job
from core.models import Job
from core.objects import Incoming, TooLargeError
from dataquality import services
from dataquality.models import DataSet, DataSetVersion, Profile
from dataquality.tasks.comparing import start_drift
from dataquality.tasks.reach import (
    MEMORY_MB,
    WALL_SECONDS,
    may_edit_version,
    own_file,
    version_of,
)
from engine.checks.run import run_checks
from engine.profile import profile_table
from engine.profile.delivery import profile_delivery


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
    """Read an uploaded file, profile its table and hold it against its checks."""
    version = version_of(version_id)
    services.begin_reading(version)
    plan = services.plan_for(version)
    try:
        made = job.compute(
            profile_delivery,
            source=str(services.source_path(version)),
            filename=version.file_name,
            options=version.options,
            plan=services.profile_plan(version.data_set),
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
        preview = json.loads(own_file(job.folder, made["preview"]).read_bytes())
        with job.recording():
            services.propose(version, preview)
        return
    found = _findings(job.folder, made)
    try:
        with job.recording() as row:
            services.record_findings(version, job=row, found=found, plan=plan)
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
    """Hold a version that is ready against the checks as they are now."""
    version = version_of(version_id)
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
    version = version_of(version_id)
    made = job.compute(
        profile_table,
        source=str(services.table_path(version)),
        plan=services.profile_plan(version.data_set, version),
    )
    content = json.loads(own_file(job.folder, made["profile"]).read_bytes())
    with job.recording() as row:
        services.record_profile_again(version, job=row, content=content)


def _findings(folder: Path, made: dict[str, Any]) -> services.Findings:
    """Return what the child left in its folder; its table is in the store by then."""
    told = json.loads(own_file(folder, made["findings"]).read_bytes())
    return services.Findings(
        read=told["read"],
        digest=told["digest"],
        sample=told["sample"],
        profile=json.loads(own_file(folder, made["profile"]).read_bytes()),
        assessment=told["assessment"],
        failing=_failing(folder, told["assessment"]),
        table=objects.receive_file(own_file(folder, made["table"])),
    )


def _failing(folder: Path, assessment: dict[str, Any]) -> dict[str, Incoming]:
    """Take what breaks the checks into the store; return it by its name."""
    names = [each["failing"] for each in assessment["results"] if each["failing"]]
    return {name: objects.receive_file(own_file(folder, name)) for name in names}


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
