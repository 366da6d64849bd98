"""The app configuration."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    """Register the app."""

    name = "projects"
    default_auto_field = "django.db.models.BigAutoField"
