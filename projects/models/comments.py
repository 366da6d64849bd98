"""What people say to each other about anything of a project."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.models import Trashable
from projects.models.access import ProjectScopedQuerySet
from projects.models.people import Stakeholder
from projects.models.project import Project

MOST_CHARACTERS = 4000


class Comment(Trashable):
    """One comment; what it is about is named by plain values, as in evidence."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="comments"
    )
    subject_kind = models.CharField(max_length=20)
    subject_id = models.CharField(max_length=64)
    answers = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="replies",
    )
    text = models.TextField(_("comment"), max_length=MOST_CHARACTERS)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    # Who wrote it without an account, through an invitation.
    stakeholder = models.ForeignKey(
        Stakeholder,
        null=True,
        on_delete=models.SET_NULL,
        related_name="comments",
        editable=False,
    )
    author_name = models.CharField(max_length=120, editable=False)
    mentions = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="+", editable=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    edited_at = models.DateTimeField(null=True, editable=False)
    resolved_at = models.DateTimeField(null=True, editable=False)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )

    objects = ProjectScopedQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        indexes = [models.Index(fields=["project", "subject_kind", "subject_id"])]

    def __str__(self) -> str:
        return self.text[:60]

    def clean(self) -> None:
        """Refuse what is too long; a text column does not."""
        if len(self.text) > MOST_CHARACTERS:
            raise ValidationError(
                {
                    "text": _(
                        "%(n)s characters are too many; %(most)s fit. Say it shorter, "
                        "or in several comments."
                    )
                    % {"n": len(self.text), "most": MOST_CHARACTERS}
                }
            )
