"""Metrics in the API: what they mean, who agrees, what they lead to, and money."""

from projects.api.metrics.agreements import AgreementViewSet
from projects.api.metrics.alignments import AlignmentViewSet
from projects.api.metrics.links import MetricLinkViewSet
from projects.api.metrics.metrics import MetricViewSet

__all__ = [
    "AgreementViewSet",
    "AlignmentViewSet",
    "MetricLinkViewSet",
    "MetricViewSet",
]
