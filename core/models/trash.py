"""Deleted things stay thirty days."""

from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models

TRASH_DAYS = timedelta(days=30)


class Trashable(models.Model):
    """A row that is put in the trash before it is gone."""

    # The relations that its name is read from: a list of many takes them along.
    named_by: ClassVar[tuple[str, ...]] = ()

    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        abstract = True

    @property
    def is_deleted(self) -> bool:
        """Whether it lies in the trash."""
        return self.deleted_at is not None
