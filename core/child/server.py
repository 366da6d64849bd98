"""The fork server: `python -m core.child.server <socket>`, one a pool process.

It is started with a scrubbed environment, imports a computation's module once,
and forks a child for every call. Limits are set in the child, never here.
"""

import contextlib
import gc
import json
import os
import signal
import socket
import sys
from importlib import import_module
from pathlib import Path

from core.child import work
from core.processes import DEADLY, die_with

MESSAGE_BYTES = 65_536


def main() -> None:
    """Serve calls until the pool process closes its end or dies."""
    parent = int(sys.argv[2])
    die_with(parent, DEADLY)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with socket.socket(fileno=int(sys.argv[1])) as channel:
        while serve_one(channel):
            pass


def serve_one(channel: socket.socket) -> bool:
    """Fork one child and report its end; return False when nobody asks any more."""
    message, handles, _flags, _address = socket.recv_fds(channel, MESSAGE_BYTES, 1)
    while message and not message.endswith(b"\n"):
        message += channel.recv(MESSAGE_BYTES)
    if not message:
        return False
    call = json.loads(message)
    warm_up(call["function"])
    (up,) = handles
    server = os.getpid()
    pid = os.fork()
    if pid == 0:
        channel.close()
        work.run(Path(call["folder"]), up, server)
    os.close(up)
    channel.sendall(json.dumps({"pid": pid}).encode() + b"\n")
    channel.sendall(json.dumps(ended(pid)).encode() + b"\n")
    return True


def warm_up(function: str) -> None:
    """Import the function's module here, so that every child finds it imported.

    A module that cannot be imported fails again in the child, which says why.
    """
    with contextlib.suppress(Exception):
        import_module(function.partition(":")[0])
        gc.freeze()  # shared pages stay shared: the collector does not touch them


def ended(pid: int) -> dict[str, int]:
    """Wait for a child, kill what it left behind, and return how it ended."""
    if hasattr(os, "waitid"):
        # WNOWAIT keeps the number taken until its whole group is gone.
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        kill_group(pid)
        status = os.waitpid(pid, 0)[1]
    else:
        status = os.waitpid(pid, 0)[1]
        kill_group(pid)
    if os.WIFSIGNALED(status):
        return {"signal": os.WTERMSIG(status)}
    return {"exit": os.WEXITSTATUS(status)}


def kill_group(pid: int) -> None:
    """Kill what still runs in the child's own session."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
