"""What is looked at again and again: data sets that are watched, uploads left."""

from django.utils import timezone

from core.jobs.schedule import periodic
from dataquality import services


@periodic("dataquality.watch")
def watch_all() -> None:
    """See which data sets are late or fail a requirement, and what is due."""
    services.watch_all(now=timezone.now())
    services.tell_of_overdue(timezone.localdate())
    services.tell_of_due(timezone.now())


@periodic("dataquality.uploads.expire")
def expire_uploads() -> None:
    """Forget what was begun and left."""
    services.expire_uploads(timezone.now())
