"""Writes with consequences: experiments, trials, what is logged, prices."""

from experiments.services.experiments import (
    add_protocol,
    conclude,
    create_experiment,
)
from experiments.services.lifecycle import (
    archive_experiment,
    archive_runs,
    restore_experiment,
    restore_runs,
)
from experiments.services.nominate import nominate
from experiments.services.pricing import (
    Priced,
    record_groups,
    record_prices,
)
from experiments.services.promote import promote_run
from experiments.services.slices import record_slices
from experiments.services.tell import tell_of_sweep
from experiments.services.tracking import (
    Logged,
    MetricGiven,
    create_run,
    log_batch,
    tag_runs,
    update_run,
)
from experiments.services.trials import (
    Trained,
    TrialAsked,
    begin_trial,
    end_trial,
    final_metrics,
    may_train_on,
    plan_sweep,
    queue_trial,
    receive_files,
    record_trial,
)

__all__ = [
    "Logged",
    "MetricGiven",
    "Priced",
    "Trained",
    "TrialAsked",
    "add_protocol",
    "archive_experiment",
    "archive_runs",
    "begin_trial",
    "conclude",
    "create_experiment",
    "create_run",
    "end_trial",
    "final_metrics",
    "log_batch",
    "may_train_on",
    "nominate",
    "plan_sweep",
    "promote_run",
    "queue_trial",
    "receive_files",
    "record_groups",
    "record_prices",
    "record_slices",
    "record_trial",
    "restore_experiment",
    "restore_runs",
    "tag_runs",
    "tell_of_sweep",
    "update_run",
]
