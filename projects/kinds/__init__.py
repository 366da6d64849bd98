"""The kinds of requirement as data: fields, tests, templates, conflicts, documents."""

from projects.kinds import compliance
from projects.kinds.asking import Ask, Bound, DetailProblems, Type, When
from projects.kinds.catalogue import (
    KINDS,
    LEVEL_OF_FAMILY,
    attested_of,
    bounds_of,
    checked_details,
    lines_of,
)

__all__ = [
    "KINDS",
    "LEVEL_OF_FAMILY",
    "Ask",
    "Bound",
    "DetailProblems",
    "Type",
    "When",
    "attested_of",
    "bounds_of",
    "checked_details",
    "compliance",
    "lines_of",
]
