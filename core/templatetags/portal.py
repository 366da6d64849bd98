"""Tags and filters every page uses: marks, numbers, times, links, charts."""

import json
import math
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from django import template
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest
from django.template.context import Context
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from charts import marks, spans
from core.models import Job
from engine import numbers

register = template.Library()

UNKNOWN = "–"
UNDO_PREFIX = "undo:"


class Drawable(Protocol):
    """What `{% chart %}` draws: a plotly Figure, without importing plotly."""

    def to_json(self) -> str:
        """Return the figure as the JSON that plotly.js reads."""


# Numbers


@register.filter
def money(value: float | None, currency: str) -> str:
    """Return an amount in two digits, such as €32k; a dash when there is none."""
    return UNKNOWN if _missing(value) else numbers.money(float(value or 0), currency)


@register.filter
def two_digits(value: float | None) -> str:
    """Return a number in two significant digits; a dash when there is none."""
    return UNKNOWN if _missing(value) else numbers.two_digits(float(value or 0))


@register.filter
def plain(value: float | None) -> str:
    """Return a number with its thousands set apart; a dash when there is none."""
    return UNKNOWN if _missing(value) else numbers.plain(float(value or 0))


@register.filter
def percent(share: float | None) -> str:
    """Return a share of one in per cent and two digits, such as 79 %."""
    if _missing(share):
        return UNKNOWN
    return f"{numbers.two_digits(100 * float(share or 0))}\N{NO-BREAK SPACE}%"


@register.filter
def in_hundred(share: float | None) -> str:
    """Return a share as so many of 100; a dash when there is none."""
    return UNKNOWN if _missing(share) else numbers.per_hundred(float(share or 0))


def _missing(value: float | str | None) -> bool:
    return value is None or value == "" or math.isnan(float(value))


# Times and people


@register.filter
def ago(when: datetime | None) -> SafeString | str:
    """Return a `<time>` that says how long ago, or when, in the reader's zone."""
    if when is None:
        return UNKNOWN
    local = timezone.localtime(when)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(timespec="seconds"),
        date_format(local, "j F Y, H:i"),
        _spoken(local, timezone.localtime()),
    )


def _spoken(when: datetime, now: datetime) -> str:
    distance = abs(now - when)
    if distance < timedelta(minutes=1):
        return _("just now")
    if distance < timedelta(days=1):
        return _clock_distance(distance, past=when < now)
    if distance < timedelta(days=6):
        return date_format(when, "l")
    return date_format(when, "j M" if when.year == now.year else "j M Y")


def _clock_distance(distance: timedelta, *, past: bool) -> str:
    minutes = int(distance.total_seconds() // 60)
    if minutes < 60:
        said = _("%(n)s min ago") if past else _("in %(n)s min")
        return said % {"n": minutes}
    said = _("%(n)s h ago") if past else _("in %(n)s h")
    return said % {"n": minutes // 60}


@register.filter
def initials(name: str) -> str:
    """Return the one or two letters that stand for a person: AF for Ana Ferreira."""
    words = name.split("@")[0].replace(".", " ").split()
    letters = [word[0] for word in words if word[0].isalnum()]
    return "".join([letters[0], *letters[1:][-1:]]).upper() if letters else "?"


@register.filter
def undo_url(message: Message) -> str:
    """Return the address that undoes what a message tells, or nothing.

    A view offers it by `extra_tags=f"undo:{url}"`; the address is called by POST.
    """
    tags = message.extra_tags or ""
    return tags.removeprefix(UNDO_PREFIX) if tags.startswith(UNDO_PREFIX) else ""


# Links


@register.inclusion_tag("components/nav_link.html", takes_context=True)
def nav_link(context: Context, url_name: str, label: str) -> dict[str, Any]:
    """Render a sidebar entry, marked on every page under it; a page not built has none."""
    try:
        url = reverse(url_name)
    except NoReverseMatch:
        return {}
    request: HttpRequest | None = context.get("request")
    path = request.path if request else ""
    # All pages lie under the address of the first one, and none in its room.
    is_room = url_name != "home" and path.startswith(url)
    current = "page" if path == url else "true" if is_room else ""
    return {"url": url, "label": label, "current": current}


@register.simple_tag(takes_context=True)
def param_url(context: Context, **changes: object) -> str:
    """Return the current query string with changes; None or "" removes a key."""
    query = context["request"].GET.copy()
    for key, value in changes.items():
        if value is None or value == "":
            query.pop(key, None)
        else:
            query[key] = str(value)
    return f"?{query.urlencode()}"


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context: Context, page: Any, *, key: str = "page") -> dict[str, Any]:
    """Render the links to the pages before and after a Django `Page`."""
    links = {
        "before": page.previous_page_number() if page.has_previous() else None,
        "after": page.next_page_number() if page.has_next() else None,
    }
    return {"page": page} | {
        name: number and param_url(context, **{key: number})
        for name, number in links.items()
    }


# Marks


@register.inclusion_tag("components/glyph.html")
def glyph(state: str, label: str = "") -> dict[str, str]:
    """Render a state by its shape; `label` is read aloud, without one it is mute.

    States: met, waiting, failing, stale, todo; signs: tick, cross, unknown.
    """
    return {"state": state, "label": label}


@register.simple_tag
def axis_for(
    values: Sequence[float], *, currency: str, zero_note: str = ""
) -> marks.Axis:
    """Return the axis that range bars share: `{% axis_for values … as axis %}`."""
    return marks.axis_for(values, currency=currency, zero_note=zero_note)


@register.simple_tag
def dot_axis(dots: Sequence[float], currency: str) -> marks.Axis:
    """Return a dot plot's axis, for the range bar below it: `{% dot_axis … as axis %}`."""
    return marks.dot_axis(dots, currency=currency)


@register.inclusion_tag("components/range_axis.html")
def range_axis(axis: marks.Axis, *, height: int = 20) -> dict[str, Any]:
    """Render the scale above rows of range bars."""
    return {"axis": axis, "height": height}


@register.inclusion_tag("components/range_bar.html")
def range_bar(
    low: float,
    mean: float,
    high: float,
    *,
    axis: marks.Axis,
    size: str = "row",
) -> dict[str, Any]:
    """Render a range of money: 5 to 95 %, dot at the mean, line at zero.

    Sizes: row (a table), list (a project), large (overview), picture (with numbers).
    """
    return {"bar": marks.range_bar(low, mean, high, axis=axis, size=size)}


@register.inclusion_tag("components/dot_plot.html")
def dot_plot(dots: Sequence[float], currency: str) -> dict[str, Any]:
    """Render equally likely futures as dots in columns, gain right of zero."""
    plot = marks.dot_plot(dots, currency=currency)
    counts = {"losing": plot.losing, "paying": plot.paying, "all": len(plot.dots)}
    return {
        "plot": plot,
        # A count pushed in from the edge has room for a word less.
        "losing": (
            ngettext("%(n)s loses", "%(n)s lose", plot.losing)
            if plot.left_anchor == "start"
            else ngettext("%(n)s loses money", "%(n)s lose money", plot.losing)
        )
        % {"n": plot.losing},
        "paying": (
            ngettext("%(n)s pays", "%(n)s pay", plot.paying)
            if plot.right_anchor == "end"
            else ngettext("%(n)s pays back", "%(n)s pay back", plot.paying)
        )
        % {"n": plot.paying},
        "words": _(
            "%(paying)s of %(all)s possible futures pay back, %(losing)s lose money"
        )
        % counts,
    }


@register.inclusion_tag("components/score_bar.html")
def score_bar(value: float, agreed: float | None = None) -> dict[str, Any]:
    """Render a score of 0 to 100 against what was agreed."""
    return {"bar": marks.score_bar(value, agreed)}


@register.inclusion_tag("components/band_bar.html")
def band_bar(value: float, bounds: Sequence[float], words: str) -> dict[str, Any]:
    """Render a figure against the bounds of its bands; `words` say both."""
    return {"bar": spans.band_bar(value, bounds), "words": words}


@register.inclusion_tag("components/sparkline.html")
def sparkline(values: Sequence[float | None], label: str) -> dict[str, Any]:
    """Render a short series as a line without axes; `label` says what it shows."""
    return {"line": marks.sparkline(values), "label": label}


@register.inclusion_tag("components/scatter.html")
def scatter(picture: marks.Scatter, label: str) -> dict[str, Any]:
    """Render money against a metric; dots and table rows find each other by key."""
    return {"picture": picture, "label": label}


# Jobs


@register.inclusion_tag("components/job_progress.html")
def job_progress(
    job: Job, *, poll_url: str = "", cancel_url: str = ""
) -> dict[str, Any]:
    """Render a job: how far, how long still, a way to stop it; then its verdict.

    While it is not finished the row asks `poll_url` each second for itself.
    """
    return {
        "job": job,
        "poll_url": "" if job.is_finished else poll_url,
        "cancel_url": "" if job.is_finished or job.cancel_asked else cancel_url,
        "per_cent": math.floor(100 * job.progress),
        "left": "" if job.eta is None else _duration(job.eta),
    }


def _duration(time: timedelta) -> str:
    seconds = max(round(time.total_seconds()), 1)
    if seconds < 60:
        return ngettext("%(n)s second", "%(n)s seconds", seconds) % {"n": seconds}
    minutes = round(seconds / 60)
    if minutes < 60:
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    hours = round(minutes / 60)
    return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}


# Charts


@dataclass(frozen=True)
class ChartIds:
    """The ids of one chart's elements, unlike any other's on the page."""

    data: str
    title: str
    text: str


@register.inclusion_tag("components/chart.html")
def chart(
    figure: Drawable | dict[str, Any], title: str, text: str, *, shape: str = "wide"
) -> dict[str, Any]:
    """Render a figure that is drawn when it scrolls into view.

    `text` says in words what it shows. Shapes: wide, square, tall. A colour of the
    figure may be written `var(--gain)`; the page's theme fills it in.
    """
    stem = f"chart-{secrets.token_hex(4)}"
    ids = ChartIds(data=f"{stem}-data", title=f"{stem}-title", text=f"{stem}-text")
    drawn = figure if isinstance(figure, dict) else json.loads(figure.to_json())
    # The template of plotly is 7 KB of colours that the page's theme replaces.
    layout = {k: v for k, v in drawn.get("layout", {}).items() if k != "template"}
    return {
        "figure": {"data": drawn.get("data", []), "layout": layout},
        "title": title,
        "text": text,
        "shape": shape,
        "stem": stem,
        "ids": ids,
    }
