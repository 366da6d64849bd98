"""Jobs that hold versions against each other."""

import json

from django.utils.translation import gettext as _

from core import objects
from core.access import Actor
from core.jobs import JobFailed, RunningJob, background_job
from core.models import Job
from core.objects import TooLargeError
from dataquality import services
from dataquality.models import DataSet, DataSetVersion, Reconciliation
from dataquality.tasks.reach import (
    MEMORY_MB,
    WALL_SECONDS,
    may_edit_version,
    own_file,
    version_of,
)
from engine.drift import drift_of_table
from engine.reconcile import reconcile as reconcile_tables


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
    version = version_of(version_id)
    references = services.references_of(version, also=reference_id)
    made = job.compute(
        drift_of_table,
        source=str(services.table_path(version)),
        references=[services.drift_input(each) for each in references],
    )
    drifts = json.loads(own_file(job.folder, made["drift"]).read_bytes())
    baseline = json.loads(own_file(job.folder, made["baseline"]).read_bytes())
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
    result = json.loads(own_file(job.folder, made["result"]).read_bytes())
    differences = objects.receive_file(own_file(job.folder, made["differences"]))
    try:
        with job.recording():
            services.record_reconciliation(pair, result=result, differences=differences)
    except TooLargeError as error:
        raise JobFailed(str(error)) from error


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
