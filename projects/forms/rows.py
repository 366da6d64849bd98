"""What forms of a project's rows share."""

from typing import Any, TypeVar

from django import forms
from django.db import models

from projects.models import Project

M = TypeVar("M", bound=models.Model)


class InProjectForm(forms.ModelForm[M]):
    """A form of one row of a project."""

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.project = project
        row: Any = self.instance
        row.project = project

    def _get_validation_exclusions(self) -> set[str]:
        # Django skips a constraint when one of its columns is excluded, and would
        # let a doubled name end in an IntegrityError.
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # Django's own hook, not in the stubs
        return excluded - {"project"}
