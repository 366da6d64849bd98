"""The report of a version: everything the profile found, in a reader's order."""

from dataclasses import dataclass, fields, replace
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from charts import profile as charts
from charts.theme import Palette
from core.templatetags.portal import Drawable
from core.words import all_in_words
from dataquality.models import CheckResult, DataSetVersion, Profile
from dataquality.selectors.personal import PersonalShown, personal_shown
from dataquality.selectors.problems import TOP, ProblemShown, problems_of
from dataquality.selectors.scores import (
    LABELS,
    ScoreShown,
    agreed_scores,
    finding,
    shown_scores,
)
from engine.numbers import plain
from engine.profile import ColumnProfile, Correlation
from engine.profile import Profile as TableProfile

CARDS = 12
# Share of a text column's values that are different from all others: a name of rows.
MANY_VALUES = 0.5


# The page's theme fills the names in. Green and orange are kept for money and for
# signs of a correlation; what is only counted is drawn in ink.
THEMED = Palette(
    **{each.name: f"var(--{each.name.replace('_', '-')})" for each in fields(Palette)}
)
COUNTED = replace(THEMED, gain=THEMED.ink_2, loss=THEMED.ink_2)


@dataclass(frozen=True)
class Picture:
    """A figure with its title and what it shows."""

    figure: Drawable
    title: str
    text: str


@dataclass(frozen=True)
class Fact:
    """One figure about a column, by name."""

    name: str
    value: str


@dataclass(frozen=True)
class ColumnCard:
    """One column: its figures, its picture, what is wrong with it."""

    column: ColumnProfile
    facts: tuple[Fact, ...]
    picture: Picture | None
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Cards:
    """Some of the column cards, and where the next ones begin."""

    cards: tuple[ColumnCard, ...]
    next_start: int  # 0 if there are no more
    left: int


@dataclass(frozen=True)
class CheckGroup:
    """The rules of one dimension and what became of them."""

    label: str
    results: tuple[CheckResult, ...]


@dataclass(frozen=True)
class Report:
    """Everything the page of a version shows, from the answer to the methods."""

    profile: Profile
    table: TableProfile
    finding: str
    scores: tuple[ScoreShown, ...]
    problems: tuple[ProblemShown, ...]
    problems_left: int
    checks: tuple[CheckGroup, ...]
    cards: Cards
    missing: Picture | None
    missing_text: str
    correlations: tuple[Picture, ...]
    periods: tuple[ColumnProfile, ...]
    reading: dict[str, Any]
    casts: tuple[dict[str, Any], ...]
    methods: tuple[str, ...]
    personal: tuple[PersonalShown, ...]
    is_looked_through: bool  # for personal data

    @property
    def looks_personal(self) -> bool:
        """Whether the values of a column show it, and not its name alone."""
        return not all(each.is_perhaps for each in self.personal)

    @property
    def assessed(self) -> int:
        """How many of the six dimensions were assessed."""
        return sum(each.value is not None for each in self.scores)


def report_of(version: DataSetVersion) -> Report:
    """Return the report of a version that is ready."""
    profile, table = version.profile, version.profile.table()
    scores = shown_scores(profile, agreed_scores(version.data_set.project))
    problems = problems_of(profile)
    gaps = any(column.missing for column in table.columns)
    reading = all_in_words(version.reading)
    return Report(
        profile=profile,
        table=table,
        finding=finding(scores),
        scores=scores,
        problems=tuple(problems[:TOP]),
        problems_left=max(len(problems) - TOP, 0),
        checks=_checks(profile),
        cards=_cards(table, 0),
        missing=Picture(
            charts.missing_chart(table, COUNTED),
            _("Missing values by column"),
            _("Empty cells and spellings such as NA, null and - count as missing."),
        )
        if gaps
        else None,
        missing_text=charts.describe_missing(table),
        correlations=tuple(
            _correlation(each) for each in table.correlations if len(each.names) > 1
        ),
        periods=tuple(column for column in table.columns if column.times is not None),
        reading=reading,
        casts=tuple(
            each
            for each in reading.get("columns", [])
            if each["cast_failures"] or each["proposal"]
        ),
        methods=(*table.notes, *_matrix_notes(table)),
        personal=personal_shown(table.personal or ()),
        is_looked_through=table.personal is not None,
    )


def columns_from(profile: Profile, start: int) -> Cards:
    """Return the column cards from `start` on, as many as are shown at once."""
    return _cards(profile.table(), start)


def _cards(table: TableProfile, start: int) -> Cards:
    shown = table.columns[start : start + CARDS]
    left = max(len(table.columns) - start - CARDS, 0)
    return Cards(
        cards=tuple(_card(table, column) for column in shown),
        next_start=start + CARDS if left else 0,
        left=left,
    )


def _card(table: TableProfile, column: ColumnProfile) -> ColumnCard:
    picture = None
    if column.count and not _names_rows(column):
        picture = Picture(
            charts.column_chart(column, COUNTED),
            f"{column.name}, {column.kind}",
            charts.describe_column(column),
        )
    problems = tuple(
        each.sentence for each in table.problems if each.column == column.name
    )
    return ColumnCard(column, tuple(_facts(column)), picture, problems)


def _names_rows(column: ColumnProfile) -> bool:
    """Whether nearly every row has its own text: twenty equal bars say nothing."""
    return column.id_like or (
        column.kind == "text" and column.distinct > MANY_VALUES * column.count
    )


def _facts(column: ColumnProfile) -> list[Fact]:
    """Return the figures of a column that its picture does not show."""
    facts = [
        Fact(_("present"), plain(column.count)),
        Fact(_("missing"), _counted(column.missing, column.missing_share)),
        Fact(_("different values"), plain(column.distinct)),
    ]
    if column.numbers is not None:
        numbers = column.numbers
        facts += [
            Fact(_("lowest to highest"), _span(numbers.minimum, numbers.maximum)),
            Fact(_("mean ± standard deviation"), _mean(numbers.mean, numbers.sd)),
            Fact(_("median"), _figure(numbers.median)),
            Fact(_("middle half"), _span(numbers.q25, numbers.q75)),
            Fact(_("9 of 10 within"), _span(numbers.q05, numbers.q95)),
            Fact(
                _("skewness, excess kurtosis"),
                _shape(numbers.skewness, numbers.kurtosis),
            ),
            Fact(
                _("zeros, below zero"),
                f"{plain(numbers.zeros)}, {plain(numbers.negatives)}",
            ),
        ]
    if column.times is not None:
        times = column.times
        facts += [
            Fact(_("first to last"), f"{_day(times.first)} – {_day(times.last)}"),
            Fact(_("days without a row"), plain(times.days_absent)),
        ]
    if column.text is not None:
        text = column.text
        facts += [
            Fact(
                _("length"),
                _("%(low)s to %(high)s characters")
                % {"low": text.shortest, "high": text.longest},
            ),
            Fact(
                _("shapes"),
                ", ".join(
                    f"{each.value} ({plain(each.count)})" for each in text.patterns[:3]
                ),
            ),
        ]
    return facts


def _counted(count: int, share: float) -> str:
    return f"{plain(count)} ({share:.1%})" if count else "0"


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}".replace("-", "−")


def _span(low: float, high: float) -> str:
    return _("%(low)s to %(high)s") % {"low": _figure(low), "high": _figure(high)}


def _mean(mean: float, sd: float | None) -> str:
    return f"{_figure(mean)} ± {_figure(sd)}"


def _shape(skewness: float | None, kurtosis: float | None) -> str:
    return f"{_figure(skewness)}, {_figure(kurtosis)}"


def _day(text: str) -> str:
    moment = parse_datetime(text if "T" in text else f"{text}T00:00:00")
    return date_format(moment, "j M Y") if moment else text


def _correlation(matrix: Correlation) -> Picture:
    titles = {
        "pearson": _("Pearson: straight lines between numbers"),
        "spearman": _("Spearman: ranks of numbers"),
        "cramers_v": _("Cramér's V: categories"),
        "missingness": _("Values missing together"),
    }
    return Picture(
        charts.correlation_chart(matrix, THEMED),
        titles[matrix.method],
        charts.describe_correlation(matrix),
    )


def _matrix_notes(table: TableProfile) -> tuple[str, ...]:
    return tuple(each.note for each in table.correlations if each.note)


def _checks(profile: Profile) -> tuple[CheckGroup, ...]:
    results = list(profile.results.select_related("rule"))
    groups = []
    for name, label in LABELS.items():
        own = tuple(each for each in results if each.rule.dimension == name)
        if own:
            groups.append(CheckGroup(str(label), own))
    return tuple(groups)
