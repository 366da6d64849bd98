"""The app configuration."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    """Register the app and how its acts are told."""

    name = "projects"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell core the sentences of the design phase, and how to name projects."""
        from core import directory, notices, topics
        from core.selectors.activity import say
        from projects.models import Project
        from projects.selectors.activity import SENTENCES
        from projects.selectors.project import place_of
        from projects.selectors.topics import NOTICE_KINDS, TOPICS, topic_by_words

        say(SENTENCES)
        for topic in TOPICS:  # in the order of the loop
            topics.register(topic, [])
        topics.sort_out(SENTENCES, by=topic_by_words)
        notices.register(*NOTICE_KINDS)
        directory.register(lambda actor: Project.objects.visible_to(actor))
        directory.register_place(place_of)
