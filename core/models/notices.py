"""What somebody should know or do."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class NoticeChoice(models.Model):
    """How somebody wants to be told of one kind of event; no row means the default."""

    class Way(models.TextChoices):
        OFF = "off", _("off")
        PORTAL = "portal", _("in the portal")
        MAIL = "mail", _("by mail at once")
        DIGEST = "digest", _("in a daily mail")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    kind = models.CharField(max_length=40)
    way = models.CharField(_("how"), max_length=8, choices=Way)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind"], name="notice_choice_once_a_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.kind} {self.way}"


class Notification(models.Model):
    """One line in a person's inbox; repeated events of one group are counted."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications"
    )
    project_id = models.BigIntegerField(null=True, db_index=True)
    kind = models.CharField(max_length=40)
    group = models.CharField(max_length=120)
    text = models.CharField(max_length=300)
    url = models.CharField(max_length=300, blank=True)
    count = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now, db_index=True)
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    # When it goes out by mail; None: it does not, or it has gone.
    mail_due_at = models.DateTimeField(null=True, blank=True, db_index=True)
    mail_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["-updated_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "group"],
                condition=models.Q(read_at=None),
                name="notification_group_once_unread",
            )
        ]

    def __str__(self) -> str:
        return self.text
