"""Who has a say in a project, and how they are asked."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.models.people import hash_secret
from projects.models.access import ProjectScopedQuerySet
from projects.models.project import Project


class Stakeholder(models.Model):
    """A person with a say; perhaps without an account."""

    class Group(models.TextChoices):
        DATA_SCIENTIST = "data_scientist", _("data scientist")
        EXPERT = "expert", _("subject-matter expert")
        BUSINESS = "business", _("business")

    class Capacity(models.TextChoices):
        SPONSOR = "sponsor", _("sponsor")
        FINANCE = "finance", _("finance")
        EXPERT = "expert", _("expert")
        DATA = "data", _("data")
        COMPLIANCE = "compliance", _("compliance")

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="stakeholders"
    )
    name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("e-mail"), blank=True)
    title = models.CharField(_("what they do"), max_length=120, blank=True)
    group = models.CharField(_("group"), max_length=16, choices=Group)
    capacity = models.CharField(
        _("signs as"), max_length=12, choices=Capacity, blank=True
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="stakes",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ProjectScopedQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"],
                name="stakeholder_name_once",
                violation_error_message=_("Somebody of this name is listed already."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def first_name(self) -> str:
        """How to speak of the person in a sentence."""
        return self.name.split()[0] if self.name.split() else self.name


class InvitationQuerySet(ProjectScopedQuerySet["Invitation"]):
    """Invitations, found through the person asked."""

    project_path = "stakeholder__project"


class Invitation(models.Model):
    """A link that lets one person answer one thing, without an account."""

    class Asks(models.TextChoices):
        ESTIMATE = "estimate", _("value estimate")
        METRICS = "metrics", _("metrics")
        SIGNATURE = "signature", _("signature")

    class State(models.TextChoices):
        ASKED = "asked", _("asked")
        OPENED = "opened", _("opened")
        ANSWERED = "answered", _("answered")
        DECLINED = "declined", _("declined")
        REVOKED = "revoked", _("revoked")
        EXPIRED = "expired", _("expired")

    LIFETIME = timedelta(days=14)

    stakeholder = models.ForeignKey(
        Stakeholder, on_delete=models.CASCADE, related_name="invitations"
    )
    asks = models.CharField(max_length=12, choices=Asks, default=Asks.ESTIMATE)
    # The round of estimates it asks for; its link does not open a later one.
    round = models.PositiveSmallIntegerField(default=1, editable=False)
    # What is to be signed, where a signature is asked.
    decision = models.ForeignKey(
        "projects.Decision",
        null=True,
        on_delete=models.CASCADE,
        related_name="invitations",
        editable=False,
    )
    # Of the code mailed to the person just before signing; spent when used.
    code_hash = models.CharField(max_length=64, blank=True, editable=False)
    code_sent_at = models.DateTimeField(null=True, editable=False)
    code_tries = models.PositiveSmallIntegerField(default=0, editable=False)
    secret_hash = models.CharField(max_length=64, unique=True, editable=False)
    message = models.TextField(_("message"), max_length=1000, blank=True)
    deadline = models.DateTimeField(_("deadline"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    opened_at = models.DateTimeField(null=True, editable=False)
    answered_at = models.DateTimeField(null=True, editable=False)
    declined_at = models.DateTimeField(null=True, editable=False)
    decline_reason = models.CharField(max_length=500, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["created_at"]

    def __str__(self) -> str:
        return f"{self.stakeholder}: {self.asks}"

    @property
    def project(self) -> Project:
        """The project it belongs to."""
        return self.stakeholder.project

    @property
    def state(self) -> "Invitation.State":
        """How far it got."""
        state = Invitation.State
        if self.revoked_at:
            return state.REVOKED
        if self.declined_at:
            return state.DECLINED
        if self.answered_at:
            return state.ANSWERED
        if self.deadline < timezone.now():
            return state.EXPIRED
        return state.OPENED if self.opened_at else state.ASKED

    @property
    def is_open(self) -> bool:
        """Whether the person may still answer or change the answer."""
        return self.revoked_at is None and self.deadline >= timezone.now()

    @property
    def is_waiting(self) -> bool:
        """Whether an answer is still expected."""
        return self.state in {Invitation.State.ASKED, Invitation.State.OPENED}

    @staticmethod
    def new_secret() -> tuple[str, str]:
        """Return a secret for the address, and the hash that is kept."""
        secret = secrets.token_urlsafe(24)
        return secret, hash_secret(secret)
