"""Whose metrics a caller asks for."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from projects.api.fields import ProjectField
from projects.models import Project


class ProjectAsked(serializers.Serializer[Any]):
    """The project a question is about, among those the caller may see."""

    project = ProjectField(right="visible_to")


def project_asked(request: Request) -> Project:
    """Return the project named by the address's query."""
    asked = ProjectAsked(data=request.query_params, context={"request": request})
    asked.is_valid(raise_exception=True)
    project: Project = asked.validated_data["project"]
    return project
