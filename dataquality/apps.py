"""The app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DataqualityConfig(AppConfig):
    """Register the app and how its acts are told."""

    name = "dataquality"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell core the sentences of data, and what of it can be talked about."""
        from core import notices, topics
        from core.selectors.activity import say
        from dataquality.selectors.activity import NOTICE_KINDS, SENTENCES
        from dataquality.selectors.subjects import register_subjects

        say(SENTENCES)
        topics.register(topics.Topic("data", _("data")), SENTENCES)
        notices.register(*NOTICE_KINDS)
        register_subjects()
        notices.register(
            notices.NoticeKind("source", _("A source of yours cannot be fetched"))
        )
