"""A computation with each library of the engine that has threads or locks."""

from pathlib import Path
from typing import Any

import duckdb
import polars
import pyarrow.parquet
import sklearn.tree


def use_them(*, folder: Path, report) -> dict[str, Any]:
    path = str(folder / "x.parquet")
    polars.DataFrame({"x": [1, 2, 3]}).write_parquet(path)
    by_group = polars.scan_parquet(path).select(polars.col("x").sum()).collect()
    with duckdb.connect() as connection:
        rows = connection.execute("select sum(x)::int from read_parquet(?)", [path])
        ((by_sql,),) = rows.fetchall()
    tree = sklearn.tree.DecisionTreeRegressor().fit([[1], [2], [3]], [1, 2, 3])
    return {
        "polars": by_group.item(),
        "duckdb": by_sql,
        "pyarrow": pyarrow.parquet.read_table(path)["x"].to_pandas().sum().item(),
        "sklearn": tree.predict([[3]]).item(),
    }


def nothing(*, folder: Path, report) -> dict[str, Any]:
    return {}
