"""The app configuration of core."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    """Register core and its checks."""

    name = "core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the check that no view lacks a policy, and every kind of job.

        Cancelling and reconciling tell a job's app, so each process knows all kinds.
        """
        import core.checks  # noqa: F401 - registering is the point of the import

        autodiscover_modules("tasks")
