"""The command of each process, for `make run` and for docker-compose.yml alike."""

import ipaddress
import sys

from django.conf import settings

# Two workers, so that two long trainings hold up neither what somebody waits for on a
# page nor the portal's own upkeep, which comes by the first queue.
INTERACTIVE, HEAVY = ("interactive",), ("data", "train")
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
    """Return the command of the worker that reads data and trains models."""
    return _worker("worker", HEAVY, settings.WORKER_CONCURRENCY)


def interactive() -> list[str]:
    """Return the command of the worker for short jobs and for the portal's upkeep."""
    # Two, so that one job that takes minutes does not keep leases from expiring.
    return _worker("interactive", INTERACTIVE, 2)


def _worker(name: str, queues: tuple[str, ...], concurrency: int) -> list[str]:
    return [
        *CELERY,
        "worker",
        f"--hostname={name}@%h",
        f"--queues={','.join(queues)}",
        f"--concurrency={concurrency}",
        "--loglevel=INFO",
        # Workers know nothing of each other: the job's row is the truth.
        "--without-gossip",
        "--without-mingle",
    ]


def scheduler() -> list[str]:
    """Return the scheduler's command; its schedule lies in the database."""
    # No pid file: after a kill -9 it would keep the next one from starting.
    return [*CELERY, "beat", "--pidfile=", "--loglevel=INFO"]
