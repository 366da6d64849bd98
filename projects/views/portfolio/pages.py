"""The portfolio as a table, as bubbles, by stage, as a file."""

import csv
from collections.abc import Iterator

from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from charts.portfolio import Bubble, bubble_chart, bubble_text
from core.access import PortalRequest, signed_in
from core.pages import page_or_fragment
from engine import similarity
from projects.selectors.portfolio import duplicates, export, table

PAGE_SIZE = 50


def _asked(request: PortalRequest) -> table.Portfolio:
    asked = table.Asked.of(request.GET.dict())
    return table.portfolio(request.actor, asked, today=timezone.localdate())


def frame(request: PortalRequest, current: str) -> dict[str, object]:
    """Return what every page of the portfolio shows above its content."""
    return {
        "tabs": table.tabs(current, request.GET.urlencode()),
        "is_admin": request.actor.is_portal_admin,
    }


@signed_in
@require_safe
def portfolio(request: PortalRequest) -> HttpResponse:
    """Show all projects somebody may see, and what they are worth together."""
    found = _asked(request)
    page = Paginator(found.rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        **frame(request, "portfolio"),
        "portfolio": found,
        "page": page,
        "stages": table.stage_choices(),
        "alike": duplicates.pairs_among([each.project for each in found.rows]),
    }
    return page_or_fragment(
        request,
        "projects/portfolio.html",
        "projects/_portfolio_table.html",
        context,
    )


@signed_in
@require_safe
def portfolio_bubbles(request: PortalRequest) -> HttpResponse:
    """Show value over effort, with what is at risk, beside the same rows."""
    found = _asked(request)
    bubbles = [
        Bubble(
            name=each.project.name,
            effort=each.figures.cost,
            gain=each.figures.mean,
            at_risk=max(each.figures.at_risk, 0.0),
        )
        for each in found.counted
        if each.figures
    ]
    context = {
        **frame(request, "portfolio_bubbles"),
        "portfolio": found,
        "stages": table.stage_choices(),
        "figure": bubble_chart(bubbles, currency=found.currency),
        "text": bubble_text(bubbles, currency=found.currency),
    }
    return render(request, "projects/portfolio_bubbles.html", context)


@signed_in
@require_safe
def portfolio_board(request: PortalRequest) -> HttpResponse:
    """Show the projects by how far they have come."""
    found = _asked(request)
    context = {
        **frame(request, "portfolio_board"),
        "portfolio": found,
        "columns": table.board(found.rows),
        "stages": table.stage_choices(),
    }
    return render(request, "projects/portfolio_board.html", context)


@signed_in
@require_safe
def projects_alike(request: PortalRequest) -> HttpResponse:
    """Name the projects that a new one looks like, while it is being typed."""
    typed = {
        name: request.GET.get(field, "")[: similarity.MAX_CHARACTERS]
        for name, field in (
            ("name", "name"),
            ("problem", "problem"),
            ("decision", "decision_supported"),
        )
    }
    context = {"alike": duplicates.lookalikes(request.actor, **typed)}
    return render(request, "projects/_alike.html", context)


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, line: str) -> str:
        return line


@signed_in
@require_safe
def portfolio_export(request: PortalRequest) -> StreamingHttpResponse:
    """Send the table that was asked for as CSV."""
    found = _asked(request)
    writer = csv.writer(_Echo())
    lines: Iterator[str] = map(
        writer.writerow, export.csv_rows(found.rows, found.currency)
    )
    return StreamingHttpResponse(
        lines,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="portfolio.csv"'},
    )
