"""The arithmetic of the portal: no Django, no Celery, no plotly."""
