"""What all ways of sending a file share."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rest_framework import exceptions, serializers, status
from rest_framework.parsers import BaseParser

from core.objects import CutOffError, TooLargeError
from dataquality.services import IncompleteError


class TooLarge(exceptions.APIException):
    """More bytes than may be stored here."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class FileParser(BaseParser):
    """A body that is the file itself; the view reads it, nobody holds it whole."""

    media_type = "application/octet-stream"

    def parse(self, stream: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return nothing: the body stays where it is."""
        return {}


@contextmanager
def refusals() -> Iterator[None]:
    """Answer what the store refuses as problems that name the file."""
    try:
        yield
    except TooLargeError as error:
        raise TooLarge(str(error)) from error
    except (CutOffError, IncompleteError) as error:
        raise serializers.ValidationError({"file": [str(error)]}) from error
