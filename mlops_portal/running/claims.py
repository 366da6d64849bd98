"""What one running portal claims for itself: its data folder and its port."""

import errno
import fcntl
import os
import socket
import time
from pathlib import Path

# After a kill -9 of the owner the kernel needs a moment to end its children,
# which hold the lock with it.
LEFTOVERS_SECONDS = 6.0


class Taken(Exception):
    """Somebody else has it; the message says what and who."""


def claim_folder(folder: Path) -> int:
    """Return a descriptor that holds `folder` until all who have it are gone.

    Raises
    ------
    Taken
        If another portal runs on this folder, or leftovers of one do.
    """
    path = folder / "lock"
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + LEFTOVERS_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            owner = os.pread(lock, 32, 0).decode().strip()
            if is_alive(owner):
                raise Taken(
                    f"A portal already runs on {folder} (process {owner}). "
                    "Stop it first, or give this one another DATA_DIR."
                ) from None
            if time.monotonic() > deadline:
                raise Taken(
                    f"Processes of an earlier portal still use {folder}; "
                    f"`fuser {path}` names them. End them first."
                ) from None
            time.sleep(0.1)
    os.ftruncate(lock, 0)
    os.pwrite(lock, str(os.getpid()).encode(), 0)
    return lock


def is_alive(pid: str) -> bool:
    """Say whether a process of this number exists."""
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def claim_port(host: str, port: int) -> socket.socket:
    """Return a listening socket; early visitors wait in it until the web server is up.

    Raises
    ------
    Taken
        If another process listens there, or the address is not this machine's.
    """
    address = host.strip("[]")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            message = (
                f"Port {port} is taken by another program. "
                f"Choose another one: PORT={port + 1} make run"
            )
        else:
            message = f"Cannot listen on {host}:{port}: {error.strerror}."
        raise Taken(message) from error
    return listener


def free_port() -> int:
    """Return a port on loopback that nobody has just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
