"""`manage.py runportal`: the whole portal on one machine, in one command."""

import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

import redis
from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command, get_commands
from django.db import connections

from core import broker, services
from core.access import NOBODY
from core.models import AuditEntry
from mlops_portal.running import children, claims, commands
from mlops_portal.running.owner import first_owner
from mlops_portal.running.secret_files import kept_secret
from mlops_portal.running.static_files import collect_if_changed

BROKER_SECONDS = 20.0
EXAMPLE_COMMAND = "load_example"
EXAMPLE_LOADED = "load example"  # the entry of the audit trail that says so


class StopAsked(Exception):
    """Somebody pressed Ctrl-C, or the system asks to end."""


class Command(BaseCommand):
    """Start everything, keep it alive, stop it in order."""

    help = "Run web server, worker, scheduler and, unless BROKER_URL is set, a broker."
    # The child processes run the checks; here they would only delay the refusals.
    requires_system_checks = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Run until asked to stop."""
        os.umask(0o077)
        settings.VAR.mkdir(mode=0o700, parents=True, exist_ok=True)
        settings.VAR.chmod(0o700)
        try:
            commands.check_address()
            lock = claims.claim_folder(settings.VAR)
            listener = claims.claim_port(settings.BIND, settings.PORT)
        except (commands.UnsafeAddress, claims.Taken) as refusal:
            raise CommandError(str(refusal)) from None
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, stop_asked)
        family = children.Family(self.say)
        try:
            self.bring_up(family, lock, listener)
            for _look in family.watch():
                pass
        except StopAsked:
            self.bring_down(family, listener)

    def bring_up(self, family: children.Family, lock: int, listener: Any) -> None:
        """Prepare what the processes need and start them in order."""
        self.say(f"MLOps Portal · data in {settings.VAR}")
        logs = settings.VAR / "logs"
        logs.mkdir(exist_ok=True)
        if collect_if_changed(settings.VAR / "static.sha256"):
            self.say("Interface collected")
        call_command("migrate", interactive=False, verbosity=0)
        self.say("Database ready")
        environment = {**os.environ, "BROKER_URL": self.start_broker(family)}
        owner = first_owner()
        link = (
            None
            if owner.has_usable_password()
            else services.hand_over_link(owner, actor=NOBODY)
        )
        wants_example = self.wants_example()
        # An open connection must not be shared with a child.
        connections.close_all()

        def start(name: str, arguments: list[str], **options: Any) -> None:
            # The children hold the folder too, so that nobody starts beside leftovers.
            fds = (lock, *options.pop("fds", ()))
            family.add(
                children.command(
                    name,
                    arguments,
                    logs=logs,
                    environment=environment,
                    pass_fds=fds,
                    **options,
                )
            )

        socket_number = listener.fileno()
        start("worker", commands.worker(), stop_seconds=4)
        start("interactive", commands.interactive(), stop_seconds=4)
        start("scheduler", commands.scheduler(), stop_seconds=2)
        start(
            "web",
            commands.web(f"fd://{socket_number}"),
            fds=(socket_number,),
            stop_seconds=6,
        )
        if wants_example:
            self.say("Loading the worked example; watch its jobs on the first page")
            start(
                "example", [sys.executable, "manage.py", EXAMPLE_COMMAND], errand=True
            )
        self.announce(link)

    def start_broker(self, family: children.Family) -> str:
        """Start the embedded broker, or none if one is given; return its address."""
        if given := os.environ.get("BROKER_URL"):
            return given
        secret = kept_secret(settings.VAR / "secrets" / "broker_password")
        port = claims.free_port()
        url = broker.url(port, secret)
        child = children.Child(
            "broker",
            lambda: broker.start(settings.VAR, port, secret),
            log=settings.VAR / "broker" / "log",
        )
        family.add(child)
        wait_for_answer(url, child)
        self.say("Broker answers")
        return url

    def wants_example(self) -> bool:
        """Say whether this is a first start that should show the worked example."""
        return (
            settings.EXAMPLE
            and EXAMPLE_COMMAND in get_commands()
            and not AuditEntry.objects.filter(action=EXAMPLE_LOADED).exists()
        )

    def announce(self, link: str | None) -> None:
        """Print where the portal is and how to get in."""
        bold = self.style.MIGRATE_HEADING
        self.say("")
        self.say(f"  Address   {bold(settings.PUBLIC_URL + '/')}")
        if link:
            self.say(f"  Sign in   {bold(link)}")
            self.say("            works once, within 24 hours")
        self.say(f"  Logs      {settings.VAR / 'logs'}")
        self.say("  Ctrl-C stops everything.")
        self.say("")

    def bring_down(self, family: children.Family, listener: Any) -> None:
        """Stop everything in order; at once if asked a second time."""
        self.say("Stopping ...")
        listener.close()
        try:
            family.stop()
        except StopAsked:
            family.kill()
        self.say("Stopped.")

    def say(self, line: str) -> None:
        """Print a line at once, also into a pipe; a closed pipe stops nothing."""
        try:
            self.stdout.write(line)
            self.stdout.flush()
        except OSError:
            pass


def stop_asked(_number: int, _frame: FrameType | None) -> None:
    """Turn a signal into the one exception that ends the watch."""
    raise StopAsked


def wait_for_answer(url: str, child: children.Child) -> None:
    """Return when the broker answers a PING."""
    client = redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)
    deadline = time.monotonic() + BROKER_SECONDS
    while child.is_running and time.monotonic() < deadline:
        try:
            client.ping()
            return
        except redis.RedisError:
            time.sleep(0.05)
    reason = last_line(child.log)
    child.clear()
    raise CommandError(f"The broker does not answer: {reason}")


def last_line(log: Path) -> str:
    """Return what a log says last."""
    lines = log.read_text(errors="replace").split("\n") if log.is_file() else []
    return next((line for line in reversed(lines) if line.strip()), "its log is empty")
