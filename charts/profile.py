"""Pictures of a profile, and the sentence that each one says."""

import itertools
import math
from collections.abc import Sequence

import plotly.graph_objects as go

from charts.theme import LIGHT, Palette, figure, labels
from charts.words import gettext as _
from charts.words import ngettext
from engine.numbers import plain
from engine.profile import (
    ColumnProfile,
    Correlation,
    Histogram,
    Missingness,
    Profile,
    Together,
    ValueCount,
)

BAR = 26  # pixels a horizontal bar takes, its gap included
FRAME = 48  # pixels for the axis
SMALL = 220
MAX_BARS = 40
SIGN_SEEN = 0.05  # a correlation nearer to zero has no sign worth showing


def column_chart(column: ColumnProfile, palette: Palette = LIGHT) -> go.Figure:
    """Return the histogram of a column, or its top values where it has none."""
    if column.histogram is not None:
        return _histogram(column.histogram, palette, is_time=column.times is not None)
    return _bars(column.top, palette)


def describe_column(column: ColumnProfile) -> str:
    """Return what the chart of a column shows."""
    if not column.count:
        return _("%(column)s has no value.") % {"column": column.name}
    if column.times is not None:
        return ngettext(
            "%(column)s runs from %(first)s to %(last)s; %(days)s day without a row.",
            "%(column)s runs from %(first)s to %(last)s; %(days)s days without a row.",
            column.times.days_absent,
        ) % {
            "column": column.name,
            "first": column.times.first[:10],
            "last": column.times.last[:10],
            "days": plain(column.times.days_absent),
        }
    numbers = column.numbers
    if numbers is not None:
        return _(
            "%(column)s runs from %(least)s to %(most)s; half of the values lie between "
            "%(low)s and %(high)s."
        ) % {
            "column": column.name,
            "least": f"{numbers.minimum:.4g}",
            "most": f"{numbers.maximum:.4g}",
            "low": f"{numbers.q25:.4g}",
            "high": f"{numbers.q75:.4g}",
        }
    top = column.top[0]
    return ngettext(
        "%(column)s has %(n)s different value; the most frequent, %(value)s, is "
        "%(share)s of them.",
        "%(column)s has %(n)s different values; the most frequent, %(value)s, is "
        "%(share)s of them.",
        column.distinct,
    ) % {
        "column": column.name,
        "n": plain(column.distinct),
        "value": top.value,
        "share": _share(top.count, column.count),
    }


def missing_chart(profile: Profile, palette: Palette = LIGHT) -> go.Figure:
    """Return the share of missing values of the columns that have any, most first."""
    gaps = _gaps(profile)[:MAX_BARS]
    names = labels([column.name for column in gaps])
    chart = figure(height=max(SMALL // 2, FRAME + BAR * len(gaps)))
    chart.add_bar(
        x=[column.missing_share for column in gaps],
        y=names,
        orientation="h",
        marker={"color": palette.ink_2},
        customdata=[column.missing for column in gaps],
        hovertemplate=_("%{y}: %{customdata:,} missing (%{x:.1%})") + "<extra></extra>",
    )
    chart.update_xaxes(tickformat=".0%", range=[0, 1])
    chart.update_yaxes(type="category", autorange="reversed")
    return chart


def describe_missing(profile: Profile) -> str:
    """Return what the chart of missing values shows."""
    gaps = _gaps(profile)
    if not gaps:
        return ngettext(
            "No value is missing in %(n)s column.",
            "No value is missing in %(n)s columns.",
            len(profile.columns),
        ) % {"n": plain(len(profile.columns))}
    worst = gaps[0]
    return _(
        "%(some)s of %(all)s columns lack values; %(worst)s most, %(n)s (%(share)s)."
    ) % {
        "some": plain(len(gaps)),
        "all": plain(len(profile.columns)),
        "worst": worst.name,
        "n": plain(worst.missing),
        "share": f"{worst.missing_share:.1%}",
    }


def correlation_chart(matrix: Correlation, palette: Palette = LIGHT) -> go.Figure:
    """Return a heat map: the stronger, the more ink; a minus marks opposite ways.

    Green and orange are money's, so the sign is a sign.
    """
    names = labels(matrix.names)
    side = FRAME * 2 + BAR * len(names)
    chart = figure(height=max(SMALL, side))
    chart.add_heatmap(
        x=names,
        y=names,
        z=[[r if r is None else abs(r) for r in row] for row in matrix.values],
        zmin=0,
        zmax=1,
        colorscale=[(0.0, palette.ground), (1.0, palette.ink_2)],
        customdata=matrix.values,
        text=[
            ["−" if (r or 0) <= -SIGN_SEEN else "" for r in row]
            for row in matrix.values
        ],
        texttemplate="%{text}",
        xgap=1,
        ygap=1,
        hoverongaps=False,
        hovertemplate=_("%{y} and %{x}: %{customdata:.2f}") + "<extra></extra>",
        # A colour bar sets style attributes, which the content policy forbids.
        showscale=False,
    )
    chart.update_xaxes(type="category", showgrid=False, tickangle=-45)
    chart.update_yaxes(type="category", showgrid=False, autorange="reversed")
    return chart


def _method(key: str) -> str:
    return {
        "pearson": _("Pearson's r"),
        "spearman": _("Spearman's rank correlation"),
        "cramers_v": _("Cramér's V"),
        "missingness": _("Correlation of being missing"),
    }[key]


def describe_correlation(matrix: Correlation) -> str:
    """Return what the heat map shows: its strongest pair."""
    pairs = [
        (value, matrix.names[i], matrix.names[j])
        for i, row in enumerate(matrix.values)
        for j, value in enumerate(row[:i])
        if value is not None
    ]
    method = _method(matrix.method)
    if not pairs:
        return _("%(method)s: not defined for any pair of columns.") % {
            "method": method
        }
    value, left, right = max(pairs, key=lambda pair: abs(pair[0]))
    said = _(
        "%(method)s of %(columns)s columns over %(rows)s rows; the strongest pair is "
        "%(one)s and %(other)s, %(value)s. Darker is stronger."
    ) % {
        "method": method,
        "columns": len(matrix.names),
        "rows": plain(matrix.rows),
        "one": left,
        "other": right,
        "value": _signed(value),
    }
    if not _falls(pairs):
        return said
    return f"{said} {_('A minus: one falls as the other rises.')}"


def _falls(pairs: Sequence[tuple[float, str, str]]) -> bool:
    return any(value <= -SIGN_SEEN for value, _one, _other in pairs)


def stretches_chart(missing: Missingness, palette: Palette = LIGHT) -> go.Figure:
    """Return where in the table values are missing: the more, the more ink."""
    names = labels(missing.columns)
    chart = figure(height=max(SMALL // 2, FRAME + BAR * len(names)))
    n = len(missing.stretches)
    chart.add_heatmap(
        x=[100 * (i + 0.5) / n for i in range(n)],
        y=names,
        z=list(zip(*missing.stretches, strict=True)),
        # Against the worst stretch: few gaps are seen as well as many.
        zmin=0,
        zmax=max(share for row in missing.stretches for share in row),
        colorscale=[(0.0, palette.ground), (1.0, palette.ink_2)],
        ygap=1,
        hovertemplate=_("%{y}, %{x:.0f} % into the table: %{z:.1%} missing")
        + "<extra></extra>",
        showscale=False,
    )
    chart.update_xaxes(
        title_text=_("rows, from the first to the last"),
        showgrid=False,
        showticklabels=False,
        ticks="",
        range=[0, 100],
    )
    chart.update_yaxes(type="category", showgrid=False, autorange="reversed")
    return chart


def describe_stretches(missing: Missingness) -> str:
    """Return what the map of missing values shows: the worst stretch."""
    share, column, at = max(
        (share, column, i)
        for i, row in enumerate(missing.stretches)
        for column, share in zip(missing.columns, row, strict=True)
    )
    return _(
        "Darker: more is missing there. The worst is %(column)s about %(at)s of the way "
        "through, with %(share)s missing."
    ) % {
        "column": column,
        "at": f"{(at + 0.5) / len(missing.stretches):.0%}",
        "share": f"{share:.0%}",
    }


def together_chart(pair: Together, palette: Palette = LIGHT) -> go.Figure:
    """Return how often two values occur together: the more rows, the more ink."""
    chart = figure(height=2 * SMALL)
    middles = [
        [(low + high) / 2 for low, high in itertools.pairwise(edges)]
        for edges in (pair.x_edges, pair.y_edges)
    ]
    chart.add_heatmap(
        x=middles[0],
        y=middles[1],
        # Most rows lie in few bins; by their logarithm the others are seen too.
        z=[[math.log1p(n) for n in row] for row in pair.counts],
        customdata=pair.counts,
        colorscale=[(0.0, palette.ground), (1.0, palette.ink_2)],
        # Without gaps Plotly draws an image, styled as the content policy forbids.
        xgap=1,
        ygap=1,
        hovertemplate=_("%{x:.4g} and %{y:.4g}: %{customdata:,} rows")
        + "<extra></extra>",
        showscale=False,
    )
    chart.update_xaxes(title_text=labels([pair.x])[0], showgrid=False)
    chart.update_yaxes(title_text=labels([pair.y])[0], showgrid=False)
    return chart


def describe_together(pair: Together) -> str:
    """Return what the grid of two columns shows."""
    said = _(
        "%(x)s and %(y)s in %(rows)s rows; they move together by %(strength)s of 1. "
        "Darker: more rows, by their logarithm."
    )
    if not pair.exact:
        said = _(
            "%(x)s and %(y)s in a random sample of %(rows)s rows; they move together by "
            "%(strength)s of 1. Darker: more rows, by their logarithm."
        )
    return said % {
        "x": pair.x,
        "y": pair.y,
        "rows": plain(pair.rows),
        "strength": f"{pair.strength:.2f}",
    }


def _gaps(profile: Profile) -> list[ColumnProfile]:
    """Return the columns with missing values, most first."""
    gaps = [column for column in profile.columns if column.missing]
    return sorted(gaps, key=lambda column: (-column.missing, column.name))


def _histogram(histogram: Histogram, palette: Palette, *, is_time: bool) -> go.Figure:
    """Return bars that fill their bins; times are in milliseconds, as Plotly's are."""
    unit = 1000.0 if is_time else 1.0
    edges = [edge * unit for edge in histogram.edges]
    pairs = list(itertools.pairwise(edges))
    chart = figure(height=SMALL)
    ends = _("%{customdata[0]} to %{customdata[1]}")
    if is_time:
        ends = "%{x|%-d %b %Y}"
    chart.add_bar(
        x=[(low + high) / 2 for low, high in pairs],
        y=histogram.counts,
        width=[high - low for low, high in pairs],
        marker={"color": palette.gain, "line": {"color": palette.ground, "width": 1}},
        customdata=[(f"{low:.6g}", f"{high:.6g}") for low, high in pairs],
        hovertemplate=f"{ends}: %{{y:,}}<extra></extra>",
    )
    chart.update_xaxes(type="date" if is_time else "linear", showgrid=False)
    chart.update_yaxes(title_text=_("rows"), rangemode="tozero")
    return chart


def _bars(values: Sequence[ValueCount], palette: Palette) -> go.Figure:
    """Return one horizontal bar per value, in the given order."""
    chart = figure(height=max(SMALL // 2, FRAME + BAR * len(values)))
    chart.add_bar(
        x=[item.count for item in values],
        y=labels([item.value for item in values]),
        orientation="h",
        marker={"color": palette.gain},
        hovertemplate="%{y}: %{x:,}<extra></extra>",
    )
    chart.update_xaxes(title_text=_("rows"), rangemode="tozero")
    # Digits in a label would otherwise make Plotly draw a number line.
    chart.update_yaxes(type="category", autorange="reversed")
    return chart


def _share(part: int, whole: int) -> str:
    """Return a share of the whole in per cent."""
    return f"{part / whole:.1%}" if part < whole else "100%"


def _signed(value: float) -> str:
    """Return a correlation with a true minus sign."""
    return f"{value:.2f}".replace("-", "−")
