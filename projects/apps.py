"""The app configuration."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    """Register the app."""

    name = "projects"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let core name the projects a person may choose from."""
        from core import directory
        from projects.models import Project

        directory.register(lambda actor: Project.objects.visible_to(actor))
