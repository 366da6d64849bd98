"""Celery: the engine of the jobs. A message is a hint; the row is the truth."""

import os
from functools import cached_property
from typing import Any

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mlops_portal.settings")


class Jobs(Celery):  # type: ignore[misc]  # celery has no types
    """Celery with the portal's own scheduler process."""

    @cached_property
    def Beat(self) -> Any:  # noqa: N802 - Celery's name
        """Return the class that `celery beat` runs."""
        return self.subclass_with_self("mlops_portal.running.scheduler:Scheduler")


app = Jobs("mlops_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
