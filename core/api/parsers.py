"""JSON as requests bring it."""

import json
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import parsers
from rest_framework.exceptions import ParseError


class JSONParser(parsers.JSONParser):
    """JSON whose texts can be kept: half of a surrogate pair cannot."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        """Return the content, or refuse a text that no UTF-8 can hold."""
        content = super().parse(*args, **kwargs)
        try:
            json.dumps(content, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise ParseError(
                _("A text holds half a character (%(code)s). Send the whole of it.")
                % {"code": ascii(error.object[error.start])}
            ) from error
        return content
