"""Settings, urls, celery and the pages that cross apps."""

from mlops_portal.celery import app as celery_app

__all__ = ["celery_app"]
