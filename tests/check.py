"""Everything a machine can say about the code beyond its tests: `make check`."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MANAGE = [sys.executable, "manage.py"]
MODULE = [sys.executable, "-m"]
# As in production, so that `check --deploy` speaks of what is deployed.
PRODUCTION = {"TLS": "on", "DEBUG": "off", "SECRET_KEY": secrets.token_urlsafe(48)}
# What starts a portal of its own sets its own variables.
ENVIRONMENTS = {"API contract": {"CONTRACT": "whole"}}

CHECKS: dict[str, list[str | Path]] = {
    "Rules of ruff": [*MODULE, "ruff", "check", "."],
    "Format": [*MODULE, "ruff", "format", "--check", "."],
    "Types": [*MODULE, "mypy", "."],
    "Imports": [sys.executable, Path(sys.executable).with_name("lint-imports")],
    "Migrations": [*MANAGE, "makemigrations", "--check", "--dry-run"],
    "Deployment": [*MANAGE, "check", "--deploy", "--fail-level", "WARNING"],
    "API document": [
        *MANAGE,
        "spectacular",
        "--validate",
        "--fail-on-warn",
        f"--file={os.devnull}",
    ],
    "Vendored assets": [*MODULE, "pytest", "tests/test_vendored_assets.py"],
    "API contract": [*MODULE, "pytest", "tests/api/test_contract.py"],
}


def passes(title: str, command: list[str | Path]) -> bool:
    """Run one check; say in a line how it went, and show what it objects to."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **ENVIRONMENTS.get(title, PRODUCTION)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    print(f"{title:<16} {'failed' if done.returncode else 'ok'}", flush=True)
    if done.returncode:
        print(done.stdout)
    return done.returncode == 0


if __name__ == "__main__":
    results = [passes(title, command) for title, command in CHECKS.items()]
    sys.exit(not all(results))
