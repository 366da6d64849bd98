"""The drivers of a value case, as its page lists them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from engine.errors import EngineError
from engine.numbers import money, two_digits
from engine.value.case import Per
from engine.value.case import ValueCase as EngineCase
from engine.value.simulate import once_amounts, rates, yearly_amounts
from projects.models import ValueCase
from projects.models.drivers import NOT_IN_MONEY, BeyondMoney, CostKind
from projects.selectors.picture import category_titles
from projects.selectors.words import translated

_KINDS = dict([*CostKind.choices, *BeyondMoney.choices])


@dataclass(frozen=True)
class DriverRow:
    """One source of value or cost, in words."""

    label: str
    source: str
    kind: str
    expression: str
    per: str
    note: str
    proxy_source: str
    amount: str  # on average, in a full year or once; "" where nothing is counted


def driver_rows(case: ValueCase, engine: EngineCase, currency: str) -> list[DriverRow]:
    """Return the drivers that are counted in money, with their mean amounts."""
    amounts = _amounts(engine)
    return [
        _row(each, _money(amounts.get(each["name"]), each["per"], currency))
        for each in case.drivers
        if each["counted"] != NOT_IN_MONEY
    ]


def beyond_money(case: ValueCase, engine: EngineCase) -> list[DriverRow]:
    """Return what is shown beside the money and never added, with its size if any."""
    sizes = {
        driver.name: driver.formula.evaluate(engine.means())
        for driver in engine.drivers
        if not driver.is_counted
    }
    return [
        _row(each, _size(float(sizes[each["name"]])))
        for each in case.drivers
        if each["counted"] == NOT_IN_MONEY
    ]


def _amounts(engine: EngineCase) -> dict[str, float]:
    """Return each driver's amount at the mean of every quantity."""
    means = engine.means()
    try:
        found = {
            **yearly_amounts(engine, means, *rates(engine, means)),
            **once_amounts(engine, means),
        }
    except EngineError:
        return {}  # the page says elsewhere why it cannot be computed
    return {name: float(np.mean(amount)) for name, amount in found.items()}


def _row(driver: Mapping[str, Any], amount: str) -> DriverRow:
    titles = {str(key): title for key, title in category_titles()}
    source, kind = (
        titles[driver["category"]],
        str(_KINDS.get(driver.get("kind", ""), "")),
    )
    return DriverRow(
        label=translated(driver["label"]),
        source=source,
        kind="" if kind.casefold() == source.casefold() else kind,
        expression=driver["expression"],
        per=_per(Per(driver["per"])),
        note=driver.get("note", ""),
        proxy_source=(driver.get("proxy") or {}).get("source", ""),
        amount=amount,
    )


def _per(per: Per) -> str:
    return {
        Per.TP: _("for each case caught"),
        Per.FN: _("for each case missed"),
        Per.FP: _("for each false alarm"),
        Per.TN: _("for each case left alone"),
        Per.UNDER: _("for each unit less too low"),
        Per.OVER: _("for each unit less too high"),
        Per.YEAR: _("a year"),
        Per.ONCE: _("once"),
    }[per]


def _money(amount: float | None, per: str, currency: str) -> str:
    if amount is None:
        return ""
    said = money(amount, currency)
    pattern = _("%(amount)s once") if per == Per.ONCE else _("%(amount)s a year")
    return pattern % {"amount": said}


def _size(amount: float) -> str:
    return two_digits(amount) if amount and np.isfinite(amount) else ""
