"""The numbers that estimates are asked for, in the API."""

from typing import Any

import django_filters
from django.utils.translation import gettext as _
from rest_framework import mixins, serializers

from core.api.resources import (
    CheckedModelSerializer,
    IdempotentCreateMixin,
    PortalViewSet,
    actor_of,
)
from projects import services
from projects.api.fields import ProjectField
from projects.models import Quantity


class QuantitySerializer(CheckedModelSerializer[Quantity]):
    """One number the value case rests on, in the unit of its formulas."""

    project = ProjectField()

    class Meta:
        model = Quantity
        fields = (
            "id",
            "project",
            "name",
            "label",
            "asks",
            "why",
            "unit",
            "prefix",
            "suffix",
            "scale",
            "lower",
            "upper",
            "default_low",
            "default_likely",
            "default_high",
            "shape",
            "formula_unit",
            "is_refinement",
            "position",
        )
        extra_kwargs = {"scale": {"min_value": 1e-12}}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Keep the name and the project: formulas and answers refer to them."""
        if self.instance is not None:
            for name in ("name", "project"):
                if attrs.get(name, getattr(self.instance, name)) != getattr(
                    self.instance, name
                ):
                    raise serializers.ValidationError(
                        {name: [_("Formulas refer to it; make another quantity.")]}
                    )
        return super().validate(attrs)


class QuantityFilter(django_filters.FilterSet):
    """Quantities by project and name."""

    project = django_filters.CharFilter(field_name="project__slug")

    class Meta:
        model = Quantity
        fields = ("project", "name", "is_refinement")


class QuantityViewSet(
    IdempotentCreateMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    PortalViewSet[Quantity],
):
    """The numbers that estimates are asked for."""

    queryset = Quantity.objects.select_related("project").order_by("position", "id")
    serializer_class = QuantitySerializer
    filterset_class = QuantityFilter
    ordering_fields = ("position", "name")
    http_method_names = ("get", "post", "patch", "delete", "head", "options")

    def perform_create(self, serializer: Any) -> None:
        """Add the quantity; the value case counts it from now on."""
        row = Quantity(**serializer.validated_data)
        if "position" not in serializer.validated_data:
            row.position = row.project.quantities.count()
        self._save(serializer, row)

    def perform_update(self, serializer: Any) -> None:
        """Change the quantity, and compute the value case again."""
        row = serializer.instance
        for name, value in serializer.validated_data.items():
            setattr(row, name, value)
        self._save(serializer, row)

    def _save(self, serializer: Any, row: Quantity) -> None:
        serializer.instance = services.save_quantity(row, actor=actor_of(self.request))

    def perform_destroy(self, instance: Quantity) -> None:
        """Take away a quantity that no formula uses."""
        services.remove_quantity(instance, actor=actor_of(self.request))
