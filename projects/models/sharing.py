"""Links that show one page to whoever holds them."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from core.models.people import hash_secret
from projects.models.access import ProjectScopedQuerySet
from projects.models.project import Project


class SharedLink(models.Model):
    """A link that shows one report or decision, read only, without an account."""

    class Kind(models.TextChoices):
        REPORT = "report", _("report")
        DECISION = "decision", _("decision")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        EXPIRED = "expired", _("expired")
        REVOKED = "revoked", _("withdrawn")

    LIFETIME = timedelta(days=30)
    LONGEST = timedelta(days=366)

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="shared_links"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    # Plain values: what is shared may belong to an app above this one.
    subject = models.PositiveBigIntegerField(_("of"))
    label = models.CharField(max_length=500, editable=False)
    # What the page shows, as it stood; empty for what freezes itself, as a decision.
    content = models.JSONField(default=dict, editable=False)
    note = models.CharField(_("for whom"), max_length=120, blank=True)
    secret_hash = models.CharField(max_length=64, unique=True, editable=False)
    expires_at = models.DateTimeField(_("works until"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)
    opened_at = models.DateTimeField(null=True, editable=False)  # last
    openings = models.PositiveIntegerField(default=0, editable=False)

    objects = ProjectScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(
                fields=["project", "kind", "subject"], name="shared_of_subject"
            )
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def state(self) -> "SharedLink.State":
        """Whether it still opens the page, or why not."""
        if self.revoked_at:
            return SharedLink.State.REVOKED
        over = self.expires_at < timezone.now()
        return SharedLink.State.EXPIRED if over else SharedLink.State.OPEN

    @property
    def is_open(self) -> bool:
        """Whether it still opens the page."""
        return self.state == SharedLink.State.OPEN

    def clean(self) -> None:
        """Keep its end ahead, and within a year."""
        if not self.expires_at:
            return  # the field has said so itself
        if self.expires_at < timezone.now():
            problem = _now("%(moment)s is over. Choose a later moment.")
        elif self.expires_at > self.created_at + self.LONGEST:
            problem = _now("%(moment)s is more than a year ahead: a link has to end.")
        else:
            return
        raise ValidationError(
            {"expires_at": problem % {"moment": self.expires_at.isoformat()}}
        )

    @staticmethod
    def new_secret() -> tuple[str, str]:
        """Return a secret for the address, and the hash that is kept."""
        secret = secrets.token_urlsafe(24)
        return secret, hash_secret(secret)
