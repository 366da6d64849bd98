"""Files of runs, sent as files and never as pages."""

from pathlib import PurePosixPath

from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404

from core import objects
from core.access import PortalRequest, signed_in
from experiments.models import Run


@signed_in
def run_file(request: PortalRequest, slug: str, pk: str, path: str) -> FileResponse:
    """Send one file of a run; its path is a key in a table and touches no disk."""
    rows = Run.objects.visible_to(request.actor).filter(project__slug=slug)
    run = get_object_or_404(rows, pk=pk)
    ref = objects.references("run", run.pk).get(path)
    if ref is None:
        raise Http404
    return as_download(FileResponse(objects.open_object(ref)), path)


def as_download(response: FileResponse, path: str) -> FileResponse:
    """Return the response such that a browser saves it and runs nothing of it."""
    name = PurePosixPath(path).name
    safe = "".join(c if c.isalnum() or c in "._-" else "_" for c in name) or "file"
    response["Content-Type"] = "application/octet-stream"
    response["Content-Disposition"] = f'attachment; filename="{safe}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
