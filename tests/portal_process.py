"""A real portal for tests: every process of `make run`, with a data folder of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 90  # for a machine under load; nothing here measures time
# What a developer's shell may set and a test must not inherit.
FOREIGN = ("DATABASE_URL", "BROKER_URL", "CACHE_URL", "DJANGO_SETTINGS_MODULE")


def environment(**changes: str) -> dict[str, str]:
    """Return the environment of a portal process, without this test run's own."""
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    return {**kept, "EXAMPLE": "off", "PYTHONUNBUFFERED": "1", **changes}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def eventually(condition, *, seconds=PATIENCE_SECONDS):
    """Return the first true result of `condition`, or fail when patience ends."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if result := condition():
            return result
        time.sleep(0.1)
    raise AssertionError(f"never came true: {condition}")


def manage(*arguments: str, data: Path, **changes: str):
    """Run a management command on a data folder and return how it ended."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment(DATA_DIR=str(data), **changes),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )


@dataclass
class Portal:
    """One `manage.py runportal`, its address and its processes."""

    data: Path
    port: int = field(default_factory=free_port)
    prefix: tuple[str, ...] = ()  # a command that runs the command
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        return self.data.with_suffix(".out").read_text()

    def start(self) -> "Portal":
        with self.data.with_suffix(".out").open("w") as output:
            self.owner = subprocess.Popen(
                [*self.prefix, sys.executable, "manage.py", "runportal"],
                cwd=ROOT,
                env=environment(
                    DATA_DIR=str(self.data), PORT=str(self.port), **self.settings
                ),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        eventually(self.is_up_or_dead)
        assert self.owner.poll() is None, self.output
        return self

    def is_up_or_dead(self) -> bool:
        if self.owner.poll() is not None:
            return True
        return "Ctrl-C stops everything" in self.output and self.answers()

    def answers(self) -> bool:
        try:
            address = f"{self.url}/healthz"  # our own server
            with urllib.request.urlopen(address, timeout=20) as answer:  # noqa: S310
                return answer.status == 200
        except OSError:
            return False

    def sign_in_link(self) -> str:
        """Return the one-time link that the start printed."""
        found = re.search(r"\S+/login/link/\S+", self.output)
        assert found, self.output
        return found.group()

    def child(self, word: str) -> psutil.Process | None:
        """Return the owner's child whose command holds `word`, if it lives."""
        for process in psutil.Process(self.owner.pid).children():
            try:
                if word in " ".join(process.cmdline()):
                    return process
            except psutil.NoSuchProcess:
                continue
        return None

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask the owner to stop and return its code."""
        if self.owner.poll() is None:
            self.owner.send_signal(number)
        try:
            return self.owner.wait(PATIENCE_SECONDS)
        finally:
            if self.owner.poll() is None:
                self.owner.kill()

    def processes(self) -> list[psutil.Process]:
        """Return every process that works on this data folder."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("DATA_DIR") == str(self.data):
                    found.append(process)
            except psutil.Error:
                continue
        return [each for each in found if each.status() != psutil.STATUS_ZOMBIE]
