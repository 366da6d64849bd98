"""Data set versions, experiments and runs for tests."""

from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core import objects
from core.access import Actor
from dataquality.models import DataSet, DataSetVersion, Profile
from dataquality.services.deliveries import OWNER, TABLE
from engine.training.protocol import Protocol as Rules
from experiments import services
from experiments.models import Experiment, Protocol, Run
from projects.models import Project

NOW = 1_700_000_000_000
_numbers = count(1)


def customers(rows: int = 240, *, seed: int = 7) -> dict[str, Any]:
    """Return columns of a table in which leaving follows tenure and contract."""
    rng = np.random.default_rng(seed)
    tenure = rng.integers(1, 72, rows).astype(float)
    monthly = rng.integers(0, 2, rows)
    leaving = 1 / (1 + np.exp(0.08 * tenure - 1.6 * monthly - 0.4))
    return {
        "tenure": tenure,
        "contract": ["monthly" if m else "yearly" for m in monthly],
        "charge": rng.normal(70, 20, rows).round(2),
        "churn": [
            "yes" if u < p else "no"
            for u, p in zip(rng.random(rows), leaving, strict=True)
        ],
    }


def a_version(
    project: Project, folder: Path, columns: dict[str, Any] | None = None
) -> DataSetVersion:
    """Return a ready version with a canonical table of these columns."""
    table = pa.table(columns or customers())
    path = folder / f"table{next(_numbers)}.parquet"
    pq.write_table(table, path)
    incoming = objects.receive_file(path)
    n = next(_numbers)
    data_set = DataSet.objects.create(
        project=project, name=f"data {n}", slug=f"data-{n}"
    )
    version = DataSetVersion.objects.create(
        data_set=data_set,
        number=1,
        state=DataSetVersion.State.READY,
        digest=incoming.digest,
        source_digest=incoming.digest,
        rows=table.num_rows,
        columns=[{"name": f.name, "kind": _kind(f.type)} for f in table.schema],
    )
    objects.attach(
        incoming,
        project_id=project.pk,
        owner_kind=OWNER,
        owner_id=version.pk,
        path=TABLE,
    )
    Profile.objects.create(version=version, content={}, digest="", engine_version="")
    return version


def _kind(kind: pa.DataType) -> str:
    return "text" if pa.types.is_string(kind) else "number"


def an_experiment(project: Project, name: str = "", **fields: Any) -> Experiment:
    """Return an experiment of the project."""
    row = Experiment(
        **{
            "project": project,
            "name": name or f"experiment {next(_numbers)}",
            "hypothesis": "Contract and tenure tell who leaves.",
            **fields,
        }
    )
    return services.create_experiment(row, actor=Actor(user=project.created_by))


def a_protocol(
    experiment: Experiment, version: DataSetVersion, **changes: Any
) -> Protocol:
    """Return rules for the table of `customers`, quick to train under."""
    rules = Rules(
        **{
            "task": "binary",
            "target": "churn",
            "positive": "yes",
            "data_digest": "",
            "primary_metric": "average_precision",
            "folds": 2,
            "seeds": (1,),
            **changes,
        }
    )
    return services.add_protocol(
        experiment,
        actor=Actor(user=experiment.project.created_by),
        version=version,
        rules=rules,
    )


def a_run(experiment: Experiment, **fields: Any) -> Run:
    """Return a run as somebody logs it from outside."""
    metrics = fields.pop("metrics", {})
    params = fields.pop("params", {})
    run = services.create_run(
        experiment,
        actor=Actor(user=experiment.project.created_by),
        **{"start_time": NOW + next(_numbers), **fields},
    )
    services.log_batch(
        run,
        services.Logged(
            metrics=[services.MetricGiven(k, v, NOW) for k, v in metrics.items()],
            params=[(k, str(v)) for k, v in params.items()],
        ),
    )
    return run
