"""The pool process's end: start the fork server, call, listen, kill."""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.child.limits import Limits
from core.child.work import CALL, RESULT

ROOT = Path(__file__).resolve().parents[2]
# One thread each: a fork must not meet a lock held by a thread that is not there,
# and every thread's arena would bite into the address space.
ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "PYTHONPATH": str(ROOT),
    "PYTHONUNBUFFERED": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "ARROW_NUM_THREADS": "1",
    "ARROW_IO_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "POLARS_MAX_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
}
LINE_BYTES = 16_384
READ_BYTES = 65_536
START_SECONDS = 120.0


class ServerGone(Exception):
    """The fork server died, and its child with it."""


@dataclass(frozen=True)
class Ending:
    """How a child ended: with an exit code, or by a signal."""

    code: int | None
    signal: int | None


class Child:
    """One running call."""

    def __init__(self, channel: socket.socket, up: int) -> None:
        self._channel = channel
        self._up = up
        self._rest = b""
        self._up_open = True
        self.pid: int | None = None
        self.ending: Ending | None = None

    def listen(self, seconds: float) -> Iterator[dict[str, Any]]:
        """Yield what came up the pipe, for at most `seconds` if nothing comes.

        Raises
        ------
        ServerGone
            If the server died before it told how the child ended.
        """
        watched: list[Any] = [self._channel] if self.ending is None else []
        if self._up_open:
            watched.append(self._up)
        ready, _, _ = select.select(watched, [], [], seconds)
        if self._channel in ready:
            self._hear_server()
        if self._up in ready:
            yield from self._hear_child()

    def _hear_server(self) -> None:
        try:
            message = self._channel.recv(READ_BYTES)
        except ConnectionError:
            message = b""
        if not message:
            raise ServerGone
        for line in message.splitlines():
            told = json.loads(line)
            if "pid" in told:
                self.pid = told["pid"]
            else:
                self.ending = Ending(code=told.get("exit"), signal=told.get("signal"))

    def _hear_child(self) -> Iterator[dict[str, Any]]:
        piece = os.read(self._up, READ_BYTES)
        if not piece:
            self._up_open = False
            return
        *lines, self._rest = (self._rest + piece).split(b"\n")
        self._rest = self._rest[:LINE_BYTES]
        for line in lines:
            with contextlib.suppress(ValueError):  # the child is not to be trusted
                told = json.loads(line)
                if isinstance(told, dict):
                    yield told

    def last_words(self) -> Iterator[dict[str, Any]]:
        """Yield what still lies in the pipe of an ended child."""
        while self._up_open:
            ready, _, _ = select.select([self._up], [], [], 0)
            if not ready:
                return
            yield from self._hear_child()

    def kill(self) -> None:
        """Kill the child and all it started, and wait for the server to say so."""
        deadline = time.monotonic() + START_SECONDS
        with contextlib.suppress(ServerGone):
            while self.ending is None and time.monotonic() < deadline:
                if self.pid is not None:
                    for kill in (os.killpg, os.kill):  # it may not lead a group yet
                        with contextlib.suppress(ProcessLookupError):
                            kill(self.pid, signal.SIGKILL)
                for _message in self.listen(0.05):
                    pass

    def close(self) -> None:
        """Let go of the pipe."""
        os.close(self._up)


class ForkServer:
    """The fork server of this process; started at its first use."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None

    def start(self) -> None:
        """Start the server unless it runs; only the main thread may."""
        if self._process is not None and self._process.poll() is None:
            return
        self.stop()
        ours, theirs = socket.socketpair()
        with theirs:
            handle = theirs.fileno()
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [
                    sys.executable,
                    "-m",
                    "core.child.server",
                    str(handle),
                    str(os.getpid()),
                ],
                env=ENVIRONMENT | {"PATH": os.environ.get("PATH", os.defpath)},
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                pass_fds=[handle],
                start_new_session=True,
            )
        self._channel = ours

    def call(
        self, function: str, arguments: dict[str, Any], folder: Path, limits: Limits
    ) -> Child:
        """Return the child that makes one call; its files are those of `folder`.

        Raises
        ------
        ServerGone
            If the server dies before it can take the call.
        """
        self.start()
        assert self._channel is not None  # noqa: S101 - start made it
        (folder / RESULT).unlink(missing_ok=True)
        content = {
            "function": function,
            "arguments": arguments,
            "limits": asdict(limits),
        }
        (folder / CALL).write_text(json.dumps(content))
        up, end = os.pipe()
        message = json.dumps({"function": function, "folder": str(folder)}).encode()
        message += b"\n"
        try:
            socket.send_fds(self._channel, [message], [end])
        except OSError as error:
            os.close(up)
            raise ServerGone from error
        finally:
            os.close(end)
        return Child(self._channel, up)

    def stop(self) -> None:
        """End the server and its child; the next call starts another."""
        if self._channel is not None:
            self._channel.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = self._channel = None
