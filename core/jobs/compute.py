"""One computation of a job, in its limited child."""

import json
import os
import signal
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from django.utils.translation import gettext as _

from core.child.client import Child, Ending, ForkServer, ServerGone
from core.child.limits import Limits
from core.child.work import MEMORY_EXIT, OUTPUT, RESULT, RESULT_BYTES
from core.jobs.errors import JobFailed, NoVerdict
from engine.words import Sentence, again

POLL_SECONDS = 0.05
TAIL_BYTES = 4000
# What libraries that abort instead of raising MemoryError leave on stderr.
OUT_OF_MEMORY = (b"memory allocation of", b"bad_alloc", b"Unable to allocate")

Json = dict[str, Any]
server = ForkServer()


class Listener(Protocol):
    """What a computation needs of the job that runs it."""

    def check(self) -> None:
        """Raise if the computation has to stop now."""

    def heard(self, message: Json) -> None:
        """Take one line that came up the pipe."""

    def log(self, line: str) -> None:
        """Keep one line in the job's log."""


class Runner(Protocol):
    """A way to make one call of the engine."""

    def __call__(
        self,
        function: Callable[..., Json],
        arguments: Json,
        *,
        folder: Path,
        limits: Limits,
        listener: Listener,
    ) -> Json:
        """Return what the function returns."""


def name_of(function: Callable[..., Any]) -> str:
    """Return the name under which the child finds the function.

    Raises
    ------
    ValueError
        If it is not a plain function of a module: a child could not import it.
    """
    if "<" in function.__qualname__ or "." in function.__qualname__:
        raise ValueError(f"{function.__qualname__} is not a function of a module")
    return f"{function.__module__}:{function.__name__}"


def in_child(
    function: Callable[..., Json],
    arguments: Json,
    *,
    folder: Path,
    limits: Limits,
    listener: Listener,
) -> Json:
    """Return what `function` returns, computed in a limited child process.

    Raises
    ------
    JobFailed
        If it raised, was stopped by a limit, or returned what cannot be kept.
    NoVerdict
        If a signal killed it: nobody knows why.
    """
    try:
        child = server.call(name_of(function), arguments, folder, limits)
    except ServerGone as error:
        raise NoVerdict("the fork server died") from error
    try:
        ending = _wait_for(child, listener)
    except ServerGone as error:
        raise NoVerdict("the fork server died") from error
    finally:
        if child.ending is None:
            child.kill()
        child.close()
        if child.ending is None:  # nobody knows what it still does
            server.stop()
    if ending.code != 0:
        _keep_output(folder, listener)
    return _outcome(ending, folder, limits)


def _wait_for(child: Child, listener: Listener) -> Ending:
    while child.ending is None:
        for message in child.listen(POLL_SECONDS):
            listener.heard(message)
        listener.check()
    for message in child.last_words():
        listener.heard(message)
    return child.ending


def _keep_output(folder: Path, listener: Listener) -> None:
    tail = _tail(folder).decode(errors="replace").strip()
    if tail:
        listener.log(tail)


def _tail(folder: Path) -> bytes:
    try:
        with (folder / OUTPUT).open("rb") as output:
            output.seek(max(0, os.fstat(output.fileno()).st_size - TAIL_BYTES))
            return output.read(TAIL_BYTES)
    except OSError:
        return b""


def _outcome(ending: Ending, folder: Path, limits: Limits) -> Json:
    if ending.code == 0:
        return _result(folder)
    if ending.code == MEMORY_EXIT or _aborted_for_memory(ending, folder):
        raise JobFailed(
            _(
                "Stopped at the memory limit of %(limit)s MB. Try with less data or "
                "a smaller setting, or ask an admin for a larger limit."
            )
            % {"limit": limits.memory_mb}
        )
    if ending.signal == signal.SIGXCPU:
        raise JobFailed(
            _(
                "Stopped at the CPU limit of %(limit)s s. Try with less data or a "
                "smaller setting."
            )
            % {"limit": limits.cpu}
        )
    if ending.signal is not None:
        raise NoVerdict(f"its process was killed by signal {ending.signal}")
    raise JobFailed(_sentence(folder, ending, limits))


def _aborted_for_memory(ending: Ending, folder: Path) -> bool:
    if ending.signal != signal.SIGABRT:
        return False
    tail = _tail(folder)
    return any(words in tail for words in OUT_OF_MEMORY)


def _sentence(folder: Path, ending: Ending, limits: Limits) -> str:
    told = _answer(folder)
    if told.get("for_people"):
        words = again(told.get("words"))
        return words if isinstance(words, Sentence) else str(told.get("error"))
    if told.get("file_limit"):
        return _("A file grew beyond the limit of %(limit)s MB.") % {
            "limit": limits.file_mb
        }
    if "type" in told:
        return _("The computation failed with %(type)s: %(error)s") % {
            "type": told["type"],
            "error": told.get("error"),
        }
    return _("The computation ended with exit code %(code)s.") % {"code": ending.code}


def _result(folder: Path) -> Json:
    result = _answer(folder).get("result")
    if not isinstance(result, dict):
        raise JobFailed(_("The computation left no result that can be read."))
    return result


def _answer(folder: Path) -> Json:
    """Return the child's one JSON file; nothing if it is no small plain file."""
    try:
        handle = os.open(folder / RESULT, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return {}
    with os.fdopen(handle, "rb") as source:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode) or about.st_size > RESULT_BYTES:
            return {}
        try:
            told = json.loads(source.read())
        except ValueError:
            return {}
    return told if isinstance(told, dict) else {}
