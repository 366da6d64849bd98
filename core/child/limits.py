"""What a child may use, and how the kernel is told."""

import ctypes
import os
import resource
import sys
from dataclasses import dataclass

MIB = 1024 * 1024
OPEN_FILES = 512
# Counted over all processes of the user, so no tight fit; as root the kernel
# does not look at it at all.
PROCESSES = 4096
NICE = 10
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000


@dataclass(frozen=True)
class Limits:
    """What one computation may use."""

    memory_mb: int  # on top of what the imported engine has mapped already
    cpu: int  # seconds
    file_mb: int = 4096  # of one file
    network: bool = False  # whether it may talk to others at all


def impose(limits: Limits) -> None:
    """Limit this process for good; only ever call it in a child."""
    memory = _mapped_bytes() + limits.memory_mb * MIB
    size = limits.file_mb * MIB
    for name, soft, hard in (
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_AS, memory, memory),
        # At the soft limit the kernel sends SIGXCPU, at the hard one SIGKILL.
        (resource.RLIMIT_CPU, limits.cpu, limits.cpu + 5),
        (resource.RLIMIT_FSIZE, size, size),
        (resource.RLIMIT_NOFILE, OPEN_FILES, OPEN_FILES),
        (resource.RLIMIT_NPROC, PROCESSES, PROCESSES),
    ):
        ceiling = resource.getrlimit(name)[1]
        if ceiling != resource.RLIM_INFINITY:
            soft, hard = min(soft, ceiling), min(hard, ceiling)
        resource.setrlimit(name, (soft, hard))
    os.nice(NICE)


def _mapped_bytes() -> int:
    """Return the address space already in use; 0 where it cannot be told."""
    try:
        with open("/proc/self/statm") as pages:
            return int(pages.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 0


def leave_the_network() -> bool:
    """Leave the network behind where the kernel permits it; return whether it did.

    As root a new network namespace is enough. Others need a user namespace as
    well, which many containers forbid: then the child keeps the network.
    """
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None)
    return any(
        libc.unshare(flags) == 0
        for flags in (CLONE_NEWNET, CLONE_NEWUSER | CLONE_NEWNET)
    )
