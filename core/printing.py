"""Paper through the installed Chromium: one page in, one PDF out. Knows no Django.

Runs in a job's limited child, which has left the network where the kernel permits;
the page forbids every request by its own content policy besides.
"""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from engine.errors import EngineError
from engine.progress import Reporter

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Chromium reserves far more address space than it ever uses, and dies without it.
ADDRESS_SPACE_MB = 4 * 1024 * 1024
WAIT_SECONDS = 45
PDF = "page.pdf"
QUIET = (
    "--headless=new",
    "--disable-gpu",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-pdf-header-footer",
    # Whatever a page might still ask for leads nowhere.
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=127.0.0.1:9",
)


class PrintProblem(EngineError):
    """Chromium made no PDF; the message says what it said."""


def find_chromium(named: str = "") -> str:
    """Return the path of a Chromium, `named` or one of the usual names; "" if none is."""
    found = (shutil.which(each) for each in (named, *NAMES) if each)
    return next((path for path in found if path), "")


def print_page(
    *, folder: Path, report: Reporter, page: str, chromium: str
) -> dict[str, Any]:
    """Print an HTML file to ``page.pdf`` in `folder`.

    Raises
    ------
    PrintProblem
        If Chromium fails, takes too long, or leaves no file.
    """
    target = folder / PDF
    report.progress(0.1, "printing")
    profile = folder / "profile"
    command = [
        chromium,
        *QUIET,
        # Root has no user namespace to build the sandbox in.
        *(("--no-sandbox",) if os.geteuid() == 0 else ()),
        f"--user-data-dir={profile}",
        f"--print-to-pdf={target}",
        Path(page).as_uri(),
    ]
    surroundings = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
        "XDG_CACHE_HOME": str(folder),
        # The folder, said short: a socket's path has a hundred characters at most.
        "TMPDIR": ".",
    }
    try:
        done = subprocess.run(  # noqa: S603  # the operator's own program
            command,
            env=surroundings,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=WAIT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        msg = f"Chromium took longer than {WAIT_SECONDS} s; print from the browser"
        raise PrintProblem(msg) from late
    finally:
        shutil.rmtree(profile, ignore_errors=True)
    if done.returncode != 0 or not target.is_file():
        report.log(done.stderr.decode(errors="replace")[-2000:])
        msg = f"Chromium ended with {done.returncode} and left no PDF; see the log"
        raise PrintProblem(msg)
    return {"file": PDF, "bytes": target.stat().st_size}
