"""The app configuration of the pages that cross apps."""

from django.apps import AppConfig


class MlopsPortalConfig(AppConfig):
    """Pages that cross apps, and commands of the whole."""

    name = "mlops_portal"
