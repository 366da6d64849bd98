"""What a value estimate says, in the words and shapes of its pages."""

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext as _

from engine.numbers import money
from engine.value.case import CaseProblem, Category
from engine.value.case import ValueCase as EngineCase
from engine.value.classifier import Cells
from engine.value.simulate import (
    Sway,
    ValueEstimate,
)
from projects.models import Project, Quantity
from projects.selectors.words import Decimal, Wording, wordings

# Between these chances of paying back neither funding nor dropping is plain.
LEAST_WORTH_IT, MOST_NOT_WORTH_IT = 0.8, 0.2
TOP_SWAYS = 3
WORTH_SAYING = 1e-5  # of the spread; less is the noise of the draws


def verdict(p_pays_back: float) -> str:
    """Return "worth it", "not worth it", or that it is too close to call."""
    if p_pays_back > LEAST_WORTH_IT:
        return _("worth it")
    if p_pays_back < MOST_NOT_WORTH_IT:
        return _("not worth it")
    return _("too close to call")


@dataclass(frozen=True)
class SwayWords:
    """One input that decides: where it breaks even, and what knowing it is worth."""

    title: str
    break_even: str
    worth: str  # "" when knowing it would change no decision


@dataclass(frozen=True)
class CategoryAmount:
    """What one source of value brings in a full year, on average."""

    title: str
    amount: float | None  # None: nothing is counted there

    @property
    def is_counted(self) -> bool:
        """Whether any driver adds to it."""
        return self.amount is not None


@dataclass(frozen=True)
class Picture:
    """A value estimate as the pages show it."""

    result: ValueEstimate
    currency: str
    sways: tuple[SwayWords, ...]

    @property
    def top_sways(self) -> tuple[SwayWords, ...]:
        """The three inputs that decide most."""
        return self.sways[:TOP_SWAYS]

    @property
    def verdict(self) -> str:
        """What to make of it, in three words."""
        return verdict(self.result.p_pays_back)

    @property
    def paying(self) -> int:
        """How many of the drawn futures pay back."""
        return sum(dot >= 0 for dot in self.result.dots)

    @property
    def futures(self) -> int:
        """How many futures are drawn."""
        return len(self.result.dots)

    @property
    def mean(self) -> str:
        """The gain of an average year, such as €32k."""
        return money(self.result.annual.mean, self.currency)

    @property
    def low(self) -> str:
        """The gain below which 1 future in 20 lies."""
        return money(self.result.annual.p5, self.currency)

    @property
    def high(self) -> str:
        """The gain above which 1 future in 20 lies."""
        return money(self.result.annual.p95, self.currency)

    @property
    def is_close(self) -> bool:
        """Whether both funding and dropping are plausible."""
        return MOST_NOT_WORTH_IT <= self.result.p_pays_back <= LEAST_WORTH_IT

    @property
    def question(self) -> str:
        """What would be worth finding out, or nothing when the case is plain."""
        first = next((each for each in self.sways if each.worth), None)
        if first is None or self.result.evpi <= 0:
            return ""
        return _("Finding out “%(what)s” is worth up to %(worth)s a year.") % {
            "what": first.title,
            "worth": first.worth,
        }

    @property
    def finding_out(self) -> str:
        """What to make of it and of what is not known yet, in one sentence."""
        first = next((each for each in self.sways if each.worth), None)
        if first is None or self.result.evpi <= 0:
            return _("Nothing you could find out would change the decision.")
        names = {"what": first.title, "worth": first.worth}
        if self.is_close:
            return (
                _(
                    "Too close to call; finding out “%(what)s” is worth up to "
                    "%(worth)s a year."
                )
                % names
            )
        return (
            _(
                "Finding out “%(what)s” is worth up to %(worth)s a year; do not spend "
                "more on it."
            )
            % names
        )

    @property
    def categories(self) -> tuple[CategoryAmount, ...]:
        """The four sources of value, then the costs."""
        amounts = self.result.by_category
        return tuple(
            CategoryAmount(title, amounts.get(category))
            for category, title in category_titles()
        )


def category_titles() -> tuple[tuple[Category, str], ...]:
    """Return the four sources of value and the costs, with their names."""
    return (
        (Category.REVENUE, _("Direct revenue")),
        (Category.SAVINGS, _("Cost savings")),
        (Category.EXPERIENCE, _("Customer experience")),
        (Category.ADVANTAGE, _("Competitive advantage")),
        (Category.COST, _("Costs")),
    )


def picture(
    project: Project,
    result: ValueEstimate,
    quantities: list[Quantity],
    *,
    said: Collection[str] = (),
    decimal: Decimal = ".",
) -> Picture:
    """Return an estimate in words; `said` names what the reader answered."""
    words = wordings(quantities, project.currency, decimal)
    return Picture(
        result=result,
        currency=project.currency,
        sways=tuple(
            _sway(each, words[each.name], result, own=each.name in said)
            for each in result.sways
            if each.name in words
        ),
    )


def _sway(sway: Sway, words: Wording, result: ValueEstimate, *, own: bool) -> SwayWords:
    spread = result.annual.p95 - result.annual.p5
    is_felt = sway.evppi > WORTH_SAYING * spread
    return SwayWords(
        title=words.label,
        break_even=_break_even(sway, words, own=own),
        worth=money(sway.evppi, words.currency) if is_felt else "",
    )


def _break_even(sway: Sway, words: Wording, *, own: bool) -> str:
    if sway.break_even is None:
        return _("No value of it alone changes the answer.")
    pattern = {
        ("above", True): _("Pays back above %(turn)s; you said %(likely)s."),
        ("below", True): _("Pays back below %(turn)s; you said %(likely)s."),
        ("above", False): _("Pays back above %(turn)s; likely %(likely)s."),
        ("below", False): _("Pays back below %(turn)s; likely %(likely)s."),
    }[sway.direction, own]
    return pattern % {
        "turn": words.said(sway.break_even),
        "likely": words.number(sway.likely),
    }


@dataclass(frozen=True)
class Outcome:
    """One cell of the benefit matrix in words and money."""

    name: str
    what: str
    worth: str


@dataclass(frozen=True)
class Outcomes:
    """What each of the four outcomes of one case is worth."""

    tp: Outcome
    fn: Outcome
    fp: Outcome
    tn: Outcome


def outcomes(case: EngineCase, currency: str) -> Outcomes | None:
    """Return the benefit matrix in words; None if nothing is counted per case."""
    if not case.is_per_case:
        return None
    try:
        cells = Cells.of(case)
    except CaseProblem:
        return None
    return Outcomes(
        tp=Outcome(
            _("Caught"),
            _("we act on one that needed it"),
            money(cells.tp, currency),
        ),
        fn=Outcome(
            _("Missed"),
            _("we leave one alone that needed it"),
            money(cells.fn, currency),
        ),
        fp=Outcome(
            _("False alarm"),
            _("we act on one that did not need it"),
            money(cells.fp, currency),
        ),
        tn=Outcome(
            _("Left alone"),
            _("we rightly do nothing"),
            money(cells.tn, currency),
        ),
    )
