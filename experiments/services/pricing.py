"""Prices and tie groups, written to the rows of runs."""

from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction

from experiments.models import Run, RunDetail
from experiments.selectors.pricing import Priced
from projects.models import Project, ValueCase
from projects.selectors.requirements import verdicts_on
from projects.services import Measurement, Subject, record_evidence
from projects.services.value import cite_case

__all__ = ["Priced", "record_groups", "record_prices"]


def price_columns(run: Run, priced: Priced, case: ValueCase) -> None:
    """Set a run's price columns; the caller saves them."""
    found = priced.price
    run.price_state, run.not_priced = priced.state, priced.why_not
    run.money_mean = found.mean if found else None
    run.money_low = found.p5 if found else None
    run.money_high = found.p95 if found else None
    run.p_positive = found.p_positive if found else None
    run.value_case = case


def subject_of(run: Run) -> Subject:
    """Return how evidence names a run."""
    return Subject(
        "run",
        run.pk,
        run.name,
        run.get_absolute_url(),
        run.digests.get("holdout_predictions", ""),
    )


def price_evidence(run: Run, priced: Priced, case: ValueCase) -> None:
    """Record the price of a run the portal has measured itself."""
    if not run.is_trial or run.price_state != Run.Price.BAND:
        return
    record_evidence(
        run.project,
        subject=subject_of(run),
        measurements=[
            Measurement(
                "net_value",
                run.money_mean,
                run.money_low,
                run.money_high,
                n=priced.n,
                unit="money",
            )
        ],
        inputs={**data_inputs(run), "value_case": case.digest},
        job_id=run.job_id,
        attempt=run.attempt,
    )


def data_inputs(run: Run) -> dict[str, str]:
    """Return the digests of the data and the rules a trial rests on."""
    if run.protocol is None:
        return {}
    version = run.protocol.data_set_version
    return {
        version.data_set.input_name: version.digest,
        "protocol": run.protocol.digest,
    }


def count_musts(project: Project, runs: Sequence[Run]) -> None:
    """Set how many musts each run meets; the caller saves them."""
    found = verdicts_on(project, "run", [run.pk for run in runs])
    for run in runs:
        verdicts = found[run.pk]
        run.musts_met, run.musts = verdicts.met, len(verdicts.rows)


PRICE_COLUMNS = (
    "price_state",
    "not_priced",
    "money_mean",
    "money_low",
    "money_high",
    "p_positive",
    "value_case",
    "musts_met",
    "musts",
)


@transaction.atomic
def record_prices(
    project: Project, priced: Mapping[str, Priced], case: ValueCase
) -> int:
    """Write the prices of several runs by id, with their evidence; return how many."""
    runs = list(
        Run.objects.filter(project=project, pk__in=priced).select_related(
            "project", "protocol__data_set_version__data_set"
        )
    )
    for run in runs:
        price_columns(run, priced[run.pk], case)
        price_evidence(run, priced[run.pk], case)
    count_musts(project, runs)
    Run.objects.bulk_update(runs, PRICE_COLUMNS, batch_size=200)
    details = {row.pk: row for row in RunDetail.objects.filter(run__in=runs)}
    for run in runs:
        if detail := details.get(run.pk):
            detail.price = priced[run.pk].to_json()
    RunDetail.objects.bulk_update(details.values(), ["price"], batch_size=200)
    if runs:
        cite_case(case)
    return len(runs)


@transaction.atomic
def record_groups(
    runs: Iterable[str], groups: Mapping[str, int], money: Mapping[str, int]
) -> None:
    """Write which runs of a protocol cannot be told apart."""
    rows = list(Run.objects.filter(pk__in=list(runs)))
    for run in rows:
        run.tie_group, run.money_group = groups.get(run.pk), money.get(run.pk)
    Run.objects.bulk_update(rows, ["tie_group", "money_group"])
