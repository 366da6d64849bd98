"""What the data says of numbers that people guessed: how many cases, how many hits."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from projects.models import Evidence, Project, Quantity, ValueCase
from projects.selectors.words import Wording

PREVALENCE = "prevalence"
VOLUME = "yearly_volume"


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
) -> list[FromData]:
    """Return what the newest current data says of the case's volume and prevalence.

    Nothing of what was not counted, of data with a newer version, or where the case has
    a formula: what is counted stands for one number.
    """
    by_name = {each.name: each for each in quantities}
    wanted = {
        VOLUME: by_name.get(case.volume),
        PREVALENCE: by_name.get(case.prevalence),
    }
    found = {key: quantity for key, quantity in wanted.items() if quantity}
    return list(_counted(project, found)) if found else []


def _counted(project: Project, wanted: dict[str, Quantity]) -> Iterator[FromData]:
    rows = project.evidence.filter(metric_key__in=wanted, superseded_by=None)[:40]
    current = [each for each in rows if _is_current(project, each)]
    for key, quantity in wanted.items():
        row = next((each for each in current if each.metric_key == key), None)
        if row is None or row.value is None or row.low is None or row.high is None:
            continue
        yield FromData(
            quantity,
            low=_four_digits(row.low),
            likely=_four_digits(row.value),
            high=_four_digits(row.high),
            rows=row.n or 0,
            label=row.subject_label,
            url=row.subject_url,
        )


def _four_digits(value: float) -> float:
    return float(f"{value:.4g}")


def _is_current(project: Project, row: Evidence) -> bool:
    return all(project.current_inputs.get(k, v) == v for k, v in row.inputs.items())
