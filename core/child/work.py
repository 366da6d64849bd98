"""What a forked child does: one call, its files, one result."""

import errno
import json
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from core.child.limits import Limits, impose, leave_the_network
from core.processes import DEADLY, die_with
from engine.errors import EngineError
from engine.words import kept

CALL = ".call.json"
RESULT = ".result.json"
OUTPUT = ".output.txt"
RESULT_BYTES = 1024 * 1024
LINE_CHARS = 2000
MEMORY_EXIT = 3
# Between two reports of progress; a loop may report as often as it likes.
PROGRESS_SECONDS = 0.1


class TooLargeResult(EngineError):
    """A result is for a database column; files are for the rest."""


class PipeReporter:
    """A reporter that writes JSON lines up a pipe."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._last = float("-inf")

    def progress(self, share: float, note: str = "") -> None:
        """Pass the progress up, unless the last is very young."""
        now = time.monotonic()
        if share < 1 and now - self._last < PROGRESS_SECONDS:
            return
        self._last = now
        self._send({"progress": share, "note": note[:LINE_CHARS]})

    def log(self, line: str) -> None:
        """Pass one line up."""
        self._send({"log": line[:LINE_CHARS]})

    def metric(self, key: str, value: float, step: int = 0) -> None:
        """Pass one measurement up."""
        self._send({"metric": key[:LINE_CHARS], "value": value, "step": step})

    def _send(self, message: dict[str, Any]) -> None:
        line = json.dumps(message).encode() + b"\n"
        while line:
            line = line[os.write(self._handle, line) :]


def function_named(name: str) -> Callable[..., dict[str, Any]]:
    """Return the function that `package.module:function` names."""
    module, _, function = name.partition(":")
    found: Callable[..., dict[str, Any]] = getattr(import_module(module), function)
    return found


def run(folder: Path, up: int, server: int) -> NoReturn:
    """Make the call that lies in `folder`, within its limits, and exit."""
    code = 1
    try:
        os.setsid()
        die_with(server, DEADLY)
        _settle_in(folder)
        call = _take_call(folder)
        if not call["limits"]["network"]:
            leave_the_network()
            die_with(server, DEADLY)  # a change of namespace may have cleared it
        code = _call(call, folder, PipeReporter(up))
    except MemoryError:
        code = MEMORY_EXIT
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _settle_in(folder: Path) -> None:
    output = os.open(folder / OUTPUT, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for old, new in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(old, new)
    os.chdir(folder)
    os.environ["TMPDIR"] = os.environ["HOME"] = str(folder)
    tempfile.tempdir = None


def _take_call(folder: Path) -> dict[str, Any]:
    """Return the call and forget its file: its arguments may be secrets."""
    call: dict[str, Any] = json.loads((folder / CALL).read_bytes())
    (folder / CALL).unlink()
    return call


def _call(call: dict[str, Any], folder: Path, report: PipeReporter) -> int:
    impose(Limits(**call["limits"]))
    try:
        function = function_named(call["function"])
        answer = function(folder=folder, report=report, **call["arguments"])
        content = json.dumps({"result": answer}).encode()
        if len(content) > RESULT_BYTES:
            raise TooLargeResult(
                f"The result has {len(content)} bytes; at most {RESULT_BYTES} fit. "
                "Write large results to files."
            )
        code = 0
    except MemoryError:
        return MEMORY_EXIT
    except Exception as error:
        traceback.print_exc()
        content, code = json.dumps(_told(error)).encode(), 1
    _keep(folder, content)
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def _told(error: Exception) -> dict[str, Any]:
    return {
        "error": str(error)[:LINE_CHARS],
        "words": _words(error),
        "type": type(error).__name__,
        "for_people": isinstance(error, EngineError),
        "file_limit": getattr(error, "errno", None) == errno.EFBIG,
    }


def _words(error: Exception) -> Any:
    """Return what the message was made of, so that it can be said in any language."""
    if not isinstance(error, EngineError) or not error.args:
        return None
    words = kept(error.args[0])
    try:
        return words if len(json.dumps(words)) <= LINE_CHARS else None
    except TypeError:
        return None


def _keep(folder: Path, content: bytes) -> None:
    part = folder / (RESULT + ".part")
    with part.open("wb") as target:
        target.write(content)
        target.flush()
        os.fsync(target.fileno())
    os.replace(part, folder / RESULT)
