"""Child processes: started, watched, mended, stopped in order.

The kernel kills a child when the thread that made it dies, so everything here runs
in the main thread.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from core.processes import dies_with_me

Say = Callable[[str], None]
LOG_LIMIT_BYTES = 10 * 1024**2
LOGS_KEPT = 3
TICK_SECONDS = 0.2
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
# Whoever lived this long has not died of its start: the pauses begin anew.
SETTLED_SECONDS = 60.0


@dataclass
class Child:
    """One process that shall run as long as the portal does.

    `begin` starts it in a session of its own. An errand ends by itself and is
    not started again.
    """

    name: str
    begin: Callable[[], "subprocess.Popen[bytes]"]
    log: Path
    stop_seconds: float = 3.0
    errand: bool = False
    is_asked_to_stop: bool = False
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    failures: int = 0
    start_at: float = field(default=0.0)  # when to start it again, if it is not running

    @property
    def is_running(self) -> bool:
        """Whether its first process lives."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start it now."""
        turn_over(self.log)
        self.is_asked_to_stop = False
        self.process = self.begin()
        self.started_at = time.monotonic()

    def clear(self) -> None:
        """Kill what is left of its process group; its leader is dead or has to be."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def ask_to_stop(self) -> None:
        """Ask it once to end what it does: to be asked again means at once."""
        if self.process is not None and self.is_running and not self.is_asked_to_stop:
            self.is_asked_to_stop = True
            self.process.terminate()

    def stop(self) -> None:
        """Stop it, kindly for `stop_seconds`, then with its whole group."""
        if self.process is None:
            return
        self.ask_to_stop()
        try:
            self.process.wait(self.stop_seconds)
        except subprocess.TimeoutExpired:
            pass
        finally:
            self.clear()

    def pause(self) -> float:
        """Return how many seconds to wait before the next start, and note the death."""
        if time.monotonic() - self.started_at > SETTLED_SECONDS:
            self.failures = 0
        pause = min(FIRST_PAUSE_SECONDS * 2.0**self.failures, LONGEST_PAUSE_SECONDS)
        self.failures += 1
        return pause


def turn_over(log: Path) -> None:
    """Put a long log aside, keeping the latest few."""
    if not log.is_file() or log.stat().st_size < LOG_LIMIT_BYTES:
        return
    for number in range(LOGS_KEPT, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        newer = log.with_name(f"{log.name}.{number - 1}") if number > 1 else log
        if newer.is_file():
            newer.replace(older)


def command(
    name: str,
    arguments: list[str],
    *,
    logs: Path,
    environment: dict[str, str],
    pass_fds: tuple[int, ...] = (),
    stop_seconds: float = 3.0,
    errand: bool = False,
) -> Child:
    """Return a child that runs `arguments`, its output in a log of its own."""
    path = logs / f"{name}.log"

    def begin() -> "subprocess.Popen[bytes]":
        with path.open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - our own commands, no words of others
                arguments,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=pass_fds,
                start_new_session=True,
                # At once: after a kill of the owner nobody waits for a kind end.
                preexec_fn=dies_with_me(signal.SIGKILL),
            )

    return Child(name, begin, log=path, stop_seconds=stop_seconds, errand=errand)


class Family:
    """The children, in the order in which they need each other."""

    def __init__(self, say: Say) -> None:
        self.say = say
        self.children: list[Child] = []

    def add(self, child: Child) -> None:
        """Start a child and keep it."""
        self.children.append(child)
        child.start()

    def watch(self) -> Iterator[None]:
        """Mend what died, forever; yields after each look around."""
        while True:
            for child in list(self.children):
                self.look_at(child)
            yield
            time.sleep(TICK_SECONDS)

    def look_at(self, child: Child) -> None:
        """Note a death and start a dead child again when its pause is over."""
        if child.is_running:
            return
        if child.process is None:
            if time.monotonic() >= child.start_at:
                child.start()
            return
        code = child.process.returncode
        child.clear()
        child.process = None
        if child.errand:
            self.children.remove(child)
            if code:
                self.say(f"{child.name} {how_it_ended(code)}: see {child.log}")
            return
        pause = child.pause()
        child.start_at = time.monotonic() + pause
        self.say(
            f"{child.name} {how_it_ended(code)}; starting it again in {pause:g} s"
            f" ({child.log})"
        )

    def stop(self) -> None:
        """Stop everybody, the last one first; they end what they do side by side.

        Only the first is asked when the others are gone: they may need it to the end.
        """
        for child in reversed(self.children[1:]):
            child.ask_to_stop()
        while self.children:
            self.children[-1].stop()
            self.children.pop()

    def kill(self) -> None:
        """End everybody at once."""
        while self.children:
            self.children.pop().clear()


def how_it_ended(code: int) -> str:
    """Return a process's end in words."""
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with code {code}"
