"""Quantities, estimates, settled ranges and value cases in the API."""

from projects.api.value.cases import ValueCaseViewSet
from projects.api.value.estimates import (
    EstimateRoundViewSet,
    EstimateViewSet,
    ReconciliationViewSet,
)
from projects.api.value.preview import ValueCasePreview
from projects.api.value.quantities import QuantityViewSet

__all__ = [
    "EstimateRoundViewSet",
    "EstimateViewSet",
    "QuantityViewSet",
    "ReconciliationViewSet",
    "ValueCasePreview",
    "ValueCaseViewSet",
]
