"""The command of each process, for `make run` and for docker-compose.yml alike."""

import ipaddress
import sys

from django.conf import settings

from core.jobs.kinds import QUEUES

CELERY = [sys.executable, "-m", "celery", "--app=mlops_portal"]


class UnsafeAddress(ValueError):
    """The web server would listen to others without TLS in front of it."""


def check_address() -> None:
    """Refuse an address that others can reach while passwords would travel openly."""
    bind = settings.BIND
    try:
        loopback = ipaddress.ip_address(bind.strip("[]")).is_loopback
    except ValueError:
        loopback = bind == "localhost"
    if not (loopback or settings.TLS or settings.BEHIND_PROXY):
        raise UnsafeAddress(
            f"BIND={bind} is open to others, and passwords would travel unencrypted. "
            "Set TLS=on behind a proxy that speaks HTTPS, "
            "or BEHIND_PROXY=on if one protects the way here."
        )


def web(bind: str) -> list[str]:
    """Return the web server's command; `bind` is host:port or fd://N."""
    return [
        sys.executable,
        "-m",
        "gunicorn",
        "--config=python:mlops_portal.running.web_settings",
        f"--bind={bind}",
        f"--workers={settings.WEB_WORKERS}",
        f"--threads={settings.WEB_THREADS}",
        "mlops_portal.wsgi",
    ]


def worker() -> list[str]:
    """Return the command of a worker that runs jobs of every kind."""
    return [
        *CELERY,
        "worker",
        f"--queues={','.join(QUEUES)}",
        f"--concurrency={settings.WORKER_CONCURRENCY}",
        "--loglevel=INFO",
        # Workers know nothing of each other: the job's row is the truth.
        "--without-gossip",
        "--without-mingle",
    ]


def scheduler() -> list[str]:
    """Return the scheduler's command; its schedule lies in the database."""
    # No pid file: after a kill -9 it would keep the next one from starting.
    return [*CELERY, "beat", "--pidfile=", "--loglevel=INFO"]
