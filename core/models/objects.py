"""Stored objects by content, and the references that hold them."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class StoredObject(models.Model):
    """Bytes by their SHA-256. Never asked for directly: only through a reference."""

    digest = models.CharField(max_length=64, primary_key=True)
    size = models.BigIntegerField()
    stored_at = models.DateTimeField(default=timezone.now)
    # Moved by every upload and release; the sweep removes by compare-and-set on it.
    touched_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return self.digest[:12]


class ObjectRef(models.Model):
    """The only way to hold an object: a project's owner row and a path in it."""

    project_id = models.BigIntegerField(db_index=True)
    object = models.ForeignKey(
        StoredObject, on_delete=models.PROTECT, related_name="refs"
    )
    owner_kind = models.CharField(max_length=40)
    owner_id = models.CharField(max_length=64)
    path = models.CharField(max_length=500)
    content_type = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner_kind", "owner_id", "path"],
                name="object_ref_path_once",
                violation_error_message=_("A file of this path exists already."),
            )
        ]

    def __str__(self) -> str:
        return self.path

    @property
    def size(self) -> int:
        """Bytes of the object held."""
        return self.object.size


class ProjectUsage(models.Model):
    """Bytes a project's references add up to, against what it may hold."""

    project_id = models.BigIntegerField(primary_key=True)
    used = models.BigIntegerField(default=0)
    limit = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.used} of {self.limit} bytes"
