"""The figures of runs: results of the engine in, plotly figures and their text out.

Only scatter, bar and heatmap traces, which the small plotly bundle draws. Colours are
names of the page's tokens, which its script turns into the reader's theme. Names of runs
and features come from people, and plotly reads markup in them, so each is escaped.
"""

from charts.experiments.boards import (
    BoardRow,
    PricedRun,
    Reference,
    describe_folds,
    describe_history,
    describe_importance,
    describe_leaderboard,
    describe_money_against_metric,
    importance_bars,
    leaderboard,
    metric_history,
    metric_per_fold,
    money_against_metric,
)
from charts.experiments.curves import (
    MoneyConfusion,
    Outcome,
    calibration_plot,
    confusion_in_money,
    describe_calibration,
    describe_confusion,
    describe_lift,
    describe_precision_recall,
    describe_predicted,
    describe_profit,
    describe_roc,
    lift_plot,
    precision_recall_overlay,
    predicted_against_true,
    profit_curve,
    roc_overlay,
)

__all__ = [
    "BoardRow",
    "MoneyConfusion",
    "Outcome",
    "PricedRun",
    "Reference",
    "calibration_plot",
    "confusion_in_money",
    "describe_calibration",
    "describe_confusion",
    "describe_folds",
    "describe_history",
    "describe_importance",
    "describe_leaderboard",
    "describe_lift",
    "describe_money_against_metric",
    "describe_precision_recall",
    "describe_predicted",
    "describe_profit",
    "describe_roc",
    "importance_bars",
    "leaderboard",
    "lift_plot",
    "metric_history",
    "metric_per_fold",
    "money_against_metric",
    "precision_recall_overlay",
    "predicted_against_true",
    "profit_curve",
    "roc_overlay",
]
