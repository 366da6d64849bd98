"""Reads of experiments and runs; what pages of the whole portal ask for."""

from experiments.selectors.candidate import (
    Candidate,
    CandidateRow,
    best_run,
    best_runs,
    candidate,
    experiments_station,
    has_runs,
    statuses_by,
)

__all__ = [
    "Candidate",
    "CandidateRow",
    "best_run",
    "best_runs",
    "candidate",
    "experiments_station",
    "has_runs",
    "statuses_by",
]
