"""The tables of experiments; runs carry MLflow's meanings from the start."""

from experiments.models.experiment import (
    Experiment,
    ExperimentTag,
    Lifecycle,
    Protocol,
    Report,
    Sweep,
)
from experiments.models.logged import (
    CLAMP,
    LoggedModel,
    MetricPoint,
    Param,
    RunDetail,
    RunInput,
    RunMetric,
    RunTag,
)
from experiments.models.registry import Alias, ModelVersion, RegisteredModel
from experiments.models.run import Run

__all__ = [
    "CLAMP",
    "Alias",
    "Experiment",
    "ExperimentTag",
    "Lifecycle",
    "LoggedModel",
    "MetricPoint",
    "ModelVersion",
    "Param",
    "Protocol",
    "RegisteredModel",
    "Report",
    "Run",
    "RunDetail",
    "RunInput",
    "RunMetric",
    "RunTag",
    "Sweep",
]
