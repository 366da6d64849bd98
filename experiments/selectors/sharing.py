"""Reports as shared links show them: as they stood when the link was made."""

from typing import Any

from experiments.models import Experiment
from experiments.selectors.report_sheet import ReportSheet, sheet_of
from projects.models import Project, SharedLink
from projects.selectors.sharing import Shareable, Taken, register


def take_report(project: Project, pk: int) -> Taken | None:
    """Return the report of one of the project's experiments, as it stands now."""
    rows = Experiment.objects.filter(project=project).select_related("project")
    row = rows.filter(pk=pk).first()
    return Taken(row.name, sheet_of(row).to_json()) if row else None


def show_report(link: SharedLink) -> dict[str, Any]:
    """Return the report that a link keeps."""
    return {"sheet": ReportSheet.from_json(link.content)}


def register_reports() -> None:
    """Let reports be shown by link."""
    register(
        SharedLink.Kind.REPORT,
        Shareable(
            take_report,
            show_report,
            "experiments/report_shared.html",
            "experiments:report",
        ),
    )
