"""The age of data that a project's frequency asks for, in the place of a rule's own."""

from typing import Any

from projects.selectors.requirements import Freshness


def with_target(rules: Any, target: Freshness | None) -> Any:
    """Return declared rules with the age of data that the project asks for.

    The requirement in force decides; without one, a data set's own rule does.
    """
    if target is None or not isinstance(rules, dict):
        return rules
    timeliness = rules.get("timeliness") or {}
    return {**rules, "timeliness": {**timeliness, "target_days": target.days}}
