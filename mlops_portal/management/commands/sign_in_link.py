"""`manage.py sign_in_link`: a one-time address that lets somebody in."""

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from core import services
from core.access import NOBODY
from core.models import User
from mlops_portal.running.owner import first_owner


class Command(BaseCommand):
    """Print a one-time link; whoever can run this owns the database anyway."""

    help = "Print a one-time sign-in link for the owner, or for --email."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the address of somebody else than the owner."""
        parser.add_argument("--email", help="address of a person with an account")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print the link and nothing else."""
        if options["email"]:
            people = User.objects.filter(email__iexact=options["email"])
            user = people.filter(is_active=True).first()
        else:
            user = first_owner()
        if user is None:
            raise CommandError(f"No active person has the address {options['email']}.")
        self.stdout.write(services.hand_over_link(user, actor=NOBODY))
