"""What the data says of a number that people guessed: how many cases are hits."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from projects.models import Evidence, Project, Quantity, ValueCase
from projects.selectors.words import Wording

PREVALENCE = "prevalence"


@dataclass(frozen=True)
class FromData:
    """A range that was counted in a table, for the quantity it can stand for."""

    quantity: Quantity
    low: float
    likely: float
    high: float
    rows: int
    label: str  # of the data
    url: str

    @property
    def sentence(self) -> str:
        """The measured share, in the words of the quantity."""
        words = Wording(self.quantity, self.quantity.project.currency)
        return _("%(what)s: %(range)s, counted in %(n)s rows of %(data)s.") % {
            "what": words.label,
            "range": words.range_said(self.low, self.high),
            "n": f"{self.rows:,}".replace(",", "\u202f"),
            "data": self.label,
        }

    @property
    def reason(self) -> str:
        """Why the project goes on with it, as a person would write."""
        return _("Counted in %(n)s rows of %(data)s.") % {
            "n": self.rows,
            "data": self.label,
        }


def from_data(
    project: Project, case: ValueCase, quantities: Iterable[Quantity]
) -> FromData | None:
    """Return what the newest current data says of the case's prevalence.

    None where nothing was counted, the data has a newer version, or the prevalence is
    a formula: what is counted stands for one number.
    """
    named = [each for each in quantities if each.name == case.prevalence]
    if not named:
        return None
    rows = project.evidence.filter(metric_key=PREVALENCE, superseded_by=None)[:20]
    row = next((each for each in rows if _is_current(project, each)), None)
    if row is None or row.value is None or row.low is None or row.high is None:
        return None
    return FromData(
        named[0],
        low=round(row.low, 4),
        likely=round(row.value, 4),
        high=round(row.high, 4),
        rows=row.n or 0,
        label=row.subject_label,
        url=row.subject_url,
    )


def _is_current(project: Project, row: Evidence) -> bool:
    return all(project.current_inputs.get(k, v) == v for k, v in row.inputs.items())
