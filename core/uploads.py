"""Files that people and tools send, streamed into the store, never whole in memory."""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, Protocol

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect

from core.access import PortalRequest
from core.objects import CHUNK, CutOffError, Incoming, TooLargeError, receive

# What the other fields and the boundaries of a form may take besides the file.
FORM_BYTES = 1024 * 1024
NAME_CHARS = 255


class Readable(Protocol):
    """Where the body of a request comes from."""

    def read(self, size: int = ..., /) -> bytes:
        """Return the next bytes, none at the end."""

    def readline(self, size: int = ..., /) -> bytes:
        """Return the next line."""

    def close(self) -> None:
        """Let go of it."""


class CountedBody:
    """The body of a request, with the bytes counted that have arrived.

    A connection that breaks looks like the end of the body: the parsers of forms
    would take what has come so far for the whole file.
    """

    def __init__(self, body: Readable) -> None:
        self._body = body
        self.arrived = 0

    def read(self, *size: int) -> bytes:
        """Return the next bytes, counted."""
        return self._count(self._body.read(*size))

    def readline(self, *size: int) -> bytes:
        """Return the next line, counted."""
        return self._count(self._body.readline(*size))

    def close(self) -> None:
        """Let go of the body."""
        self._body.close()

    def _count(self, piece: bytes) -> bytes:
        self.arrived += len(piece)
        return piece


def announced(request: HttpRequest) -> int:
    """Return how many bytes the request says its body has."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def refuse_if_announced_too_large(request: HttpRequest) -> None:
    """Refuse before a byte was read what is too large by its own account.

    Raises
    ------
    TooLargeError
        If the body is announced as larger than an upload may be.
    """
    if announced(request) > settings.UPLOAD_LIMIT + FORM_BYTES:
        raise TooLargeError(
            _(
                "The file has %(size)s MB; at most %(limit)s MB can be sent at once. "
                "Send a part of it, or the same table as Parquet, which is smaller."
            )
            % {
                "size": announced(request) // 1_000_000,
                "limit": settings.UPLOAD_LIMIT // 1_000_000,
            }
        )


def count_body(request: Any) -> None:
    """Count what arrives of the body; call it before anything reads the form."""
    request._stream = request._counted = CountedBody(request._stream)


def accepts_upload(
    view: Callable[..., HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Let a view take a large form: refused early, counted, CSRF checked after that.

    The token is in the body, so Django's own check would read all of it first.
    """
    checked = csrf_protect(view)

    @wraps(view)
    def guarded(request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST":
            try:
                refuse_if_announced_too_large(request)
            except TooLargeError as error:
                context = {"sentence": str(error), "back": request.path}
                return render(request, "core/too_large.html", context, status=413)
            count_body(request)
        return checked(request, *args, **kwargs)

    guarded.csrf_exempt = True  # type: ignore[attr-defined]  # checked above, after the size
    return guarded


def refuse_if_cut_off(request: Any) -> None:
    """Refuse a form that did not come whole; its parser drops what is unfinished.

    Raises
    ------
    CutOffError
        If the connection broke before the whole form had come.
    """
    counted: CountedBody | None = getattr(request, "_counted", None)
    if counted is not None and counted.arrived < announced(request):
        raise _cut_off(counted.arrived, announced(request))


def receive_field(request: Any, file: UploadedFile) -> Incoming:
    """Return a form's file as it lies in the store.

    Raises
    ------
    CutOffError
        If the connection broke before the whole form had come.
    TooLargeError
        If the file is larger than the limit, or the disk is full.
    """
    refuse_if_cut_off(request)
    return receive(
        file.chunks(CHUNK), limit=settings.UPLOAD_LIMIT, expected_size=file.size
    )


def receive_body(request: Any, *, limit: int | None = None) -> Incoming:
    """Return the body of a request, which is the file itself, in the store.

    `limit` is that of any upload unless told otherwise.

    Raises
    ------
    CutOffError
        If fewer bytes came than were announced.
    TooLargeError
        If they are more than the limit, or the disk is full.
    """
    refuse_if_announced_too_large(request)
    return receive(
        _pieces(request),
        limit=settings.UPLOAD_LIMIT if limit is None else limit,
        expected_size=announced(request),
    )


def _pieces(request: Any) -> Iterator[bytes]:
    try:
        while piece := request.read(CHUNK):
            yield piece
    except OSError as error:
        raise _cut_off(None, announced(request)) from error


def _cut_off(arrived: int | None, whole: int) -> CutOffError:
    if arrived is None:
        return CutOffError(
            _("The connection broke. Nothing was kept; send the file again.")
        )
    return CutOffError(
        _(
            "The upload ended after %(got)s of %(expected)s bytes. Nothing was kept; "
            "send the file again."
        )
        % {"got": arrived, "expected": whole}
    )


def plain_name(name: str) -> str:
    """Return a file's name as text for people: no folders, nothing invisible.

    It never names a place on a disk.
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(each for each in last if each.isprintable()).strip()[-NAME_CHARS:]
