"""The app configuration."""

from django.apps import AppConfig


class DataqualityConfig(AppConfig):
    """Register the app and how its acts are told."""

    name = "dataquality"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell core the sentences of data, and what of it can be talked about."""
        from core.selectors.activity import say
        from dataquality.selectors.activity import SENTENCES
        from dataquality.selectors.subjects import register_subjects

        say(SENTENCES)
        register_subjects()
