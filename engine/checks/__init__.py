"""What a table is promised to be, how well it keeps that, and scores of it."""

from engine.checks.base import DIMENSIONS, SEVERITIES, Check, CheckProblem
from engine.checks.catalogue import KINDS, Declared, check_of
from engine.checks.result import Assessment, Found, Score

__all__ = [
    "DIMENSIONS",
    "KINDS",
    "SEVERITIES",
    "Assessment",
    "Check",
    "CheckProblem",
    "Declared",
    "Found",
    "Score",
    "check_of",
]
