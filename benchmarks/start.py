"""From `make run` to the first page: in a fresh clone, and when all is installed.

`python -m benchmarks.start` clones this repository's last commit into a temporary
folder and runs it there twice. Bars: 90 s the first time, with the packages in the
installer's cache, and 15 s the second.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from benchmarks._figures import verdict
from tests.portal_process import ROOT, free_port

COLD_BAR, INSTALLED_BAR = 90.0, 15.0
PATIENCE_SECONDS = 600


def answers(port: int) -> bool:
    """Return whether the first page comes."""
    try:
        address = f"http://127.0.0.1:{port}/login/"  # our own server
        with urllib.request.urlopen(address, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def seconds_to_first_page(clone: Path, data: Path) -> float:
    """Return the seconds from the command to the first page; everything is stopped."""
    port = free_port()
    kept = ("PATH", "HOME", "PIP_INDEX_URL", "PIP_CERT", "SSL_CERT_FILE")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    settings = {"PORT": str(port), "DATA_DIR": str(data)}
    before = time.monotonic()
    with (data.parent / "output").open("a") as output:
        process = subprocess.Popen(
            ["make", "run"],
            cwd=clone,
            env={**environment, **settings},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        while not answers(port):
            if (
                process.poll() is not None
                or time.monotonic() - before > PATIENCE_SECONDS
            ):
                raise SystemExit((data.parent / "output").read_text())
            time.sleep(0.05)
        return time.monotonic() - before
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(PATIENCE_SECONDS)


def main() -> int:
    """Print both figures; fail when one misses its bar."""
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as name:
        folder = Path(name)
        clone = folder / "clone"
        subprocess.run(
            ["git", "clone", "--quiet", "--no-hardlinks", ROOT, clone], check=True
        )
        cold = seconds_to_first_page(clone, folder / "data")
        installed = seconds_to_first_page(clone, folder / "data")
    held = [
        verdict("fresh clone to first page", cold, COLD_BAR, "s"),
        verdict("installed, to first page", installed, INSTALLED_BAR, "s"),
    ]
    return int(not all(held))


if __name__ == "__main__":
    sys.exit(main())
