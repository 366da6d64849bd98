"""What the parameters of checks are called on a form."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# By parameter: its label and a help.
FIELDS: dict[str, tuple[str | Promise, str | Promise]] = {
    "column": (_("Column"), ""),
    "max_pct": (_("Percent that may break it"), _("0: none at all.")),
    "tokens": (_("Words for unknown"), _("One a line, or with commas between.")),
    "minimum": (_("At least"), _("Empty: no lower bound.")),
    "maximum": (_("At most"), _("Empty: no upper bound.")),
    "step": (_("Every"), ""),
    "of": (_("Columns of the key"), _("With commas between.")),
    "values": (_("Allowed values"), _("One a line, or with commas between.")),
    "pattern": (_("Regular expression"), _("It has to match the whole value.")),
    "type": (_("Type"), ""),
    "types": (
        _("Columns and their types"),
        _(
            "One a line: age = integer. Types: text, integer, number, boolean, date, "
            "datetime; none is any."
        ),
    ),
    "others_allowed": (_("Other columns are allowed"), ""),
    "function": (_("Number"), ""),
    "method": (_("Distance from"), ""),
    "k": (_("How far"), _("3 quartile ranges or standard deviations are far.")),
    "max_age_days": (
        _("Oldest it may be, in days"),
        _("A requirement on the frequency in force decides instead."),
    ),
    "at": (
        _("Ages are measured at"),
        _("Such as 2026-09-01T00:00:00Z. Empty: when the version came."),
    ),
    "every_days": (_("A delivery every so many days"), ""),
    "grace_days": (_("Days of grace"), ""),
    "left": (_("Column"), ""),
    "op": (_("is"), ""),
    "right": (_("this column"), ""),
    "total": (_("Total"), ""),
    "factors": (_("Factors"), _("Columns with commas between.")),
    "relative": (_("Allowed share"), _("0.01 is one percent of the product.")),
    "absolute": (_("Allowed difference"), _("The larger of the two counts.")),
    "table": (_("Data set"), _("Its newest version is meant.")),
    "reference": (_("Column there"), ""),
    "keys": (
        _("Rows match by"),
        _("Columns one a line; if named otherwise there: id = number."),
    ),
    "tolerances": (
        _("How far a number may be off"),
        _("One column a line: monthly_charges 0.01"),
    ),
    "other_column": (_("Column there"), _("Empty: of the same name.")),
    "tolerance": (_("Allowed difference"), ""),
    "compare": (
        _("Columns to compare"),
        _("One a line; if named otherwise there: fee = price. Empty: all alike."),
    ),
    "statistic": (_("Measure"), ""),
    "threshold": (_("At most"), _("Of PSI, 0.1 is moderate and 0.25 large.")),
    "query": (
        _("SELECT"),
        _(
            "Rows it finds are broken; with bounds below, it gives one number. The "
            "table is called data."
        ),
    ),
}
OPTIONS: dict[str, str | Promise] = {
    "psi": "PSI",
    "js": _("Jensen–Shannon distance"),
    "ks": _("Kolmogorov–Smirnov"),
    "iqr": _("the quartiles"),
    "sd": _("the mean"),
    "mean": _("mean"),
    "median": _("median"),
    "min": _("smallest"),
    "max": _("largest"),
    "sum": _("sum"),
    "stdev": _("standard deviation"),
    "distinct": _("different values"),
    "hour": _("hour"),
    "day": _("day"),
    "week": _("week"),
    "month": _("month"),
    "quarter": _("quarter"),
    "year": _("year"),
    "text": _("text"),
    "integer": _("integer"),
    "number": _("number"),
    "boolean": _("yes or no"),
    "date": _("date"),
    "datetime": _("date and time"),
}
