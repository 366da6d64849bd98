"""Figures of runs, from the predictions they keep."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from charts import experiments as draw
from core import objects
from engine.training import curves
from engine.training.explain import Importance
from engine.training.predictions import Predictions, read_predictions
from engine.training.threshold import Cells
from experiments.models import Protocol, Run
from experiments.selectors.columns import is_lower_better, title_of
from experiments.selectors.pricing import cells_of

MOST_CURVES = 4


@dataclass(frozen=True)
class Picture:
    """A figure with its title and what it shows in words."""

    figure: Any  # a plotly Figure; only charts knows plotly
    title: str
    text: str


def holdout_of(run: Run) -> Predictions | None:
    """Return a run's answers on the holdout; None if it kept none."""
    ref = objects.references("run", run.pk).get("holdout.parquet")
    return read_predictions(objects.local_path(ref)) if ref else None


def money_cells(protocol: Protocol | None) -> Cells | None:
    """Return money per case as the engine's curves take it."""
    if protocol is None or protocol.value_case is None:
        return None
    found = cells_of(protocol.value_case)
    return Cells(**found) if found else None


def profit_of(run: Run) -> curves.ProfitCurve | None:
    """Return money by how many are acted on; None where no stored answer has a price.

    A run from outside keeps no answers, and a forecast acts on nobody.
    """
    cells, stored = money_cells(run.protocol), holdout_of(run)
    if cells is None or stored is None:
        return None
    return curves.profit_curve(stored.labels, stored.scores, cells)


def overlays(runs: Sequence[Run], *, currency: str) -> list[Picture]:
    """Return the curves of at most four runs of one protocol, drawn over each other."""
    chosen = [run for run in runs if run.protocol_id == runs[0].protocol_id]
    stored = {run: found for run in chosen[:MOST_CURVES] if (found := holdout_of(run))}
    if not stored:
        return []
    protocol = next(iter(stored)).protocol
    task = protocol.rules.task if protocol else ""
    if task == "binary":
        return _binary(stored, money_cells(protocol), currency)
    if task == "regression":
        return [_predicted(run, found) for run, found in list(stored.items())[:1]]
    return []


def _binary(
    stored: Mapping[Run, Predictions], cells: Cells | None, currency: str
) -> list[Picture]:
    def each(make: Callable[[Any, Any], Any]) -> dict[str, Any]:
        return {run.name: make(p.labels, p.scores) for run, p in stored.items()}

    pictures = []
    if cells:
        profit = each(lambda labels, s: curves.profit_curve(labels, s, cells))
        thresholds = {r.name: r.threshold for r in stored if r.threshold is not None}
        figure = draw.profit_curve(profit, currency=currency, thresholds=thresholds)
        words = draw.describe_profit(profit, currency=currency)
        pictures.append(Picture(figure, _("Money by how many are acted on"), words))
        pictures += [
            _confusion(run, cells, currency) for run in list(stored)[:1] if run.counts
        ]
    roc = each(curves.roc_curve)
    pr = each(curves.precision_recall_curve)
    said = each(curves.calibration)
    return [
        *pictures,
        Picture(
            draw.precision_recall_overlay(pr),
            _("Precision and recall"),
            draw.describe_precision_recall(pr),
        ),
        Picture(draw.roc_overlay(roc), _("ROC"), draw.describe_roc(roc)),
        Picture(
            draw.calibration_plot(said),
            _("Calibration: what was said against what was seen"),
            draw.describe_calibration(said),
        ),
    ]


def _confusion(run: Run, cells: Cells, currency: str) -> Picture:
    found = draw.MoneyConfusion(
        **{
            key: draw.Outcome(int(run.counts[key]), round(getattr(cells, key), 2))
            for key in ("tp", "fn", "fp", "tn")
        },
        currency=currency,
    )
    return Picture(
        draw.confusion_in_money(found),
        _("What %(name)s did on the holdout, in money") % {"name": run.name},
        draw.describe_confusion(found),
    )


def _predicted(run: Run, predictions: Predictions) -> Picture:
    found = curves.residuals(predictions.labels, predictions.scores)
    return Picture(
        draw.predicted_against_true(found),
        _("%(name)s: predicted against true") % {"name": run.name},
        draw.describe_predicted(found),
    )


def folds_picture(runs: Sequence[Run], metric: str) -> Picture | None:
    """Return the primary metric of each fit, one strip a run."""
    values = {
        run.name: [fold["metrics"][metric] for fold in run.detail.result["folds"]]
        for run in runs
        if run.detail.result.get("folds")
    }
    if not values:
        return None
    title = title_of(metric)
    return Picture(
        draw.metric_per_fold(values, metric=title),
        _("%(metric)s per fold") % {"metric": title},
        draw.describe_folds(values, metric=title),
    )


def importance_picture(run: Run) -> Picture | None:
    """Return how much of the metric each feature carries."""
    found = run.detail.result.get("importance") or []
    items = [Importance(**item) for item in found]
    if not items:
        return None
    title = title_of(run.primary_key)
    return Picture(
        draw.importance_bars(items, metric=title),
        _("What the model leans on"),
        draw.describe_importance(items, metric=title),
    )


def board_picture(runs: Sequence[Run], metric: str) -> Picture | None:
    """Return the leaderboard as dots with their intervals."""
    sign = -1 if is_lower_better(metric) else 1
    shown = sorted(
        (run for run in runs if run.primary_value is not None),
        key=lambda run: (run.tie_group or 1, -sign * (run.primary_value or 0.0)),
    )
    if not shown:
        return None
    lines = [run for run in shown if run.family == "baseline"]
    rows = [
        draw.BoardRow(
            run.name,
            run.primary_value or 0.0,
            _or(run.primary_low, run.primary_value),
            _or(run.primary_high, run.primary_value),
            group=run.tie_group or 1,
        )
        for run in shown
        if run.family != "baseline"
    ]
    if not rows:
        return None
    title = title_of(metric)
    references = [draw.Reference(_("baseline"), r.primary_value or 0.0) for r in lines]
    return Picture(
        draw.leaderboard(rows, metric=title, references=references[:1]),
        _("%(metric)s on the holdout, with its 95 %% interval") % {"metric": title},
        draw.describe_leaderboard(rows, metric=title),
    )


def _or(value: float | None, instead: float | None) -> float:
    return (instead or 0.0) if value is None else value
