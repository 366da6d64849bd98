"""Collect the files of the interface, only when they changed."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command


def sources_digest() -> str:
    """Return a digest of the path, size and time of every source file."""
    lines = []
    for finder in get_finders():
        for path, storage in finder.list([]):
            stat = Path(storage.path(path)).stat()
            lines.append(f"{path} {stat.st_size} {stat.st_mtime_ns}")
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def collect_if_changed(stamp: Path) -> bool:
    """Collect static files unless `stamp` says it is done; return whether it was."""
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    digest = sources_digest()
    if manifest.is_file() and stamp.is_file() and stamp.read_text() == digest:
        return False
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(digest)
    return True
