"""Where versions come from: sources, and files that come in parts."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.models import Job, User
from dataquality.kinds.schedule import ScheduleProblem, next_run
from dataquality.kinds.sources import KINDS
from dataquality.models.data_sets import DataSet, DataSetVersion, OfDataSetQuerySet


class Source(models.Model):
    """Where a data set's versions are fetched from, and how the last fetch went."""

    data_set = models.OneToOneField(
        DataSet, on_delete=models.CASCADE, related_name="source"
    )
    kind = models.CharField(
        _("kind"),
        max_length=20,
        choices=[(each.key, each.title) for each in KINDS.values()],
    )
    settings = models.JSONField(default=dict)  # by the names of the kind's settings
    # JSON of its secrets, encrypted: needed in clear to fetch, never to be read again.
    secrets = models.TextField(blank=True, editable=False)
    schedule = models.CharField(_("schedule"), max_length=100, blank=True)
    next_at = models.DateTimeField(null=True, editable=False, db_index=True)
    # Whose rights a fetch has, and who is told when it fails.
    owner = models.ForeignKey(
        User,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    # What the server says of the file that came last, to be asked only for another.
    seen = models.JSONField(default=dict, editable=False)
    fetched_at = models.DateTimeField(null=True, editable=False)  # last, with success
    error = models.TextField(blank=True, editable=False)  # of the last try
    failing_since = models.DateTimeField(null=True, editable=False)
    # Of the last test: at, is_good and the sentence.
    checked = models.JSONField(default=dict, editable=False)
    job = models.ForeignKey(
        Job, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = OfDataSetQuerySet.as_manager()

    class Meta:
        verbose_name = _("source")

    def __str__(self) -> str:
        return f"{self.data_set.name}: {self.get_kind_display()}"

    def get_absolute_url(self) -> str:
        """Return the address of its page."""
        return reverse(
            "dataquality:source", args=[self.data_set.project.slug, self.data_set.slug]
        )

    def clean(self) -> None:
        """Refuse a schedule that never comes due."""
        if not self.schedule:
            self.next_at = None
            return
        try:
            self.next_at = next_run(
                self.schedule,
                after=timezone.now(),
                zone=timezone.get_default_timezone(),
            )
        except ScheduleProblem as error:
            raise ValidationError({"schedule": str(error)}) from error


class Upload(models.Model):
    """A large file that comes in parts, until it is whole and becomes a version."""

    data_set = models.ForeignKey(
        DataSet, on_delete=models.CASCADE, related_name="uploads"
    )
    file_name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    part_size = models.PositiveIntegerField()
    # What tells the file from others on the sender's side, to go on after a reload.
    fingerprint = models.CharField(max_length=300, blank=True)
    options = models.JSONField(default=dict)  # engine.reading.Options
    delivered_at = models.DateTimeField(null=True, blank=True)
    # The version it became; completion is one compare-and-set on `finished_at`.
    version = models.ForeignKey(
        DataSetVersion, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    finished_at = models.DateTimeField(null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    touched_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = OfDataSetQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.file_name

    @property
    def n_parts(self) -> int:
        """How many parts make the file whole."""
        return max(-(-self.size // self.part_size), 1)

    def size_of(self, number: int) -> int:
        """Return how many bytes a part has; they count from 1."""
        if number < self.n_parts:
            return self.part_size
        return self.size - self.part_size * (self.n_parts - 1)


class UploadPart(models.Model):
    """One part that has come; its bytes lie in the store."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["upload", "number"], name="part_once")
        ]

    def __str__(self) -> str:
        return f"{self.upload}, part {self.number}"
