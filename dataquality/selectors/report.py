"""The report of a version: everything the profile found, in a reader's order."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from charts import profile as charts
from core.words import all_in_words
from dataquality.models import CheckResult, DataSetVersion, Profile
from dataquality.selectors.columns import COUNTED, THEMED, ColumnCard, Picture, card_of
from dataquality.selectors.personal import PersonalShown, personal_shown
from dataquality.selectors.pricing import Damage, PricedProblem, damage_of
from dataquality.selectors.problems import TOP, ProblemShown, problems_of
from dataquality.selectors.scores import (
    LABELS,
    ScoreShown,
    agreed_scores,
    finding,
    must_keep,
    results_of,
    shown_scores,
)
from engine.profile import ColumnProfile, Correlation, Together
from engine.profile import Profile as TableProfile

CARDS = 12


@dataclass(frozen=True)
class Cards:
    """Some of the column cards, and where the next ones begin."""

    cards: tuple[ColumnCard, ...]
    next_start: int  # 0 if there are no more
    left: int


@dataclass(frozen=True)
class PairShown:
    """Two columns that are related, without their picture."""

    x: str
    y: str
    strength: str


@dataclass(frozen=True)
class CheckGroup:
    """The checks of one dimension and what became of them."""

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
    damage: Damage  # of all problems; its first lines are those shown
    problems_left: int
    checks: tuple[CheckGroup, ...]
    cards: Cards
    missing: Picture | None
    missing_text: str
    stretches: Picture | None  # where in the table values are missing
    correlations: tuple[Picture, ...]
    pairs: tuple[PairShown, ...]
    periods: tuple[ColumnProfile, ...]
    reading: dict[str, Any]
    casts: tuple[dict[str, Any], ...]
    methods: tuple[str, ...]
    personal: tuple[PersonalShown, ...]
    is_looked_through: bool  # for personal data

    @property
    def shown_problems(self) -> tuple[PricedProblem, ...]:
        """The problems shown, with what they cost."""
        return self.damage.lines[:TOP]

    def broken(self) -> int:
        """How many checks of severity error do not hold."""
        found = [each for group in self.checks for each in group.results]
        return sum(each.fails_requirement for each in found)

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
        finding=finding(scores, broken=must_keep(profile)),
        scores=scores,
        problems=tuple(problems[:TOP]),
        damage=damage_of(version, problems),
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
        stretches=_stretches(table),
        pairs=tuple(
            PairShown(each.x, each.y, f"{each.strength:.2f}") for each in table.together
        ),
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


def column_named(profile: Profile, name: str) -> Cards | None:
    """Return the card of one column; None if the table has none of that name."""
    table = profile.table()
    found = [column for column in table.columns if column.name == name]
    return Cards((card_of(table, found[0]),), 0, 0) if found else None


def every_column(profile: Profile) -> Cards:
    """Return the cards of all columns, for a report that loads nothing later."""
    table = profile.table()
    return Cards(tuple(card_of(table, column) for column in table.columns), 0, 0)


def pair_of(profile: Profile, x: str, y: str) -> Picture | None:
    """Return the picture of two columns; None if no grid of them was kept."""
    for pair in profile.table().together:
        if (pair.x, pair.y) == (x, y):
            return _pair(pair)
    return None


def pictures_of_pairs(profile: Profile) -> tuple[Picture, ...]:
    """Return the pictures of all pairs that were kept."""
    return tuple(_pair(pair) for pair in profile.table().together)


def _pair(pair: Together) -> Picture:
    return Picture(
        charts.together_chart(pair, COUNTED),
        _("%(x)s and %(y)s") % {"x": pair.x, "y": pair.y},
        charts.describe_together(pair),
    )


def _stretches(table: TableProfile) -> Picture | None:
    missing = table.missingness
    if missing is None:
        return None
    return Picture(
        charts.stretches_chart(missing, COUNTED),
        _("Where in the table values are missing"),
        charts.describe_stretches(missing),
    )


def _cards(table: TableProfile, start: int) -> Cards:
    shown = table.columns[start : start + CARDS]
    left = max(len(table.columns) - start - CARDS, 0)
    return Cards(
        cards=tuple(card_of(table, column) for column in shown),
        next_start=start + CARDS if left else 0,
        left=left,
    )


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
    results = results_of(profile)
    groups = []
    for name, label in LABELS.items():
        own = tuple(each for each in results if each.dimension == name)
        if own:
            groups.append(CheckGroup(str(label), own))
    return tuple(groups)
