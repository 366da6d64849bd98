"""The app configuration."""

from django.apps import AppConfig


class DataqualityConfig(AppConfig):
    """Register the app and how its acts are told."""

    name = "dataquality"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell core the sentences of data."""
        from core.selectors.activity import say
        from dataquality.selectors.activity import SENTENCES

        say(SENTENCES)
