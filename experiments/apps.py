"""The app configuration."""

from django.apps import AppConfig


class ExperimentsConfig(AppConfig):
    """Register the app."""

    name = "experiments"
    default_auto_field = "django.db.models.BigAutoField"
