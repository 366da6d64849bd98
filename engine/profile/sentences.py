"""Problems in words: from a stored code and its values, in any language."""

from collections.abc import Mapping
from typing import Any

from engine.numbers import plain
from engine.words import Sentence, Template, gettext_noop

# Of one row or value, and of more.
_SENTENCES: dict[str, tuple[Template, Template]] = {
    "duplicate_rows": (
        gettext_noop("%(n)s row is equal to an earlier row in every column."),
        gettext_noop("%(n)s rows are equal to an earlier row in every column."),
    ),
    "all_missing": (gettext_noop("No value is present."),) * 2,
    "missing": (
        gettext_noop("%(n)s value is missing (%(share)s)."),
        gettext_noop("%(n)s values are missing (%(share)s)."),
    ),
    "constant": (gettext_noop("Every value present is the same."),) * 2,
    "nearly_constant": (gettext_noop("All but %(n)s values are '%(value)s'."),) * 2,
    "id_like": (
        gettext_noop("Every row has its own value: a name of rows, not a feature."),
    )
    * 2,
    "infinite": (
        gettext_noop("%(n)s value is infinite."),
        gettext_noop("%(n)s values are infinite."),
    ),
    "few_negative": (
        gettext_noop("%(n)s value is below zero, the others are not."),
        gettext_noop("%(n)s values are below zero, the others are not."),
    ),
    "outliers": (
        gettext_noop("%(n)s value lies far out, below %(low)s or above %(high)s."),
        gettext_noop("%(n)s values lie far out, below %(low)s or above %(high)s."),
    ),
    "spelling": (
        gettext_noop(
            "%(n)s value is spelt '%(odd)s', which differs from '%(usual)s' only by "
            "case or spaces."
        ),
        gettext_noop(
            "%(n)s values are spelt '%(odd)s', which differs from '%(usual)s' only by "
            "case or spaces."
        ),
    ),
    "spellings": (
        gettext_noop(
            "%(n)s values are spelt '%(odd)s' and the like, which differs from "
            "'%(usual)s' only by case or spaces."
        ),
    )
    * 2,
    "redundant": (gettext_noop("Moves with %(other)s (r = %(r)s)."),) * 2,
    "target_missing": (
        gettext_noop("%(n)s row is without a target and cannot be learnt from."),
        gettext_noop("%(n)s rows are without a target and cannot be learnt from."),
    ),
    "target_one_class": (
        gettext_noop(
            "The target has fewer than two classes: there is nothing to tell apart."
        ),
    )
    * 2,
    "target_rare_class": (gettext_noop("Class '%(value)s' is %(share)s of the rows."),)
    * 2,
    "leak": (
        gettext_noop("Nearly determines the target %(target)s: is it known in time?"),
    )
    * 2,
    "leak_missing": (
        gettext_noop(
            "Whether a value is missing nearly determines the target %(target)s: is it "
            "filled in only afterwards?"
        ),
    )
    * 2,
}


def sentence(code: str, values: Mapping[str, Any]) -> Sentence:
    """Return what a problem says; KeyError if the code is unknown.

    Parameters
    ----------
    values : mapping
        What was stored with the code: n and what else its sentence tells.
    """
    one, many = _SENTENCES[code]
    template = one if values["n"] == 1 else many
    return template % {name: _shown(name, each) for name, each in values.items()}


def _shown(name: str, value: Any) -> str:
    if name == "share":
        return f"{value:.1%}"
    if name == "r":
        return f"{value:.2f}"
    if isinstance(value, float):
        return f"{value:.4g}".replace("-", "−")
    return plain(value) if isinstance(value, int) else str(value)
