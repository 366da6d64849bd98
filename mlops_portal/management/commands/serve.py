"""`manage.py serve web|worker|interactive|scheduler`: become one of them."""

import os
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser

from mlops_portal.running import commands

COMMANDS = {
    "web": lambda: commands.web(f"{settings.BIND}:{settings.PORT}"),
    "worker": commands.worker,
    "interactive": commands.interactive,
    "scheduler": commands.scheduler,
}


class Command(BaseCommand):
    """The processes of `make run`, one at a time, for docker-compose.yml."""

    help = "Run one process of the portal, with the command that runportal uses."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the name of the process."""
        parser.add_argument("process", choices=list(COMMANDS))

    def handle(self, *_args: Any, **options: Any) -> None:
        """Replace this process by the one asked for."""
        try:
            commands.check_address()
        except commands.UnsafeAddress as refusal:
            raise CommandError(str(refusal)) from None
        arguments = COMMANDS[options["process"]]()
        os.execv(arguments[0], arguments)  # noqa: S606 - our own commands, no shell
