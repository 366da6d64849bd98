"""Go or no-go, with the evidence beside it, signed."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from projects.models.access import ProjectScopedQuerySet
from projects.models.gates import GateKey
from projects.models.people import Stakeholder
from projects.models.project import Project


class Decision(models.Model):
    """One decision at a gate; frozen with its evidence once somebody signs."""

    Gate = GateKey

    class Verdict(models.TextChoices):
        GO = "go", _("go")
        NO_GO = "no_go", _("no-go")

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="decisions"
    )
    gate = models.CharField(_("gate"), max_length=10, choices=Gate)
    question = models.CharField(_("question"), max_length=300)
    verdict = models.CharField(_("proposal"), max_length=6, choices=Verdict)
    rationale = models.TextField(_("why"), max_length=4000)
    # The value case, the musts, the candidate and the data, as they stood.
    content = models.JSONField(default=dict, editable=False)
    digest = models.CharField(max_length=64, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    frozen_at = models.DateTimeField(null=True, editable=False)
    # What each earlier form of the proposal said otherwise: [{digest, at, changed}].
    revisions = models.JSONField(default=list, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    superseded_by = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.SET_NULL,
        related_name="supersedes",
        editable=False,
    )

    objects = ProjectScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.question

    def get_absolute_url(self) -> str:
        """Return the address of its one-pager."""
        return reverse("projects:decision", args=[self.project.slug, self.pk])

    @property
    def is_signed(self) -> bool:
        """Whether anybody has signed it; from the prefetched signatures."""
        return bool(self.signatures.all())

    @property
    def is_live(self) -> bool:
        """Whether it still counts: neither withdrawn nor superseded."""
        return self.withdrawn_at is None and self.superseded_by_id is None


class SignatureQuerySet(ProjectScopedQuerySet["Signature"]):
    """Signatures, found through their decision."""

    project_path = "decision__project"


class Signature(models.Model):
    """One person's word on a decision, bound to its digest."""

    class Word(models.TextChoices):
        APPROVE = "approve", _("approves")
        CONDITIONS = "conditions", _("approves with conditions")
        REJECT = "reject", _("rejects")

    decision = models.ForeignKey(
        Decision, on_delete=models.PROTECT, related_name="signatures"
    )
    stakeholder = models.ForeignKey(
        Stakeholder,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="signatures",
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    name = models.CharField(max_length=120)
    capacity = models.CharField(
        _("signs as"), max_length=12, choices=Stakeholder.Capacity
    )
    word = models.CharField(_("says"), max_length=12, choices=Word)
    comment = models.CharField(_("comment"), max_length=1000, blank=True)
    method = models.CharField(_("how"), max_length=20, default="signed in")
    digest = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)

    objects = SignatureQuerySet.as_manager()

    class Meta:
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "user"],
                name="signature_once",
                violation_error_message=_("You have signed this already."),
            ),
            models.UniqueConstraint(
                fields=["decision", "stakeholder"],
                name="signature_once_a_stakeholder",
                violation_error_message=_("This person has signed this already."),
            ),
            models.CheckConstraint(
                condition=models.Q(word="approve") | ~models.Q(comment=""),
                name="signature_comment_unless_approved",
                violation_error_message=_(
                    "Say what the conditions are, or why you reject it."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.word}"
