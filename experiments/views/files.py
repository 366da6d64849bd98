"""Files of runs, sent as files and never as pages."""

from pathlib import PurePosixPath

from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from core import objects
from core.access import PortalRequest, signed_in
from core.downloads import attachment
from experiments.models import Run


@signed_in
@require_safe
def run_file(request: PortalRequest, slug: str, pk: str, path: str) -> FileResponse:
    """Send one file of a run; its path is a key in a table and touches no disk."""
    rows = Run.objects.visible_to(request.actor).filter(project__slug=slug)
    run = get_object_or_404(rows, pk=pk)
    ref = objects.references("run", run.pk).get(path)
    return attachment(ref, PurePosixPath(path).name)
