"""What a classifier is worth: per case, per year, and at which threshold."""

from engine.value.classifier.benefits import (
    BinormalPoint,
    Cells,
    best_binormal_cut,
    break_even_precision,
    break_even_recall,
    elkan_threshold,
    ev_per_case,
    iso_profit_slope,
    largest_fpr,
    least_auc,
)
from engine.value.classifier.pricing import (
    Counts,
    NotPriced,
    Policies,
    Price,
    policies,
    price,
    price_all,
    price_at_rates,
    rates_of,
)
from engine.value.classifier.requirement import (
    Asked,
    Required,
    RequiredRecall,
    required,
    required_recall,
)
from engine.value.classifier.thresholds import (
    BadScores,
    ProfitCurve,
    profit_curve,
    threshold_by_money,
)

__all__ = [
    "Asked",
    "BadScores",
    "BinormalPoint",
    "Cells",
    "Counts",
    "NotPriced",
    "Policies",
    "Price",
    "ProfitCurve",
    "Required",
    "RequiredRecall",
    "best_binormal_cut",
    "break_even_precision",
    "break_even_recall",
    "elkan_threshold",
    "ev_per_case",
    "iso_profit_slope",
    "largest_fpr",
    "least_auc",
    "policies",
    "price",
    "price_all",
    "price_at_rates",
    "profit_curve",
    "rates_of",
    "required",
    "required_recall",
    "threshold_by_money",
]
