"""One digest for the same content, wherever and whenever it is computed."""

import hashlib
import json
from typing import Any


def canonical_json(content: Any) -> bytes:
    """Return `content` as UTF-8 JSON with sorted keys and no spaces.

    Raises
    ------
    ValueError
        If a number is NaN or infinite: such content has no canonical form.
    """
    return json.dumps(
        content,
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    ).encode()


def digest(content: Any) -> str:
    """Return the SHA-256 of the canonical JSON of `content`, in hex."""
    return hashlib.sha256(canonical_json(content)).hexdigest()
