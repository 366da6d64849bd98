"""The app configuration."""

from django.apps import AppConfig


class DataqualityConfig(AppConfig):
    """Register the app."""

    name = "dataquality"
    default_auto_field = "django.db.models.BigAutoField"
