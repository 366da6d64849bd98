"""One way to compute each metric, for one sample and for its resamples alike."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.errors import EngineError
from engine.numbers import per_hundred, two_digits

Task = Literal["binary", "multiclass", "regression"]
Direction = Literal["higher", "lower"]
FloatArray = NDArray[np.float64]
IndexArray = NDArray[np.int64]

# Changes whenever a number below could change; part of every protocol.
METRIC_VERSION = "1"
COUNTS = ("tp", "fn", "fp", "tn")
# Keeps one block of resampled weights near 8 MB.
_BLOCK = 1_000_000
# Bounds the cost of intervals on large samples, where they are narrow anyway.
_DRAWN_ROWS = 20_000_000


@dataclass(frozen=True)
class MetricSpec:
    """What a metric is called, which way is better, and what it says in plain words.

    `plain` is a template: `{n}` is the value in 100, `{x}` the value itself.
    """

    key: str
    title: str
    direction: Direction
    unit: Literal["share", "nats", "squared share", "coefficient", "target"]
    task: Task
    plain: str
    at_threshold: bool = False


_BINARY = (
    ("average_precision", "Average precision", "higher", "share",
     "of the cases it flags, on average {n} of 100 are right, over all cut-offs"),
    ("roc_auc", "ROC AUC", "higher", "share",
     "ranks a positive case above a negative one {n} times in 100"),
    ("log_loss", "Log loss", "lower", "nats",
     "its stated probabilities cost {x} nats of surprise per case"),
    ("brier", "Brier score", "lower", "squared share",
     "its stated probabilities miss by {x} on average, squared"),
    ("precision", "Precision", "higher", "share",
     "of 100 cases it flags, {n} are really positive"),
    ("recall", "Recall", "higher", "share",
     "finds {n} of 100 positive cases"),
    ("f1", "F1", "higher", "share",
     "balances finding and being right: {n} of 100"),
    ("fpr", "False positive rate", "lower", "share",
     "bothers {n} of 100 negative cases"),
    ("mcc", "Matthews correlation", "higher", "coefficient",
     "its yes and no agree with the truth at {x} (0 is chance, 1 is perfect)"),
    ("accuracy", "Accuracy", "higher", "share",
     "is right in {n} of 100 cases"),
)  # fmt: skip
_MULTICLASS = (
    ("macro_f1", "Macro F1", "higher", "share",
     "balances finding and being right, each class alike: {n} of 100"),
    ("log_loss", "Log loss", "lower", "nats",
     "its stated probabilities cost {x} nats of surprise per case"),
    ("balanced_accuracy", "Balanced accuracy", "higher", "share",
     "finds {n} of 100 cases of a class, averaged over the classes"),
    ("accuracy", "Accuracy", "higher", "share",
     "is right in {n} of 100 cases"),
)  # fmt: skip
_REGRESSION = (
    ("rmse", "RMSE", "lower", "target",
     "typically misses by {x}, large misses weighing more"),
    ("mae", "MAE", "lower", "target", "misses by {x} on average"),
    ("r2", "R²", "higher", "coefficient",
     "explains {n} of 100 parts of the differences between cases"),
    ("medae", "Median absolute error", "lower", "target",
     "misses by less than {x} in every second case"),
    ("bias", "Bias", "lower", "target",
     "is {x} too high on average (negative: too low)"),
)  # fmt: skip
_AT_THRESHOLD = ("precision", "recall", "f1", "fpr", "mcc", "accuracy")

METRICS: tuple[MetricSpec, ...] = tuple(
    MetricSpec(
        key=key,
        title=title,
        direction=direction,  # type: ignore[arg-type]  # literals in the rows above
        unit=unit,  # type: ignore[arg-type]  # literals in the rows above
        task=task,  # type: ignore[arg-type]  # literals in the line below
        plain=plain,
        at_threshold=task == "binary" and key in _AT_THRESHOLD,
    )
    for task, rows in (
        ("binary", _BINARY),
        ("multiclass", _MULTICLASS),
        ("regression", _REGRESSION),
    )
    for key, title, direction, unit, plain in rows
)
_BY_TASK: Mapping[str, dict[str, MetricSpec]] = {
    task: {spec.key: spec for spec in METRICS if spec.task == task}
    for task in ("binary", "multiclass", "regression")
}


def specs(task: str) -> dict[str, MetricSpec]:
    """Return the metrics of `task` by key, the default primary metric first."""
    return _BY_TASK[task]


def in_words(spec: MetricSpec, value: float) -> str:
    """Return what `value` means, for a reader without statistics."""
    in_100 = per_hundred(value) if 0 <= value <= 1 else two_digits(100 * value)
    return spec.plain.format(n=in_100, x=two_digits(value))


@dataclass(frozen=True)
class Interval:
    """A measured value with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float


def measure(
    task: Task,
    labels: NDArray[Any],
    scores: FloatArray,
    *,
    threshold: float | None = None,
) -> dict[str, float]:
    """Return every metric of `task` that the given scores allow.

    Parameters
    ----------
    labels : ndarray of shape (n,)
        0 or 1; class numbers 0..K-1; or the true values.
    scores : ndarray of shape (n,) or (n, K)
        Probability of the positive class; of each class; or the prediction.
    threshold : float, optional
        For binary tasks: flag a case when its score reaches this, and return the
        metrics of the flags and the counts tp, fn, fp, tn too.

    Raises
    ------
    EngineError
        If the sample is empty or a score is not finite.
    """
    _check_sample(labels, scores)
    sample = _sample(task, labels, scores, threshold)
    values = sample.weighted(np.ones((1, len(labels))))
    return {key: float(value[0]) for key, value in values.items()}


def resample(
    task: Task,
    labels: NDArray[Any],
    scores: FloatArray,
    *,
    seed: int,
    threshold: float | None = None,
    draws: int = 1000,
) -> dict[str, FloatArray]:
    """Return every metric, each of shape (draws,), on bootstrap resamples of the rows.

    The rows drawn depend on the number of rows, `draws` and `seed` alone, so two
    models' results can be subtracted draw by draw.
    """
    _check_sample(labels, scores)
    sample = _sample(task, labels, scores, threshold)
    blocks = [
        sample.weighted(weights)
        for weights in bootstrap_weights(len(labels), draws=draws, seed=seed)
    ]
    return {key: np.concatenate([block[key] for block in blocks]) for key in blocks[0]}


def affordable_draws(rows: int) -> int:
    """Return 1000 resamples, fewer (down to 100) for samples above 20,000 rows."""
    return int(np.clip(_DRAWN_ROWS // max(rows, 1), 100, 1000))


def bootstrap_weights(rows: int, *, draws: int, seed: int) -> Iterator[FloatArray]:
    """Yield blocks (b, rows) of how often each row is drawn, `draws` lines in all."""
    rng = np.random.default_rng(seed)
    done = 0
    while done < draws:
        size = min(max(_BLOCK // rows, 1), draws - done)
        drawn = rng.integers(0, rows, size=(size, rows))
        drawn += np.arange(size)[:, None] * rows
        counts = np.bincount(drawn.ravel(), minlength=size * rows)
        yield counts.reshape(size, rows).astype(np.float64)
        done += size


def intervals(
    values: Mapping[str, float], drawn: Mapping[str, FloatArray]
) -> dict[str, Interval]:
    """Return each value with the 2.5 and 97.5 % quantiles of its resamples."""
    result = {}
    for key, value in values.items():
        # A resample may hold one class only; it says nothing about a ranking.
        sample = drawn[key][np.isfinite(drawn[key])]
        low, high = np.quantile(sample, [0.025, 0.975]) if len(sample) else (value,) * 2
        result[key] = Interval(value, float(low), float(high))
    return result


def rates(
    tp: FloatArray, fn: FloatArray, fp: FloatArray, tn: FloatArray
) -> dict[str, FloatArray]:
    """Return the metrics of flags from their counts, 0 where nothing was flagged."""
    product = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
    return {
        "precision": _ratio(tp, tp + fp),
        "recall": _ratio(tp, tp + fn),
        "f1": _ratio(2 * tp, 2 * tp + fp + fn),
        "fpr": _ratio(fp, fp + tn),
        "mcc": _ratio(tp * tn - fp * fn, np.sqrt(product)),
        "accuracy": _ratio(tp + tn, tp + fn + fp + tn),
    }


def _ratio(top: FloatArray, bottom: FloatArray) -> FloatArray:
    return np.divide(top, bottom, out=np.zeros_like(top), where=bottom != 0)


def _total(weights: FloatArray, values: FloatArray) -> FloatArray:
    # Not `weights @ values`: BLAS adds in an order that depends on the machine, and a
    # run's digests would differ there in the last bits. Sums of counts are exact.
    return np.asarray((weights * values).sum(axis=1))


def _check_sample(labels: NDArray[Any], scores: FloatArray) -> None:
    if len(labels) == 0 or len(labels) != len(scores):
        raise EngineError(
            f"metrics: {len(labels)} labels and {len(scores)} scores; pass one score "
            "for each of at least one label"
        )
    if not np.isfinite(scores).all():
        raise EngineError(
            "metrics: a score is not a finite number; lower the model's learning rate"
        )


class _Binary:
    """Ranked scores of a binary task, ready to be weighted."""

    def __init__(
        self, labels: NDArray[Any], scores: FloatArray, threshold: float | None
    ) -> None:
        order = np.argsort(-scores, kind="stable")
        self.order = order
        self.positive = labels[order].astype(np.float64)
        ranked = scores[order]
        # Equal scores are one step of the curve, whatever their order in the table.
        self.ends = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))
        likely = np.where(self.positive == 1, ranked, 1 - ranked)
        self.surprise = -np.log(np.clip(likely, np.finfo(np.float64).eps, 1))
        self.missed = (ranked - self.positive) ** 2
        self.flagged = (
            None if threshold is None else (ranked >= threshold).astype(np.float64)
        )

    def weighted(self, weights: FloatArray) -> dict[str, FloatArray]:
        """Return each metric, of shape (b,), under weights of shape (b, n)."""
        weights = weights[:, self.order]
        total = weights.sum(axis=1)
        found = np.cumsum(weights * self.positive, axis=1)[:, self.ends]
        taken = np.cumsum(weights, axis=1)[:, self.ends]
        wrong = taken - found
        steps = np.diff(found, axis=1, prepend=0)
        heights = (
            found + np.concatenate([np.zeros_like(found[:, :1]), found[:, :-1]], 1)
        ) / 2
        area = (np.diff(wrong, axis=1, prepend=0) * heights).sum(axis=1)
        with np.errstate(invalid="ignore"):
            values = {
                "average_precision": (steps * _ratio(found, taken)).sum(axis=1)
                / found[:, -1],
                "roc_auc": area / (found[:, -1] * wrong[:, -1]),
            }
        values["log_loss"] = _total(weights, self.surprise) / total
        values["brier"] = _total(weights, self.missed) / total
        if self.flagged is not None:
            values |= self._flags(weights, found[:, -1], wrong[:, -1])
        return values

    def _flags(
        self, weights: FloatArray, positives: FloatArray, negatives: FloatArray
    ) -> dict[str, FloatArray]:
        flagged = self.flagged if self.flagged is not None else self.positive
        tp = weights @ (flagged * self.positive)
        fp = weights @ (flagged * (1 - self.positive))
        fn, tn = positives - tp, negatives - fp
        return rates(tp, fn, fp, tn) | {"tp": tp, "fn": fn, "fp": fp, "tn": tn}


class _Multiclass:
    """Chosen classes of a multiclass task, ready to be weighted."""

    def __init__(self, labels: NDArray[Any], scores: FloatArray) -> None:
        self.classes = scores.shape[1]
        truth = labels.astype(np.int64)
        cells = truth * self.classes + scores.argmax(axis=1)
        self.cells = np.zeros((len(labels), self.classes**2))
        self.cells[np.arange(len(labels)), cells] = 1
        likely = scores[np.arange(len(labels)), truth]
        self.surprise = -np.log(np.clip(likely, np.finfo(np.float64).eps, 1))

    def weighted(self, weights: FloatArray) -> dict[str, FloatArray]:
        """Return each metric, of shape (b,), under weights of shape (b, n)."""
        matrix = (weights @ self.cells).reshape(-1, self.classes, self.classes)
        hit = np.einsum("bkk->bk", matrix)
        true, chosen = matrix.sum(axis=2), matrix.sum(axis=1)
        present, seen = true > 0, (true + chosen) > 0
        total = weights.sum(axis=1)
        return {
            "macro_f1": _ratio(2 * hit, true + chosen).sum(axis=1) / seen.sum(axis=1),
            "log_loss": _total(weights, self.surprise) / total,
            "balanced_accuracy": _ratio(hit, true).sum(axis=1) / present.sum(axis=1),
            "accuracy": hit.sum(axis=1) / total,
        }


class _Regression:
    """Errors of a regression task, ready to be weighted."""

    def __init__(self, labels: NDArray[Any], scores: FloatArray) -> None:
        errors = scores - labels
        self.order = np.argsort(np.abs(errors), kind="stable")
        self.truth = labels[self.order].astype(np.float64)
        self.errors = errors[self.order]
        self.sizes = np.abs(self.errors)

    def weighted(self, weights: FloatArray) -> dict[str, FloatArray]:
        """Return each metric, of shape (b,), under weights of shape (b, n)."""
        weights = weights[:, self.order]
        total = weights.sum(axis=1)
        squared = _total(weights, self.errors**2)
        mean = _total(weights, self.truth) / total
        spread = (weights * (self.truth - mean[:, None]) ** 2).sum(axis=1)
        reached = np.cumsum(weights, axis=1)
        half = total[:, None] / 2
        lower = (reached < half).sum(axis=1)
        upper = (reached <= half).sum(axis=1)
        return {
            "rmse": np.sqrt(squared / total),
            "mae": _total(weights, self.sizes) / total,
            "r2": np.where(spread > 0, 1 - _ratio(squared, spread), 0.0),
            "medae": (self.sizes[lower] + self.sizes[upper]) / 2,
            "bias": _total(weights, self.errors) / total,
        }


def _sample(
    task: Task, labels: NDArray[Any], scores: FloatArray, threshold: float | None
) -> _Binary | _Multiclass | _Regression:
    if task == "binary":
        return _Binary(labels, scores, threshold)
    if task == "multiclass":
        return _Multiclass(labels, scores)
    return _Regression(labels, scores)
