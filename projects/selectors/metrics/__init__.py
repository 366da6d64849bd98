"""Who calls success what, what is open, and whether metrics rank as money does."""

from projects.selectors.metrics.agreement import (
    MoneyAgreement,
    RankedMetric,
    kept_agreement,
    money_agreement,
)
from projects.selectors.metrics.alignment import (
    GroupSays,
    MetricRow,
    MetricsBoard,
    PersonSays,
    alignment,
    board,
    waiting_for,
)
from projects.selectors.metrics.asked import MetricAsked, metrics_asked, metrics_said
from projects.selectors.metrics.card import MetricCard, definition_of, metric_card
from projects.selectors.metrics.links import LinkLine, link_lines, links_of
from projects.selectors.metrics.picture import LinksPicture, links_picture
from projects.selectors.metrics.translation import (
    GroupSentence,
    Said,
    Translation,
    candidate_translation,
    translate,
    translation_of,
)
from projects.selectors.metrics.unresolved import Unresolved, Why, unresolved

__all__ = [
    "GroupSays",
    "GroupSentence",
    "LinkLine",
    "LinksPicture",
    "MetricAsked",
    "MetricCard",
    "MetricRow",
    "MetricsBoard",
    "MoneyAgreement",
    "PersonSays",
    "RankedMetric",
    "Said",
    "Translation",
    "Unresolved",
    "Why",
    "alignment",
    "board",
    "candidate_translation",
    "definition_of",
    "kept_agreement",
    "link_lines",
    "links_of",
    "links_picture",
    "metric_card",
    "metrics_asked",
    "metrics_said",
    "money_agreement",
    "translate",
    "translation_of",
    "unresolved",
    "waiting_for",
]
