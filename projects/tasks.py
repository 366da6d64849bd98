"""Jobs of the design phase: a decision's page as PDF."""

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from core.access import Actor
from core.jobs import RunningJob, background_job
from core.jobs.schedule import periodic
from core.models import Job
from core.printing import ADDRESS_SPACE_MB, find_chromium, print_page
from projects import services
from projects.models import Decision
from projects.services.one_pager import keep_pdf, page_html


def chromium() -> str:
    """Return the path of the Chromium that prints; "" if there is none."""
    return find_chromium(settings.CHROMIUM)


def may_print(actor: Actor, *, decision_id: int) -> bool:
    """Whether the actor may still see the decision."""
    return Decision.objects.visible_to(actor).filter(pk=decision_id).exists()


@periodic("projects.rounds.close")
def close_due_rounds() -> None:
    """Count answers whose round ended by its deadline, though nobody writes anything."""
    services.close_due_rounds(now=timezone.now())


@background_job(
    kind="projects.print_decision",
    queue="interactive",
    wall=60,
    memory_mb=ADDRESS_SPACE_MB,
    cpu=60,
    file_mb=64,
    allowed=may_print,
)
def print_decision(job: RunningJob, *, decision_id: int) -> None:
    """Print a decision's page in a child that has no network."""
    decision = Decision.objects.select_related("project").get(pk=decision_id)
    html = page_html(decision)
    page = job.folder / "page.html"
    page.write_text(html)
    result = job.compute(print_page, page=str(page), chromium=chromium())
    with job.recording({"bytes": result["bytes"]}):
        keep_pdf(decision, job.folder / result["file"], page=html)


def start_printing(decision: Decision, *, actor: Actor) -> Job:
    """Submit the job that prints a decision's page, in the caller's transaction."""
    return print_decision.start(
        actor=actor,
        project_id=decision.project_id,
        title=_("PDF of “%(question)s”") % {"question": decision.question[:80]},
        subject_url=decision.project.url("projects:decision_pdf", pk=decision.pk),
        decision_id=decision.pk,
    )
