"""The runs table: a page of rows, its picture, and the answer above them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from charts import marks
from core.access import Actor
from engine.numbers import money, plain
from experiments.models import Lifecycle, Run
from experiments.selectors import columns as cols
from experiments.selectors import filters, keyset
from experiments.selectors.columns import Cell, Column
from experiments.selectors.keyset import Cursor, Page, Sort
from projects.models import Evidence, Project, RequirementVersion, ValueCase
from projects.selectors.requirements import SubjectVerdicts, is_stale, verdicts_on
from projects.selectors.value import current_case

COUNTED_TO = 10_000
BY_MONEY = Sort()


@dataclass(frozen=True)
class Tick:
    """One must of one run, as a sign."""

    glyph: str
    is_met: bool


@dataclass(frozen=True)
class Row:
    """One run in the table."""

    run: Run
    rank: str
    tie: str  # first, mid, last, none
    ticks: tuple[Tick, ...]
    met: int
    musts: str
    cells: tuple[Cell, ...]
    heads_unpriced: bool = False
    is_old_price: bool = False

    @property
    def is_tied_below(self) -> bool:
        """Whether the row stands in a bracket that another row began."""
        return self.tie in {"mid", "last"}


@dataclass(frozen=True)
class Asked:
    """What an address asks of the table."""

    text: str = ""
    sort: Sort = BY_MONEY
    columns: str = "money"
    cursor: Cursor | None = None
    problem: str = ""
    clauses: tuple[filters.Clause, ...] = ()

    @classmethod
    def read(cls, query: Mapping[str, Any]) -> "Asked":
        """Return what the query says; a filter that cannot be read becomes a problem."""
        text = query.get("q", "").strip()[:1000]
        sort = Sort.read(query.get("sort", ""))
        chosen = query.get("columns", "money")
        clauses: tuple[filters.Clause, ...] = ()
        problem = ""
        try:
            clauses = filters.parse(text)
            filters.apply(Run.objects.none(), clauses)
        except filters.FilterProblem as error:
            clauses, problem = (), str(error)
        return cls(
            text=text,
            sort=sort,
            columns=chosen if chosen in cols.SETS else "money",
            cursor=Cursor.read(query.get("at", ""), sort),
            problem=problem,
            clauses=clauses,
        )


@dataclass(frozen=True)
class RunsTable:
    """Everything the runs page shows."""

    asked: Asked
    columns: list[Column]
    rows: list[Row]
    page: Page
    shown: str  # how many match
    total: str
    axis: marks.Axis
    currency: str
    answer: str
    aside: str
    scatter: marks.Scatter | None
    scatter_label: str
    case: ValueCase
    stale: int  # runs priced by an older value case
    stale_version: int

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not self.rows


def matching(project: Project, actor: Actor, asked: Asked) -> filters.Rows:
    """Return the runs of a project that the filter lets through."""
    rows = Run.objects.visible_to(actor).filter(project=project)
    return filters.apply(rows, asked.clauses)


def runs_table(project: Project, actor: Actor, asked: Asked) -> RunsTable:
    """Return one page of the project's runs with its picture and its answer."""
    rows = matching(project, actor, asked)
    listed = rows.select_related("experiment", "project", "job", "value_case")
    page = keyset.page_of(listed, asked.sort, asked.cursor)
    runs, case = page.runs, current_case(project)
    columns = cols.columns_for(asked.columns, project, runs)
    shown = rows.count()
    stale = _stale(project, case)
    answer, aside = _answer(page, shown, asked, project.currency)
    label, scatter = _scatter(runs, project)
    return RunsTable(
        asked=asked,
        columns=columns,
        rows=_rows(project, page, columns, asked, case),
        page=page,
        shown=plain(shown),
        total=plain(
            shown
            if not asked.text
            else Run.objects.filter(
                project=project, lifecycle_stage=Lifecycle.ACTIVE
            ).count()
        ),
        axis=axis_of(runs, project.currency),
        currency=project.currency,
        answer=answer,
        aside=aside,
        scatter=scatter,
        scatter_label=label,
        case=case,
        stale=len(stale),
        stale_version=min(stale, default=0),
    )


def _stale(project: Project, case: ValueCase) -> list[int]:
    """Return the versions of older value cases that runs are priced by, one each."""
    return list(
        Run.objects.filter(project=project, lifecycle_stage=Lifecycle.ACTIVE)
        .exclude(value_case=None)
        .exclude(value_case=case)
        .order_by()
        .values_list("value_case__version", flat=True)[:COUNTED_TO]
    )


def axis_of(runs: Sequence[Run], currency: str) -> marks.Axis:
    """Return the axis all bars of the table share."""
    ends = [
        end
        for run in runs
        if run.is_priced
        for end in (run.money_low, run.money_mean, run.money_high)
        if end is not None
    ]
    return marks.axis_for(ends or [0.0, 1.0], currency=currency)


def ticks_of(project: Project, verdicts: SubjectVerdicts) -> tuple[Tick, ...]:
    """Return one sign a must; none for a run that was never held against any."""
    if not any(row for _version, row in verdicts.rows):
        return ()
    return tuple(_tick(project, version, row) for version, row in verdicts.rows)


def _tick(project: Project, version: RequirementVersion, row: Evidence | None) -> Tick:
    del version
    if row is None:
        return Tick("unknown", is_met=False)
    if is_stale(project, row):
        return Tick("stale", is_met=False)
    glyph = {
        Evidence.Verdict.MET: "tick",
        Evidence.Verdict.FAILED: "cross",
    }.get(Evidence.Verdict(row.verdict), "waiting")
    return Tick(glyph, is_met=glyph == "tick")


def _rows(
    project: Project,
    page: Page,
    columns: list[Column],
    asked: Asked,
    case: ValueCase,
) -> list[Row]:
    runs = page.runs
    verdicts = verdicts_on(project, "run", [run.pk for run in runs])
    values = cols.values_for(columns, runs)
    ties = _ties(runs, page.first_rank, asked.sort)
    by_money = asked.sort.key == "money"
    found = []
    for at, run in enumerate(runs):
        rank, tie = ties[at]
        ticks = ticks_of(project, verdicts[run.pk]) if run.is_priced else ()
        is_first = (
            by_money and not run.is_priced and (at == 0 or runs[at - 1].is_priced)
        )
        met = sum(tick.is_met for tick in ticks)
        found.append(
            Row(
                run=run,
                rank=rank,
                tie=tie,
                ticks=ticks,
                met=met,
                musts=_musts_words(met, len(ticks)),
                cells=tuple(cols.cell(column, run, values) for column in columns),
                heads_unpriced=is_first,
                is_old_price=run.is_priced and run.value_case_id != case.pk,
            )
        )
    return found


def _musts_words(met: int, musts: int) -> str:
    if not musts:
        return ""
    return _("%(met)s of %(all)s musts met") % {"met": met, "all": musts}


def _ties(runs: Sequence[Run], first: int, sort: Sort) -> list[tuple[str, str]]:
    """Return each row's rank and its part of a bracket."""
    by_money = sort == BY_MONEY
    found: list[tuple[str, str]] = []

    def group(pair: tuple[int, Run]) -> object:
        at, run = pair
        is_tied = by_money and run.is_priced and run.money_group is not None
        return (run.protocol_id, run.money_group) if is_tied else at

    for _key, part in groupby(enumerate(runs), group):
        tied = [at for at, _run in part]
        if len(tied) == 1:
            is_ranked = runs[tied[0]].is_priced or not by_money
            found.append((str(first + tied[0]) if is_ranked else "", "none"))
            continue
        span = f"{first + tied[0]}–{first + tied[-1]}"
        parts = ["first", *["mid"] * (len(tied) - 2), "last"]
        found.extend((span, part) for part in parts)
    return found


def top_group(runs: Sequence[Run]) -> list[Run]:
    """Return the runs that cannot be told apart from the first by money."""
    if not runs or not runs[0].is_priced:
        return []
    first = runs[0]
    if first.money_group is None:
        return [first]
    return [
        run
        for run in runs
        if run.is_priced
        and (run.protocol_id, run.money_group) == (first.protocol_id, first.money_group)
    ]


def _answer(page: Page, shown: int, asked: Asked, currency: str) -> tuple[str, str]:
    runs = page.runs
    if asked.problem:
        return _("That filter cannot be read."), ""
    if not runs:
        return (_("No run matches."), "") if asked.text else (_("No runs yet."), "")
    if page.first_rank > 1 or asked.sort != BY_MONEY:
        first, last = page.first_rank, page.first_rank + len(runs) - 1
        return (
            _("Runs %(first)s to %(last)s of %(all)s.")
            % {"first": plain(first), "last": plain(last), "all": plain(shown)}
        ), ""
    top = top_group(runs)
    if not top:
        return (
            ngettext("%(n)s run, not priced.", "%(n)s runs, none priced.", shown)
            % {"n": plain(shown)}
        ), ""
    return _leading(top, shown, currency), _given_up(runs, currency)


def _leading(top: Sequence[Run], shown: int, currency: str) -> str:
    best = money(top[0].money_mean or 0, currency)
    if len(top) == 1:
        return _("%(name)s earns most of %(n)s runs: %(money)s a year.") % {
            "name": top[0].name,
            "n": plain(shown),
            "money": best,
        }
    least = money(min(run.money_mean or 0 for run in top), currency)
    words = {"n": _counted(len(top)), "all": plain(shown), "low": least, "high": best}
    if least == best:
        return _("%(n)s of %(all)s runs tie at %(high)s a year.") % words
    return _("%(n)s of %(all)s runs tie at %(low)s to %(high)s a year.") % words


def _counted(n: int) -> str:
    words = [_("Two"), _("Three"), _("Four"), _("Five"), _("Six"), _("Seven")]
    return words[n - 2] if n - 2 < len(words) else plain(n)


def _given_up(runs: Sequence[Run], currency: str) -> str:
    """Return what choosing by the metric would cost against choosing by money."""
    placed = _placed(runs)
    if len(placed) < 2:
        return ""
    key = placed[0].primary_key
    sign = -1 if cols.is_lower_better(key) else 1
    by_metric = max(placed, key=lambda run: sign * (run.primary_value or 0))
    lost = (runs[0].money_mean or 0) - (by_metric.money_mean or 0)
    title = cols.title_of(key)
    if by_metric.pk == runs[0].pk:
        return _("%(metric)s chooses the same run.") % {"metric": title}
    return _("Choosing by %(metric)s would give up %(money)s.") % {
        "metric": title,
        "money": money(lost, currency),
    }


def _placed(runs: Sequence[Run]) -> list[Run]:
    """Return the priced runs that share the first one's metric."""
    known = [
        run
        for run in runs
        if run.is_priced
        and run.primary_key
        and run.primary_value is not None
        and not run.primary_is_nan
    ]
    return [run for run in known if run.primary_key == known[0].primary_key]


def _scatter(runs: Sequence[Run], project: Project) -> tuple[str, marks.Scatter | None]:
    placed = _placed(runs)
    if len(placed) < 2:
        return "", None
    key = placed[0].primary_key
    sign = -1 if cols.is_lower_better(key) else 1
    richest = max(placed, key=lambda run: run.money_mean or 0)
    best = max(placed, key=lambda run: sign * (run.primary_value or 0))
    title = cols.title_of(key)
    notes = {best.pk: _("best %(metric)s") % {"metric": title}}
    notes[richest.pk] = (
        _("most money, best %(metric)s") % {"metric": title}
        if best.pk == richest.pk
        else _("most money")
    )
    picture = marks.scatter(
        [
            marks.Point(
                x=run.primary_value or 0,
                y=run.money_mean or 0,
                key=f"run-{run.pk}",
                note=notes.get(run.pk, ""),
                detail=run.name if run.pk in notes else "",
            )
            for run in placed
        ],
        currency=project.currency,
        x_title=title,
        top_note=_(" a year"),
    )
    label = _(
        "Net gain a year against %(metric)s for %(n)s priced runs. The best %(metric)s "
        "belongs to %(best)s, worth %(worth)s; the most money to %(richest)s, worth "
        "%(most)s."
    ) % {
        "metric": title,
        "n": len(placed),
        "best": best.name,
        "worth": money(best.money_mean or 0, project.currency),
        "richest": richest.name,
        "most": money(richest.money_mean or 0, project.currency),
    }
    return label, picture
