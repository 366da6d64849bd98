"""Gaps filled by the rules of a protocol, learnt from the rows a fold trains on."""

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.impute import SimpleImputer
from sklearn.linear_model import BayesianRidge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from engine.training.cells import MISSING
from engine.training.impute import Strategy

if TYPE_CHECKING:
    import pandas as pd


class Fill(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # untyped there
    """The first step of a pipeline: a frame in, the same frame without these gaps out.

    The median and the most frequent value are those of the rows `fit` saw; `model` is
    a ridge regression on the other numbers (regression imputation: van Buuren,
    *Flexible Imputation of Missing Data*, 2018, section 1.3.4), `category` leaves a
    gap to the steps that follow, for which missing is a value of its own.

    Parameters
    ----------
    impute : dict of column to strategy
    numeric : list of columns that hold numbers
    """

    def __init__(self, impute: dict[str, Strategy], numeric: list[str]) -> None:
        self.impute = impute
        self.numeric = numeric

    def fit(self, frame: "pd.DataFrame", _labels: Any = None) -> Self:
        """Learn what fills each column from these rows alone."""
        self.filled_ = {
            column: self._learnt(frame, column, strategy)
            for column, strategy in self.impute.items()
            if strategy != "category"
        }
        return self

    def transform(self, frame: "pd.DataFrame") -> "pd.DataFrame":
        """Return a copy of `frame` with its gaps filled; other cells stay."""
        whole = frame.copy()
        for column, learnt in self.filled_.items():
            gaps = self._gaps(frame, column)
            if gaps.any():
                values = (
                    learnt.predict(frame.loc[gaps, self._others(column)].to_numpy())
                    if isinstance(learnt, Pipeline)
                    else learnt.transform(frame.loc[gaps, [column]].to_numpy())[:, 0]
                )
                whole.loc[gaps, column] = values
        return whole

    def _learnt(self, frame: "pd.DataFrame", column: str, strategy: Strategy) -> Any:
        known = ~self._gaps(frame, column)
        if strategy == "model" and known.any():
            model = make_pipeline(
                SimpleImputer(strategy="median", keep_empty_features=True),
                StandardScaler(),
                BayesianRidge(),
            )
            rows = frame.loc[known]
            return model.fit(
                rows[self._others(column)].to_numpy(), rows[column].to_numpy()
            )
        # Where a fold knows no value at all there is nothing to predict from.
        simple = SimpleImputer(
            missing_values=np.nan if column in self.numeric else MISSING,
            strategy="median" if strategy == "model" else strategy,
            keep_empty_features=True,
        )
        return simple.fit(frame[[column]].to_numpy())

    def _others(self, column: str) -> list[str]:
        return [each for each in self.numeric if each != column]

    def _gaps(self, frame: "pd.DataFrame", column: str) -> "pd.Series[bool]":
        values = frame[column]
        return values.isna() if column in self.numeric else values == MISSING
