"""Processes that die with the one that started them. Standard library only."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
DEADLY = signal.SIGKILL


def die_with(parent: int, death: signal.Signals) -> None:
    """Have the kernel send `death` to this process when its parent dies.

    The kernel watches the *thread* that made this process, so only a main thread
    may start children. Elsewhere than on Linux there is no such call, and
    nothing happens.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(death), 0, 0, 0)
    if os.getppid() != parent:  # it died before the call
        os._exit(1)


def dies_with_me(death: signal.Signals = signal.SIGTERM) -> Callable[[], None]:
    """Return a `preexec_fn` for a child that shall not outlive this process."""
    parent = os.getpid()
    return lambda: die_with(parent, death)
