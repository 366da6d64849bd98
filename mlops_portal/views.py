"""Pages that cross apps."""

from django.http import HttpRequest, HttpResponse

from core.access import public


@public
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that the web process answers."""
    return HttpResponse("ok", content_type="text/plain")
