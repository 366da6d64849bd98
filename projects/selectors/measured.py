"""Metrics of the catalogue that stand in the formulas of a value case.

A run measures them. Until there is one they are quantities, assumed as any other.
"""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from engine.value.formula import FormulaError, parse
from projects.kinds.catalogue import DATA_AGE, SCORES
from projects.models import NET_VALUE, Metric, Project, Quantity, ValueCase

SHARE = "share"
# The price itself, and what is measured of data: no run replaces these.
OF_NO_RUN = (NET_VALUE, DATA_AGE, *(f"{name}_score" for name in SCORES))
# Units of the catalogue that are none: numbers without a measure of their own.
PLAIN_UNITS = {SHARE, "nats", "squared share", "coefficient"}
UNSAID_UNITS = {"", "target"}
_GUESS = (0.5, 0.7, 0.9)  # wide, as of any number that nobody has stated


def named_metrics(project: Project, case: ValueCase) -> list[Metric]:
    """Return the metrics that formulas of the case name; they price its runs.

    None where single cases or errors of forecasts are counted: those are priced by
    what was caught and missed.
    """
    names = set().union(*map(_names, case.drivers))
    return [each for each in measurable(project, case) if each.key in names]


def _names(driver: dict[str, str]) -> frozenset[str]:
    try:
        return parse(driver.get("expression", "")).names
    except FormulaError:
        return frozenset()  # said elsewhere, with the place and the remedy


def assumed(
    project: Project, metrics: Iterable[Metric], known: Iterable[str]
) -> list[Quantity]:
    """Return new quantities for shares that formulas name and nobody has stated.

    A metric of another unit has no range that would be wide for all: somebody adds
    the quantity, with what they assume.
    """
    stated = set(known)
    last = project.quantities.last()
    position = last.position + 1 if last else 0
    return [
        _share(project, metric, position + at)
        for at, metric in enumerate(metrics)
        if metric.unit == SHARE and metric.key not in stated
    ]


def _share(project: Project, metric: Metric, position: int) -> Quantity:
    low, likely, high = _GUESS
    return Quantity(
        project=project,
        name=metric.key,
        label=metric.title,
        asks=_("What %(metric)s would a model reach?") % {"metric": metric.title},
        why=_("Assumed until a run measures it."),
        unit=SHARE,
        formula_unit=SHARE,
        suffix="%",
        scale=0.01,
        lower=0.0,
        upper=1.0,
        default_low=low,
        default_likely=likely,
        default_high=high,
        position=position,
    )


def measurable(project: Project, case: ValueCase) -> list[Metric]:
    """Return the metrics that formulas of the case could name, for a run to measure."""
    if case.volume or case.forecast:
        return []
    return list(project.metrics.in_use().exclude(key__in=OF_NO_RUN))


def formula_names(project: Project, case: ValueCase) -> list[str]:
    """Return the names that formulas may use: quantities, and shares a run measures."""
    names = list(project.quantities.values_list("name", flat=True))
    shares = [m.key for m in measurable(project, case) if m.unit == SHARE]
    return list(dict.fromkeys([*names, *shares]))


def unit_of(metric: Metric) -> str:
    """Return the unit that formulas are checked with; "" if it is not known."""
    if metric.unit in UNSAID_UNITS:
        return ""
    return SHARE if metric.unit in PLAIN_UNITS else metric.unit
