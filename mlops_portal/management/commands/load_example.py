"""`manage.py load_example`: the worked example, once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import audit
from core.access import Actor
from core.models import User
from mlops_portal.example.load import ExampleStuckError, load


class Command(BaseCommand):
    """Load the worked example; needs a worker that runs."""

    help = "Load the worked example as jobs; goes on where an earlier load broke off."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load it in the name of the first portal admin."""
        owner = User.objects.filter(is_portal_admin=True).order_by("pk").first()
        if owner is None:
            raise CommandError("There is no portal admin yet: run the portal first.")
        actor = Actor(user=owner)
        try:
            project = load(actor, self.stdout.write)
        except ExampleStuckError as error:
            raise CommandError(f"The example is not complete: {error}") from error
        # Whoever deletes the example does not get it back at the next start.
        audit.record(actor, "load example", project_id=project.pk, subject=project.name)
        self.stdout.write("The worked example is there.")
