"""Stored files sent to people and tools: to keep, never for a browser to run."""

from django.http import FileResponse, Http404

from core import objects
from core.models import ObjectRef


def attachment(ref: ObjectRef | None, file_name: str) -> FileResponse:
    """Return a stored file as a download; 404 if there is none."""
    if ref is None:
        raise Http404
    response = FileResponse(
        objects.open_object(ref),
        as_attachment=True,
        filename=file_name,
        content_type="application/octet-stream",
    )
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
