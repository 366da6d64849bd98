"""An experiment's leaderboard: runs under one protocol, and the rest apart."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from charts.marks import Axis
from engine.numbers import money
from engine.training.protocol import differences
from experiments.models import Experiment, Lifecycle, Protocol, Run, RunMetric
from experiments.selectors.candidate import CandidateRow, names_of, policy_rows
from experiments.selectors.columns import (
    family_title,
    is_lower_better,
    number_text,
    title_of,
)
from experiments.selectors.curves import Picture, board_picture, overlays
from experiments.selectors.table import Tick, axis_of, ticks_of, top_group
from projects.models import Project, ProjectScopedQuerySet
from projects.selectors.requirements import verdicts_on

MOST_ROWS = 100


@dataclass(frozen=True)
class BoardLine:
    """One run of the leaderboard."""

    run: Run
    tie: str
    rank: str
    family: str
    primary: str
    interval: str
    cv: str
    latency: str
    size: str
    ticks: tuple[Tick, ...]
    met: int
    is_drawn: bool


@dataclass(frozen=True)
class NotComparable:
    """Runs of the experiment under other rules, and how those differ."""

    title: str
    fields: str
    runs: tuple[Run, ...]
    more: int  # that are not listed


@dataclass(frozen=True)
class Board:
    """Everything an experiment's page shows."""

    experiment: Experiment
    protocol: Protocol | None
    lines: tuple[BoardLine, ...]
    policies: tuple[CandidateRow, ...]
    others: tuple[NotComparable, ...]
    running: tuple[Run, ...]
    broken: tuple[Run, ...]
    axis: Axis
    answer: str
    aside: str
    metric: str
    board: Picture | None
    pictures: tuple[Picture, ...]


def running_runs(experiment: Experiment) -> list[Run]:
    """Return the runs a job has in hand or waits for."""
    runs = _active(experiment).filter(
        status__in=[Run.Status.SCHEDULED, Run.Status.RUNNING], job__isnull=False
    )
    return list(runs.select_related("job", "project").order_by("start_time", "id"))


def _active(experiment: Experiment) -> ProjectScopedQuerySet[Run]:
    return Run.objects.filter(
        experiment=experiment, lifecycle_stage=Lifecycle.ACTIVE
    ).select_related("project", "protocol__value_case", "job")


def board_of(
    experiment: Experiment, *, version: int | None = None, drawn: Sequence[str] = ()
) -> Board:
    """Return the leaderboard of a protocol's version, the newest unless told.

    `drawn` are the ids of runs whose curves are wanted.
    """
    project = experiment.project
    protocols = list(
        experiment.protocols.select_related(
            "value_case", "data_set_version__data_set__project", "created_by"
        )
    )
    protocol = next((p for p in protocols if p.version == version), None) or next(
        iter(protocols), None
    )
    metric = protocol.rules.primary_metric if protocol else ""
    finished = ranked(
        list(_active(experiment).filter(status=Run.Status.FINISHED)[:1000]), metric
    )
    mine = [r for r in finished if protocol and r.protocol_id == protocol.pk]
    rest = [run for run in finished if run not in mine]
    shown = mine[:MOST_ROWS]
    chosen = [run for run in shown if run.pk in drawn] or default_drawn(shown)
    policies = policy_rows(project)
    return Board(
        experiment=experiment,
        protocol=protocol,
        lines=_lines(project, shown, chosen, metric),
        policies=policies,
        others=_not_comparable(protocol, protocols, rest),
        running=tuple(running_runs(experiment)),
        broken=tuple(
            _active(experiment).filter(
                status__in=[Run.Status.FAILED, Run.Status.KILLED]
            )[:20]
        ),
        axis=axis_of([*shown, *_as_runs(policies)], project.currency),
        answer=leading(shown, metric),
        aside=_against_policies(project) if top_group(shown) else "",
        metric=title_of(metric),
        board=board_picture(shown, metric),
        pictures=tuple(overlays(chosen, currency=project.currency)) if chosen else (),
    )


def _as_runs(policies: Sequence[CandidateRow]) -> list[Run]:
    """Return the policies in the shape the axis reads."""
    return [
        Run(
            price_state=Run.Price.BAND,
            money_mean=row.mean,
            money_low=row.low,
            money_high=row.high,
        )
        for row in policies
    ]


def ranked(runs: Sequence[Run], metric: str) -> list[Run]:
    """Return runs by money, then by the primary metric, what has neither last."""
    sign = -1.0 if is_lower_better(metric) else 1.0

    def place(run: Run) -> tuple[bool, float, bool, float, str]:
        known = run.primary_value is not None and not run.primary_is_nan
        return (
            not run.is_priced,
            -(run.money_mean or 0.0),
            not known,
            -sign * (run.primary_value or 0.0),
            run.pk,
        )

    return sorted(runs, key=place)


def default_drawn(runs: Sequence[Run]) -> list[Run]:
    """Return the best run of each family, the baseline left out."""
    found: dict[str, Run] = {}
    for run in runs:
        if run.family != "baseline":
            found.setdefault(run.family, run)
    return list(found.values())[:3]


def _lines(
    project: Project, runs: Sequence[Run], drawn: Sequence[Run], metric: str
) -> tuple[BoardLine, ...]:
    ids = [run.pk for run in runs]
    verdicts = verdicts_on(project, "run", ids)
    wanted = (f"cv/{metric}", "latency_p99", "model_bytes")
    rows = RunMetric.objects.filter(run__in=ids, key__in=wanted)
    values = {(row.run_id, row.key): row.shown for row in rows}
    ties = _tie_parts(runs)
    found = []
    for at, run in enumerate(runs):
        ticks = ticks_of(project, verdicts[run.pk])
        found.append(
            BoardLine(
                run=run,
                tie=ties[at][1],
                rank=ties[at][0],
                family=family_title(run.family),
                primary=number_text(metric, run.primary_value),
                interval=_interval(run, metric),
                cv=number_text(metric, values.get((run.pk, f"cv/{metric}"))),
                latency=number_text("latency_p99", values.get((run.pk, "latency_p99"))),
                size=number_text("model_bytes", values.get((run.pk, "model_bytes"))),
                ticks=ticks,
                met=sum(tick.is_met for tick in ticks),
                is_drawn=run in drawn,
            )
        )
    return tuple(found)


def _tie_parts(runs: Sequence[Run]) -> list[tuple[str, str]]:
    """Return rank and bracket of each row; rows stand in the order of money."""
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(runs):
        first = runs[at]
        last = at
        while (
            first.money_group is not None
            and last + 1 < len(runs)
            and runs[last + 1].money_group == first.money_group
        ):
            last += 1
        count = last - at + 1
        if count == 1:
            found.append((str(at + 1), "none"))
        else:
            span = f"{at + 1}–{last + 1}"
            parts = ["first", *["mid"] * (count - 2), "last"]
            found.extend((span, part) for part in parts)
        at = last + 1
    return found


def _interval(run: Run, metric: str) -> str:
    if run.primary_low is None or run.primary_high is None:
        return ""
    low, high = (number_text(metric, x) for x in (run.primary_low, run.primary_high))
    return f"{low}–{high}"


def _not_comparable(
    protocol: Protocol | None, protocols: Sequence[Protocol], runs: Sequence[Run]
) -> tuple[NotComparable, ...]:
    known = {each.pk: each for each in protocols}
    by_protocol: dict[int | None, list[Run]] = {}
    for run in runs:
        by_protocol.setdefault(run.protocol_id, []).append(run)
    found = []
    for pk, group in by_protocol.items():
        other = known.get(pk or 0)
        if other is None or protocol is None:
            title, fields = _("Protocol not declared"), ""
        else:
            title = _("Protocol %(version)s") % {"version": other.version}
            fields = ", ".join(differences(protocol.rules, other.rules))
        found.append(
            NotComparable(title, fields, tuple(group[:8]), max(len(group) - 8, 0))
        )
    return tuple(found)


def leading(runs: Sequence[Run], metric: str) -> str:
    """Say which of the runs, the best first, earns most, and what ties with it."""
    top = top_group(runs)
    if not top:
        return _unpriced_answer(runs, metric)
    best = top[0]
    earns = money(best.money_mean or 0, best.project.currency)
    if len(top) == 1:
        return _("%(name)s earns most: %(money)s a year.") % {
            "name": best.name,
            "money": earns,
        }
    return _("%(name)s earns most, %(money)s a year, in a tie with %(tied)s.") % {
        "name": best.name,
        "money": earns,
        "tied": names_of(list(top[1:])),
    }


def _unpriced_answer(runs: Sequence[Run], metric: str) -> str:
    if not runs:
        return _("Nothing has been measured yet.")
    return _("%(name)s leads with %(metric)s %(value)s; no run is priced.") % {
        "name": runs[0].name,
        "metric": title_of(metric),
        "value": number_text(metric, runs[0].primary_value),
    }


def _against_policies(project: Project) -> str:
    rows = policy_rows(project)
    if not rows:
        return ""
    return _("Acting on everybody would bring %(money)s.") % {
        "money": money(rows[0].mean, project.currency)
    }
