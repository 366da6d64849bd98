"""What is wrong with a version, worst first: broken rules, then what the profile saw."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from core.words import in_words
from dataquality.models import CheckResult, Profile
from dataquality.selectors.scores import LABELS
from engine.numbers import plain
from engine.profile import sentence

TOP = 10
EXAMPLES = 5
FILLED = " is present"
SEVERITY = {"error": 0, "rule": 1, "warning": 2, "info": 3}


@dataclass(frozen=True)
class ProblemShown:
    """One problem: where, how much of it, and where to look first."""

    sentence: str
    where: str  # a column, or the dimension of a rule
    rows: int
    is_rule: bool
    examples: tuple[int, ...] = ()  # row numbers, the header excluded
    code: str = ""  # of what the profile saw
    column: str = ""

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
        (SEVERITY["rule"], -each.violating, _broken_rule(each))
        for each in profile.results.select_related("rule")
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


def _broken_rule(result: CheckResult) -> ProblemShown:
    return ProblemShown(
        sentence=_("%(rule)s: broken by %(bad)s of %(tested)s.")
        % {
            "rule": result.rule.words,
            "bad": plain(result.violating),
            "tested": plain(result.tested),
        },
        where=str(LABELS[result.rule.dimension]),
        rows=result.violating,
        is_rule=True,
        examples=tuple(result.example_rows),
        column=_filled_column(result),
    )


def _filled_column(result: CheckResult) -> str:
    """Return the column whose gaps break a rule of completeness; "" if it is none."""
    column = result.rule.words.removesuffix(FILLED)
    is_one = result.rule.dimension == "completeness" and column != result.rule.words
    return column if is_one else ""
