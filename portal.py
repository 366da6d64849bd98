#!/usr/bin/env python3
"""The portal's commands: run | test | link | check | chaos | bench | test-clients | lock.

Needs Python 3.11 and nothing else: the first use makes .venv and installs the pinned
requirements into it; later uses find them there and start at once.
"""

from __future__ import annotations

import hashlib
import os
import pathlib
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.sha256"
RUNTIME, DEVELOPMENT = "requirements.txt", "requirements-dev.txt"
UV = "uv==0.13.8"
LOCKING = (
    "pip compile --universal --python-version 3.11 --generate-hashes --quiet"
    " --no-emit-index-url --no-emit-find-links pyproject.toml"
)
# What each command needs installed, and what it then runs with .venv's Python.
COMMANDS = {
    "run": (RUNTIME, ["manage.py", "runportal"]),
    "link": (RUNTIME, ["manage.py", "sign_in_link"]),
    "test": (DEVELOPMENT, ["tests/run.py"]),
    "check": (DEVELOPMENT, ["tests/check.py"]),
    "chaos": (DEVELOPMENT, ["tests/run.py", "chaos"]),
    "bench": (DEVELOPMENT, ["tests/run.py", "bench"]),
    "test-clients": (DEVELOPMENT, ["tests/clients/run.py"]),
}


def say(line: str) -> None:
    """Print a line at once, also into a pipe."""
    print(line, flush=True)


def uv_environment() -> dict[str, str]:
    """Return the environment in which uv finds what pip finds."""
    environment = dict(os.environ)
    # Without this a private certificate authority ends in `UnknownIssuer`.
    environment.setdefault("UV_SYSTEM_CERTS", "1")
    asked = subprocess.run(
        [PYTHON, "-m", "pip", "config", "get", "global.index-url"],
        capture_output=True,
        text=True,
    )
    index = os.environ.get("PIP_INDEX_URL") or asked.stdout.strip()
    if index:
        environment.setdefault("UV_DEFAULT_INDEX", index)
    return environment


def run_uv(*arguments: str | pathlib.Path) -> None:
    """Run the pinned uv; raise CalledProcessError when it cannot be had or fails."""
    quiet = ["--quiet", "--disable-pip-version-check"]
    get: list[str | pathlib.Path] = ["pip", "install", *quiet, UV]
    for module in (get, ["uv", *arguments]):
        subprocess.run(
            [PYTHON, "-m", *module],
            check=True,
            cwd=ROOT,
            env=uv_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


def last_line(text: str) -> str:
    """Return where tools put the reason: the last line of what they said."""
    return text.strip().rpartition("\n")[2].strip() or "no reason given"


def is_usable(python: pathlib.Path) -> bool:
    """Say whether the environment's Python runs, is new enough and has pip."""
    probe = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    try:
        return not subprocess.run([python, "-c", probe], capture_output=True).returncode
    except OSError:
        return False


def make_environment() -> None:
    """Make .venv anew with this Python."""
    say("Making .venv ...")
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", VENV],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if made.returncode and "ensurepip is not" in made.stdout:
        package = "python{}.{}-venv".format(*sys.version_info[:2])
        sys.exit(
            "Python's venv module is incomplete here. Install it and try again: "
            f"sudo apt-get install {package}"
        )
    if made.returncode:
        sys.exit(f"Could not make .venv: {last_line(made.stdout)}")


def install(requirements: str) -> None:
    """Install the pinned, hashed requirements: with uv, else with pip."""
    say(f"Installing {requirements} into .venv; this happens once ...")
    hashed = ["install", "--require-hashes", "-r", requirements]
    try:
        run_uv("pip", *hashed, "--python", PYTHON)
        return
    except subprocess.CalledProcessError as failure:
        say(f"uv did not work ({last_line(failure.stdout)}); pip takes a few minutes.")
    quiet = ["--quiet", "--disable-pip-version-check"]
    code = subprocess.run([PYTHON, "-m", "pip", *hashed, *quiet], cwd=ROOT).returncode
    if code:
        sys.exit(f"Could not install {requirements}: see pip's message above.")


def digest(requirements: str) -> str:
    """Return the SHA-256 of a lock file."""
    return hashlib.sha256((ROOT / requirements).read_bytes()).hexdigest()


def prepare(requirements: str) -> None:
    """Bring .venv to what `requirements` pins; do nothing when it is there already."""
    import fcntl  # here, so that Windows gets the sentence of main() instead

    # Two first starts at once: the second waits, then finds everything done.
    folder = os.open(ROOT, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    if not is_usable(PYTHON):
        make_environment()
    installed = STAMP.read_text().split() if STAMP.exists() else []
    if digest(requirements) not in installed:
        install(requirements)
        # The development set is locked against the runtime set and contains it.
        contents = {RUNTIME, requirements}
        STAMP.write_text("".join(f"{digest(each)}\n" for each in sorted(contents)))
    os.close(folder)


def lock() -> None:
    """Write both lock files anew from pyproject.toml."""
    prepare(DEVELOPMENT)
    for extra in (f"-o {RUNTIME}", f"--extra dev -c {RUNTIME} -o {DEVELOPMENT}"):
        try:
            run_uv(*shlex.split(LOCKING), *shlex.split(extra))
        except subprocess.CalledProcessError as failure:
            sys.exit(failure.stdout)
    say(f"Wrote {RUNTIME} and {DEVELOPMENT}.")


def main(arguments: list[str]) -> None:
    """Do what the first argument names."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this is the check itself
        found = "{}.{}".format(*sys.version_info[:2])
        sys.exit(f"The portal needs Python 3.11 or newer; this one is {found}.")
    if os.name != "posix":
        sys.exit(
            "The portal runs on Linux and macOS; elsewhere use docker-compose.yml."
        )
    if arguments[:1] == ["lock"]:
        lock()
        return
    if not arguments or arguments[0] not in COMMANDS:
        sys.exit(__doc__.strip())
    requirements, command = COMMANDS[arguments[0]]
    prepare(requirements)
    folder = os.environ.get("DATA_DIR")
    if folder:
        os.environ["DATA_DIR"] = str(pathlib.Path(folder).expanduser().resolve())
    os.chdir(ROOT)
    # Many processes start: without its bytecode each would compile everything anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # exec, so that Ctrl-C and signals reach the owner of the processes itself
    os.execv(PYTHON, [str(PYTHON), *command, *arguments[1:]])


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
