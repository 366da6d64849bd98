"""The app configuration of the pages that cross apps."""

from django.apps import AppConfig
from django.utils.translation import gettext, ngettext

from charts.words import speak


class MlopsPortalConfig(AppConfig):
    """Pages that cross apps, and commands of the whole."""

    name = "mlops_portal"

    def ready(self) -> None:
        """Lend the figures the portal's translator: they know nothing of the web."""
        speak(gettext, ngettext)
