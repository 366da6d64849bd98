"""Secrets that the first start makes. Standard library only: settings import it."""

import os
import secrets
from pathlib import Path


def new_secret(path: Path) -> str:
    """Return a new secret of 384 bits, kept in `path` for its owner's eyes only.

    If another process makes the file first, its secret is the one.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    value = secrets.token_urlsafe(48)
    # Written aside and linked, so that nobody ever reads half a secret.
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(
        os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w"
    ) as file:
        file.write(value)
    try:
        os.link(draft, path)
    except FileExistsError:
        return path.read_text().strip()
    finally:
        draft.unlink()
    return value


def kept_secret(path: Path) -> str:
    """Return the secret in `path`, made now if there is none."""
    return path.read_text().strip() if path.is_file() else new_secret(path)
