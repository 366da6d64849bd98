"""The app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExperimentsConfig(AppConfig):
    """Register the app and how its acts are told."""

    name = "experiments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell core the sentences of experiments, and what can be talked of or shown."""
        from core import notices, topics
        from core.selectors.activity import say
        from experiments.selectors.activity import SENTENCES
        from experiments.selectors.holding import register_experiments
        from experiments.selectors.impute import register_uses_of_plans
        from experiments.selectors.sharing import register_reports
        from experiments.selectors.subjects import register_subjects

        say(SENTENCES)
        topics.register(
            topics.Topic("experiments", _("experiments and runs")), SENTENCES
        )
        register_experiments()
        register_uses_of_plans()
        register_subjects()
        register_reports()
        notices.register(
            notices.NoticeKind("sweep", _("The runs you asked for are over"))
        )
