"""The app configuration of core."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Register core and its checks."""

    name = "core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the check that no view lacks a policy."""
        import core.checks  # noqa: F401 - registering is the point of the import
