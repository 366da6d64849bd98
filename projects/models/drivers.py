"""What a value case says of a driver besides its amount, and the rules of it."""

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

NOT_IN_MONEY, PROXY, COST = "not_in_money", "proxy", "cost"


class CostKind(models.TextChoices):
    """What a cost is for."""

    BUILD = "build", gettext_lazy("building it")
    RUN = "run", gettext_lazy("running it")
    PEOPLE = "people", gettext_lazy("people")
    INFRASTRUCTURE = "infrastructure", gettext_lazy("infrastructure")


class BeyondMoney(models.TextChoices):
    """What is worth something and has no price of its own."""

    CUSTOMERS = "customer_experience", gettext_lazy("customer experience")
    EMPLOYEES = "employee_experience", gettext_lazy("employee experience")
    RISK = "risk", gettext_lazy("risk")
    COMPLIANCE = "compliance", gettext_lazy("compliance")
    STRATEGY = "strategy", gettext_lazy("strategy")
    LEARNING = "learning", gettext_lazy("learning")


PROXY_PARTS = ("quantity", "money", "reach")
LONGEST_NOTE = 300
NO_AMOUNT = "0"  # of what is shown beside the money without a number

Problems = dict[str, str]


def driver_problems(driver: Mapping[str, Any]) -> Problems:
    """Return what is wrong with a driver's kind, note and proxy, by field."""
    kind = driver.get("kind", "")
    is_cost = driver["category"] == COST
    counted = driver["counted"]
    if kind in CostKind.values and not is_cost:
        return {"kind": _("That is a kind of cost: choose Costs as the source.")}
    if kind in BeyondMoney.values and counted == "money":
        return {
            "kind": _(
                "That has no price of its own: count it by a proxy, or not in money."
            )
        }
    if counted == NOT_IN_MONEY and kind not in BeyondMoney.values:
        return {"kind": _("Say which kind of value it is; it is shown beside.")}
    return _proxy_problems(driver.get("proxy") or {}, counted)


def _proxy_problems(proxy: Mapping[str, str], counted: str) -> Problems:
    if not proxy or counted != PROXY:
        return {}
    missing: Problems = {
        "quantity": _("Name what is counted, such as complaints."),
        "money": _("Say what one of them is worth."),
        "source": _("Say where the worth of one comes from."),
    }
    return {f"proxy_{k}": v for k, v in missing.items() if not proxy.get(k, "").strip()}


def proxy_expression(proxy: Mapping[str, str]) -> str:
    """Return quantity × money per unit × reach as one formula."""
    parts = [proxy.get(name, "").strip() for name in PROXY_PARTS]
    return " * ".join(
        part if part.replace("_", "").replace(".", "").isalnum() else f"({part})"
        for part in parts
        if part
    )
