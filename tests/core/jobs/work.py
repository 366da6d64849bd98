"""What the tests of jobs have children do; importable without Django."""

import mmap
import os
import signal
import socket
import time
from pathlib import Path
from typing import Any

from engine.errors import EngineError


def double(*, folder: Path, report, x: float) -> dict[str, Any]:
    report.progress(0.5, "half way")
    report.log("doubling")
    report.metric("x", x, step=3)
    (folder / "out.txt").write_text(str(2 * x))
    return {"x": 2 * x}


def sleep(*, folder: Path, report, seconds: float, note: str = "") -> dict[str, Any]:
    report.progress(0.1, note)
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        time.sleep(0.02)
    return {}


def spin(*, folder: Path, report) -> dict[str, Any]:
    while True:
        pass


def refuse(*, folder: Path, report) -> dict[str, Any]:
    raise EngineError("data.csv, line 3: “abc” is no number. Write a number.")


def stumble(*, folder: Path, report) -> dict[str, Any]:
    return {"x": 1 / 0}


def hoard(*, folder: Path, report, gigabytes: int = 8) -> dict[str, Any]:
    held = [bytearray(64 * 1024 * 1024) for _ in range(gigabytes * 16)]
    return {"held": len(held)}


def hoard_and_abort(*, folder: Path, report) -> dict[str, Any]:
    os.write(2, b"memory allocation of 8589934592 bytes failed\n")
    os.abort()


def kill_itself(*, folder: Path, report) -> dict[str, Any]:
    report.log("about to die")
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def write_much(*, folder: Path, report, megabytes: int) -> dict[str, Any]:
    with (folder / "big").open("wb") as target:
        for _ in range(megabytes):
            target.write(bytes(1024 * 1024))
    return {}


def answer_much(*, folder: Path, report) -> dict[str, Any]:
    return {"x": "x" * 2_000_000}


def answer_no_dict(*, folder: Path, report):
    return [1]


def leave_a_link(*, folder: Path, report) -> dict[str, Any]:
    os.symlink("/etc/hostname", folder / ".result.json")
    os._exit(0)


def leave_a_grandchild(*, folder: Path, report) -> dict[str, Any]:
    pid = os.fork()
    if pid == 0:
        time.sleep(600)
        os._exit(0)
    return {"pid": pid}


def tell_about_itself(*, folder: Path, report) -> dict[str, Any]:
    return {
        "environment": dict(os.environ),
        "nice": os.nice(0),
        "leads": os.getsid(0) == os.getpid(),
        "cwd": os.getcwd(),
        "django": "django" in __import__("sys").modules,
        "threads": len(os.listdir("/proc/self/task")),
    }


def call_out(*, folder: Path, report, port: int) -> dict[str, Any]:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError as error:
        return {"reached": False, "error": str(error)}
    return {"reached": True}


def babble(*, folder: Path, report) -> dict[str, Any]:
    for _ in range(2000):
        report.log("x" * 100)
    return {}


def map_memory(*, folder: Path, report, megabytes: int) -> dict[str, Any]:
    mmap.mmap(-1, megabytes * 1024 * 1024).close()
    return {}
