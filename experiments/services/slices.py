"""What a run does for groups of cases, written as evidence."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core.models import Job
from engine.training.metrics import specs
from experiments.models import Run, RunDetail
from experiments.services.pricing import count_musts, data_inputs, subject_of
from projects.kinds.catalogue import GAP
from projects.selectors.slices import AskedSlice, asked_slices, is_gap
from projects.services import Measurement, record_evidence

NOTE_CHARS = 500


@transaction.atomic
def record_slices(run: Run, report: Mapping[str, Any], *, job: Job) -> None:
    """Write what a run does by group; the caller holds the job's fence."""
    detail = RunDetail.objects.select_for_update().get(run=run)
    detail.result = {**detail.result, "slices": dict(report)}
    detail.save(update_fields=["result"])
    record_evidence(
        run.project,
        subject=subject_of(run),
        measurements=list(slice_measurements(run, report)),
        inputs=data_inputs(run),
        job_id=job.pk,
        attempt=job.attempt,
    )
    count_musts(run.project, [run])
    run.save(update_fields=["musts", "musts_met"])


def slice_measurements(run: Run, report: Mapping[str, Any]) -> Iterator[Measurement]:
    """Yield each metric of each group, the worst ones, the gaps, and what failed.

    A bound that could not be measured gets a row without a value that says why.
    """
    found = {(each.metric_key, each.slice): each for each in _measured(run, report)}
    problems = {each["slice"]: each["sentence"] for each in report["problems"]}
    for asked in [*asked_slices(run.project).bounds, *_compared(report)]:
        if (asked.metric_key, asked.slice) not in found:
            why = problems.get(asked.slice) or _not_by_group(run, asked.metric_key)
            found[asked.metric_key, asked.slice] = Measurement(
                asked.metric_key, None, slice=asked.slice, note=why[:NOTE_CHARS]
            )
    yield from found.values()


def _compared(report: Mapping[str, Any]) -> Iterator[AskedSlice]:
    """Yield a gap for each slice to compare, bounded or not: it is evidence too."""
    asked = report["asked"]
    for each in asked["compared"]:
        yield AskedSlice(each, asked["metrics"][0] + GAP)


def _measured(run: Run, report: Mapping[str, Any]) -> Iterator[Measurement]:
    for group in report["groups"]:
        for key, cell in group["metrics"].items():
            yield _measurement(run, key, cell, slice_name=group["slice"])
    for worst in report["worst"]:
        note = _("the worst of its groups: %(group)s") % {"group": worst["groups"][0]}
        yield _measurement(
            run, worst["metric"], worst, slice_name=worst["of"], note=note
        )
    for gap in report["gaps"]:
        yield _measurement(
            run, gap["metric"], gap, slice_name=gap["of"], suffix=GAP, note=_apart(gap)
        )


def _apart(gap: Mapping[str, Any]) -> str:
    if gap["value"] is None:
        return _("Fewer than two groups have cases enough to be compared.")
    lowest, highest = gap["groups"]
    return _("lowest in %(lowest)s, highest in %(highest)s") % {
        "lowest": lowest,
        "highest": highest,
    }


def _measurement(
    run: Run,
    key: str,
    found: Mapping[str, Any],
    *,
    slice_name: str,
    suffix: str = "",
    note: str = "",
) -> Measurement:
    known = specs(run.project.task)
    return Measurement(
        key + suffix,
        found["value"],
        found["low"],
        found["high"],
        n=found["n"],
        unit=known[key].unit if key in known else "",
        slice=slice_name,
        note=note[:NOTE_CHARS],
    )


def _not_by_group(run: Run, metric_key: str) -> str:
    if is_gap(metric_key):
        metric_key = metric_key.removesuffix(GAP)
    return _(
        "%(metric)s is not measured by group. These are: %(known)s. Choose one of them, "
        "or name no slice."
    ) % {"metric": metric_key, "known": ", ".join(specs(run.project.task))}
