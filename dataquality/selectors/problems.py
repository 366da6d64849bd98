"""What is wrong with a version, worst first: broken checks, then what the profile saw."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from core.words import in_words
from dataquality.models import CheckResult, Profile
from dataquality.selectors.scores import LABELS, results_of
from engine.numbers import plain
from engine.profile import sentence

TOP = 10
EXAMPLES = 5
OF_GAPS = frozenset({"not_null", "not_missing"})
SEVERITY = {"error": 0, "warning": 2, "info": 3}


@dataclass(frozen=True)
class ProblemShown:
    """One problem: where, how much of it, and where to look first."""

    sentence: str
    where: str  # a column, or the dimension of a check
    rows: int
    is_rule: bool
    examples: tuple[int, ...] = ()  # row numbers, the header excluded
    code: str = ""  # of what the profile saw
    column: str = ""
    check_with_rows: int | None = None  # whose failing rows are kept

    @property
    def place_and_sentence(self) -> str:
        """What is wrong, and where if the sentence leaves that out."""
        return self.sentence if self.is_rule else f"{self.where}: {self.sentence}"

    @property
    def rows_words(self) -> str:
        """Where to look first, such as "rows 3, 8, 21"."""
        first = ", ".join(plain(row) for row in self.examples[:EXAMPLES])
        return _("rows %(rows)s") % {"rows": first} if first else ""


def problems_of(profile: Profile) -> list[ProblemShown]:
    """Return every problem of a version, worst first."""
    rows = [
        (_weight(each), -each.violating, _broken(each))
        for each in results_of(profile)
        if not each.is_kept
    ]
    for seen in profile.content["problems"]:
        shown = ProblemShown(
            sentence=problem_in_words(seen),
            where=seen["column"] or _("the table"),
            rows=seen["rows"],
            is_rule=False,
            code=seen["code"],
            column=seen["column"],
        )
        rows.append((SEVERITY[seen["severity"]], -seen["rows"], shown))
    return [shown for _severity, _rows, shown in sorted(rows, key=lambda row: row[:2])]


def problem_in_words(seen: dict[str, Any]) -> str:
    """Return a stored problem in the reader's language; old ones are English."""
    if not seen.get("values"):
        return str(seen["sentence"])
    return in_words(sentence(seen["code"], seen["values"]))


def _weight(result: CheckResult) -> float:
    """Return the place of a broken check: after what is an error of the table itself."""
    return SEVERITY[result.severity] + 0.5


def _broken(result: CheckResult) -> ProblemShown:
    said = {
        "check": result.in_words,
        "bad": plain(result.violating),
        "tested": plain(result.tested),
        "why": result.note_in_words,
    }
    words = _("%(check)s: broken by %(bad)s of %(tested)s.")
    if result.is_error:
        words = _("%(check)s: could not be checked. %(why)s")
    return ProblemShown(
        sentence=words % said,
        where=str(LABELS[result.dimension]),
        rows=result.violating,
        is_rule=True,
        examples=tuple(result.example_rows),
        column=_filled_column(result),
        check_with_rows=result.declared_check_id if result.failing_rows else None,
    )


def _filled_column(result: CheckResult) -> str:
    """Return the column whose gaps break a check; "" if it is not about gaps."""
    check = result.declared_check
    return str(check.params["column"]) if check.kind in OF_GAPS else ""
