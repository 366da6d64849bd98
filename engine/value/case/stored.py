"""The parts of a value case as JSON, and back."""

import math
from dataclasses import fields
from typing import Any

from engine.value.case.parts import (
    CaseProblem,
    Category,
    Driver,
    Forecast,
    Per,
    Quantity,
)
from engine.value.distributions import distribution_from_json


def read_text(content: dict[str, Any], key: str) -> str:
    """Return the text under `key`; raises CaseProblem if it is none."""
    text = content[key]
    if not isinstance(text, str):
        msg = f"value case: {key} is {text!r}: write it as text"
        raise CaseProblem(msg)
    return text


def read_text_or_none(content: dict[str, Any], key: str) -> str | None:
    """Return the text under `key`, or None if null stands there."""
    return None if content[key] is None else read_text(content, key)


def read_whole(content: dict[str, Any], key: str) -> int:
    """Return the whole number under `key`; raises CaseProblem if it is none."""
    number = content[key]
    if isinstance(number, bool) or not isinstance(number, int):
        msg = f"value case: {key} is {number!r}: write a whole number"
        raise CaseProblem(msg)
    return int(number)


def quantity_to_json(quantity: Quantity) -> dict[str, Any]:
    """Return a quantity as JSON."""
    # JSON has no infinity, so an open bound is null.
    return {
        "name": quantity.name,
        "distribution": quantity.distribution.to_json(),
        "lower": float(quantity.lower) if math.isfinite(quantity.lower) else None,
        "upper": float(quantity.upper) if math.isfinite(quantity.upper) else None,
    }


def quantity_from_json(content: dict[str, Any]) -> Quantity:
    """Return the quantity that `quantity_to_json` wrote."""
    lower, upper = content["lower"], content["upper"]
    return Quantity(
        name=read_text(content, "name"),
        distribution=distribution_from_json(content["distribution"]),
        lower=-math.inf if lower is None else float(lower),
        upper=math.inf if upper is None else float(upper),
    )


def forecast_from_json(content: dict[str, Any] | None) -> Forecast | None:
    """Return the forecast written there, or None if there is none."""
    if content is None:
        return None
    names = [field.name for field in fields(Forecast)]
    return Forecast(**{name: read_text(content, name) for name in names})


def driver_to_json(driver: Driver) -> dict[str, Any]:
    """Return a driver as JSON."""
    return {
        "name": driver.name,
        "label": driver.label,
        "category": str(driver.category),
        "per": str(driver.per),
        "expression": driver.expression,
        "counted": driver.counted,
    }


def driver_from_json(content: dict[str, Any]) -> Driver:
    """Return the driver that `driver_to_json` wrote."""
    try:
        category, per = Category(content["category"]), Per(content["per"])
    except ValueError as error:
        msg = f"driver {content.get('name')!r}: {error}"
        raise CaseProblem(msg) from error
    return Driver(
        name=read_text(content, "name"),
        label=read_text(content, "label"),
        category=category,
        per=per,
        expression=read_text(content, "expression"),
        counted=content["counted"],
    )
