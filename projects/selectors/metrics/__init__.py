"""Who calls success what, what is open, and whether metrics rank as money does."""

from projects.selectors.metrics.alignment import (
    GroupSays,
    MetricRow,
    MetricsBoard,
    PersonSays,
    alignment,
    board,
    waiting_for,
)
from projects.selectors.metrics.card import MetricCard, definition_of, metric_card
from projects.selectors.metrics.unresolved import Unresolved, Why, unresolved

__all__ = [
    "GroupSays",
    "MetricCard",
    "MetricRow",
    "MetricsBoard",
    "PersonSays",
    "Unresolved",
    "Why",
    "alignment",
    "board",
    "definition_of",
    "metric_card",
    "unresolved",
    "waiting_for",
]
