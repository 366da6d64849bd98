"""The app configuration."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    """Register the app and how its acts are told."""

    name = "projects"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell core the sentences of the design phase."""
        from core.selectors.activity import say
        from projects.selectors.activity import SENTENCES

        say(SENTENCES)
