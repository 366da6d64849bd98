"""One column of a report: its figures, its picture, what is wrong with it."""

from dataclasses import dataclass, fields, replace

from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from charts import profile as charts
from charts.theme import Palette
from core.templatetags.portal import Drawable
from core.words import in_words
from engine.numbers import plain
from engine.profile import ColumnProfile, sentence
from engine.profile import Profile as TableProfile

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


def card_of(table: TableProfile, column: ColumnProfile) -> ColumnCard:
    """Return what the report shows of one column."""
    picture = None
    if column.count and not _names_rows(column):
        picture = Picture(
            charts.column_chart(column, COUNTED),
            f"{column.name}, {column.kind}",
            charts.describe_column(column),
        )
    problems = tuple(
        in_words(sentence(each.code, each.values)) if each.values else each.sentence
        for each in table.problems
        if each.column == column.name
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
        Fact(_("different values"), distinct_words(column)),
    ]
    if column.numbers is not None:
        numbers = column.numbers
        facts += [
            Fact(_("lowest to highest"), _span(numbers.minimum, numbers.maximum)),
            Fact(_("mean ± standard deviation"), _mean(numbers.mean, numbers.sd)),
            Fact(_("median"), _figure(numbers.median)),
            Fact(_("middle half"), _span(numbers.q25, numbers.q75)),
            Fact(_("9 of 10 within"), _span(numbers.q05, numbers.q95)),
            *_tails(column),
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
    facts += [
        Fact(_("estimated"), _blurred(each.field, each.error)) for each in column.errors
    ]
    return facts


def _tails(column: ColumnProfile) -> list[Fact]:
    """Return what profiles of an older engine lack."""
    numbers, outliers = column.numbers, column.outliers
    if numbers is None or numbers.q01 is None or numbers.q99 is None:
        return []
    facts = [Fact(_("98 of 100 within"), _span(numbers.q01, numbers.q99))]
    if outliers is not None:
        counts = {"below": plain(outliers.below), "above": plain(outliers.above)}
        low_high = {"low": _figure(outliers.low), "high": _figure(outliers.high)}
        said = _("%(below)s below %(low)s, %(above)s above %(high)s")
        facts.append(Fact(_("outliers (Tukey)"), said % {**counts, **low_high}))
    return facts


def distinct_words(column: ColumnProfile) -> str:
    """Return how many values are different, with its error where it is estimated."""
    error = next((each.error for each in column.errors if each.field == "distinct"), 0)
    said = plain(column.distinct)
    return f"~{said} ± {error:.1%}" if error else said


def _blurred(field: str, error: float) -> str:
    titles = {
        "distinct": _("different values"),
        "top": _("most frequent values"),
        "numbers.quantiles": _("median and other quantiles"),
        "outliers": _("outliers"),
        "text.patterns": _("shapes"),
    }
    return _("%(what)s, within %(error)s in 99 of 100 cases") % {
        "what": titles.get(field, field),
        "error": f"{error:.2%}",
    }


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
