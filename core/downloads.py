"""Stored files sent to people and tools: to keep, never for a browser to run."""

from django.http import FileResponse, Http404, StreamingHttpResponse
from django.utils.http import content_disposition_header

from core import objects
from core.models import ObjectRef
from engine.export import csv_blocks

_TO_KEEP = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
}


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
    for name, value in _TO_KEEP.items():
        response[name] = value
    return response


def csv_attachment(ref: ObjectRef | None, file_name: str) -> StreamingHttpResponse:
    """Return a stored Parquet table as a CSV download, written while it is sent.

    A spreadsheet runs nothing of it. 404 if there is no table.
    """
    if ref is None:
        raise Http404
    response = StreamingHttpResponse(
        csv_blocks(objects.local_path(ref)), content_type="text/csv; charset=utf-8"
    )
    disposition = content_disposition_header(as_attachment=True, filename=file_name)
    response["Content-Disposition"] = disposition or "attachment"
    for name, value in _TO_KEEP.items():
        response[name] = value
    return response
