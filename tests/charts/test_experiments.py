import json

import numpy as np
import plotly.graph_objects as go
import pytest

from charts import experiments as charts
from engine.numbers import NARROW_SPACE
from engine.training import curves
from engine.training.explain import Importance
from engine.training.threshold import Cells

RNG = np.random.default_rng(1)
LABELS = (RNG.random(3_000) < 0.3).astype(np.int64)
SCORES = np.clip(0.3 * LABELS + RNG.normal(0.35, 0.2, 3_000), 0.001, 0.999)
CELLS = Cells(tp=160, fn=0, fp=-20, tn=0, prevalence=0.3)
HOSTILE = '<a href="javascript:alert(1)">run</a>'

BOARD = [
    charts.BoardRow("boosting", 0.66, 0.61, 0.71, 1),
    charts.BoardRow("linear", 0.65, 0.60, 0.70, 1),
    charts.BoardRow("tree", 0.58, 0.52, 0.63, 2),
]
MATRIX = charts.MoneyConfusion(
    tp=charts.Outcome(361, 160),
    fn=charts.Outcome(13, 0),
    fp=charts.Outcome(552, -20),
    tn=charts.Outcome(483, 0),
    currency="EUR",
)
IMPORTANT = [Importance("tenure", 0.08, 0.01), Importance("noise", 0.001, 0.01)]
PRICED = [
    charts.PricedRun("D", 0.95, 215_000),
    charts.PricedRun("E", 0.9, 460_000),
]


def every_figure(name: str = "boosting") -> dict[str, go.Figure]:
    profit = curves.profit_curve(LABELS, SCORES, CELLS)
    return {
        "leaderboard": charts.leaderboard(
            [charts.BoardRow(name, 0.6, 0.5, 0.7)],
            metric=name,
            references=[charts.Reference(name, 0.3)],
        ),
        "roc": charts.roc_overlay({name: curves.roc_curve(LABELS, SCORES)}),
        "pr": charts.precision_recall_overlay(
            {name: curves.precision_recall_curve(LABELS, SCORES)}
        ),
        "calibration": charts.calibration_plot(
            {name: curves.calibration(LABELS, SCORES)}
        ),
        "confusion": charts.confusion_in_money(MATRIX),
        "profit": charts.profit_curve(
            {name: profit}, currency="EUR", thresholds={name: 0.4}, capacity=0.2
        ),
        "lift": charts.lift_plot({name: curves.lift_curve(LABELS, SCORES)}),
        "folds": charts.metric_per_fold({name: [0.6, 0.7]}, metric=name),
        "importance": charts.importance_bars(
            [Importance(name, 0.1, 0.01)], metric=name
        ),
        "history": charts.metric_history({name: ([0, 1], [0.5, 0.6])}, metric=name),
        "money": charts.money_against_metric(
            [charts.PricedRun(name, 0.6, -5)], metric=name, currency="EUR"
        ),
        "residuals": charts.predicted_against_true(
            curves.residuals(SCORES, SCORES + 0.1)
        ),
    }


@pytest.mark.parametrize("key", every_figure())
def test_every_figure_is_small_and_of_the_cartesian_bundle(key):
    figure = every_figure()[key]
    assert {trace.type for trace in figure.data} <= {"scatter", "bar", "heatmap"}
    assert len(figure.to_json()) < 40_000
    json.loads(figure.to_json())


@pytest.mark.parametrize("key", every_figure())
def test_names_cannot_bring_markup_into_a_figure(key):
    assert "<a href" not in json.dumps(
        every_figure(HOSTILE)[key].to_plotly_json(), default=str
    )


def test_leaderboard_puts_the_best_on_top_with_its_interval():
    dots = charts.leaderboard(BOARD, metric="AP").data[0]
    assert list(dots.y) == ["tree", "linear", "boosting"]
    assert dots.error_x.array[2] == pytest.approx(0.05)
    assert dots.error_x.arrayminus[0] == pytest.approx(0.06)


def test_leaderboard_in_words_names_leader_and_ties():
    assert charts.describe_leaderboard(BOARD, metric="AP") == (
        "boosting leads with AP 0.66 (0.61 to 0.71), tied with linear; 1 run is behind."
    )
    assert "No run" in charts.describe_leaderboard([], metric="AP")


def test_confusion_shows_count_times_worth():
    heat = charts.confusion_in_money(MATRIX).data[0]
    assert heat.text[0][1] == f"361 × €160 = €57{NARROW_SPACE}760"
    assert heat.text[1][1] == f"552 × −€20 = −€11{NARROW_SPACE}040"
    assert heat.zmin == -heat.zmax == -57_760
    assert heat.z[1][1] == -11_040


def test_confusion_in_words_sums_up():
    assert charts.describe_confusion(MATRIX) == (
        "In all €47k: 361 of 374 positive cases were found, 552 of "
        f"1{NARROW_SPACE}035 negative ones bothered."
    )


def test_profit_marks_the_chosen_threshold():
    curve = curves.profit_curve(LABELS, SCORES, CELLS)
    figure = charts.profit_curve(
        {"a": curve}, currency="EUR", thresholds={"a": 0.4}, capacity=0.2
    )
    mark = figure.data[1]
    flagged = SCORES >= 0.4
    acted = 0.3 * flagged[LABELS == 1].mean() + 0.7 * flagged[LABELS == 0].mean()
    assert mark.x[0] == pytest.approx(acted, abs=0.005)
    assert [shape.x0 for shape in figure.layout.shapes if shape.x0 == shape.x1] == [0.2]


def test_curves_in_words_carry_their_numbers():
    perfect = curves.roc_curve(np.array([0, 1]), np.array([0.1, 0.9]))
    assert "100 times in 100" in charts.describe_roc({"a": perfect})
    base = curves.precision_recall_curve(np.array([0, 1]), np.array([0.1, 0.9]))
    assert charts.describe_precision_recall({"a": base}) == (
        "a reaches average precision 1. Guessing would reach 0.5."
    )
    honest = curves.Calibration(
        predicted=np.array([0.2, 0.8]),
        observed=np.array([0.2, 0.6]),
        low=np.array([0.1, 0.5]),
        high=np.array([0.3, 0.7]),
        counts=np.array([10, 10]),
        expected_error=0.1,
    )
    assert charts.describe_calibration({"a": honest}) == (
        "a is off by 10 points of 100 on average; 1 of 2 bins agree with what was seen."
    )
    lift = curves.LiftCurve(np.array([0, 0.1, 1]), np.array([0, 0.4, 1]), np.ones(3))
    assert charts.describe_lift({"a": lift}) == (
        "The first tenth by a holds 40 of 100 positives."
    )
    profit = curves.ProfitCurve(
        np.array([0, 0.5, 1]), np.array([0, 5000.0, -20.0]), np.array([1, 0.5, 0])
    )
    assert charts.describe_profit({"a": profit}, currency="EUR") == (
        "a earns most, €5k per 1,000 cases, when 50 of 100 are acted on; acting on "
        "everybody earns −€20."
    )


def test_folds_history_and_importance_in_words():
    assert charts.describe_folds({"a": [0.5, 0.7]}, metric="AP") == (
        "a: AP 0.6 on average over 2 fits, from 0.5 to 0.7."
    )
    assert charts.describe_history({"a": ([1, 9], [0.5, -0.7])}, metric="loss") == (
        "Loss of a goes from 0.5 at step 1 to −0.7 at step 9."
    )
    assert charts.describe_importance(IMPORTANT, metric="AP") == (
        "Most AP is lost without tenure (0.08)."
    )
    assert "No single feature" in charts.describe_importance([], metric="AP")


def test_money_and_metric_may_choose_different_runs():
    def words(direction):
        return charts.describe_money_against_metric(
            PRICED, metric="accuracy", currency="EUR", direction=direction
        )

    assert words("higher") == (
        "D is best by accuracy, but E earns most: €460k against €220k."
    )
    assert words("lower") == "The best run by accuracy, E, also earns most: €460k."


def test_worst_and_middle_miss_are_said():
    found = curves.Residuals(np.array([1.0, 2.0, 10.0]), np.array([0.0, 0.0, 0.0]))
    assert charts.describe_predicted(found) == (
        "Half of the predictions miss by less than 2, the worst by 10."
    )
