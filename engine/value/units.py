"""Units of formulas: what quantities are counted in, and whether that comes out.

A unit is words multiplied and divided, as a person writes them: "EUR / customer",
"customers per year", "share". A quantity without a unit is not checked.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from engine.errors import EngineError
from engine.numbers import currency_sign
from engine.value.case import CELLS, MISSES, Per, ValueCase
from engine.value.formula import (
    Expression,
    Name,
    Negative,
    Node,
    Number,
    Operation,
    parse,
    written,
)
from engine.words import gettext_noop as _

MAX_LENGTH = 60
YEAR = "year"
_SPLIT = re.compile(r"\s*(\*|·|×|/|\bper\b)\s*")
_TERM = re.compile(r"[^\W\d_][\w' -]*")
_SHARE = re.compile(r"(%|share|fraction|ratio|rate|probability|chance)( of .+)?")
_SAME = {"yr": YEAR, "annum": YEAR, "hr": "hour", "h": "hour"}
_SIGNS = {currency_sign(code): code for code in ("EUR", "USD", "GBP")}
_CURRENCIES = frozenset(
    re.findall(
        "[A-Z]+",
        "AED AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF IDR ILS INR JPY KRW MXN MYR "
        "NOK NZD PHP PLN RON SAR SEK SGD THB TRY TWD USD ZAR",
    )
)
_ENDINGS = (  # of plurals, and what is left of the ending
    (("ss", "us", "is"), ""),
    (("ies",), "y"),
    (("ches", "shes", "xes", "sses", "zes"), "es"),
    (("s",), "s"),
)


NO_UNIT = _("no unit")


class UnitError(EngineError):
    """A text that is no unit; names the place and how to write it."""


@dataclass(frozen=True)
class Unit:
    """Words with their powers; none of them for a share or a plain number."""

    powers: tuple[tuple[str, int], ...] = ()  # sorted by word, no power 0

    @classmethod
    def of(cls, powers: Mapping[str, int]) -> "Unit":
        """Return the unit with these powers."""
        return cls(tuple(sorted((w, n) for w, n in powers.items() if n)))

    def power(self, word: str) -> int:
        """Return the power of a word, 0 if it is not in the unit."""
        return dict(self.powers).get(word, 0)

    def __mul__(self, other: "Unit") -> "Unit":
        return self._with(other, 1)

    def __truediv__(self, other: "Unit") -> "Unit":
        return self._with(other, -1)

    def _with(self, other: "Unit", sign: int) -> "Unit":
        powers = Counter(dict(self.powers))
        for word, power in other.powers:
            powers[word] += sign * power
        return Unit.of(powers)

    def __pow__(self, exponent: int) -> "Unit":
        return Unit.of({word: power * exponent for word, power in self.powers})

    def __str__(self) -> str:
        return str(self.written)

    @property
    def written(self) -> str:
        """The unit as people write it; what has none says so in words."""
        if not self.powers:
            return NO_UNIT
        over = [w for w, n in self.powers for _n in range(n)]
        under = [w for w, n in self.powers for _n in range(-n)]
        # The period last, as people say it.
        under.sort(key=lambda word: word == YEAR)
        return " / ".join([" · ".join(over) or "1", *under])


PLAIN = Unit()
_YEAR = Unit(((YEAR, 1),))
_PERIODS = ("minute", "hour", "day", "week", "month", "quarter", YEAR)  # ascending
_COUNTED_ONCE = _("count it per year, or multiply it by a number of years")
_PER_YEAR_ALREADY = _(
    "it is counted per year already: drop a year from one of its units"
)


def parse_unit(text: str, *, currency: str) -> Unit | None:
    """Return the unit that a person wrote; None if the text is empty.

    Words are divided by "/" or "per" and multiplied by "*" or "·". Plural and
    singular are the same, as are "share" and "%", which have no unit; "money" and
    the currency's sign are the currency.

    Raises
    ------
    UnitError
        If the text is too long or no unit.
    """
    if not text.strip():
        return None
    if len(text) > MAX_LENGTH:
        msg = _("unit of %(n)d characters: shorten it to %(most)d") % {
            "n": len(text),
            "most": MAX_LENGTH,
        }
        raise UnitError(msg)
    cleaned = re.sub(r"\bper\s?cent\b", "%", text.strip(), flags=re.IGNORECASE)
    first, *rest = _SPLIT.split(cleaned)
    unit = _term(first, text, currency) if first or not rest else PLAIN
    for sign, word in zip(rest[::2], rest[1::2], strict=True):
        term = _term(word, text, currency)
        unit = unit * term if sign in "*·×" else unit / term
    return unit


def _term(word: str, text: str, currency: str) -> Unit:
    if word == "1" or _SHARE.fullmatch(word.casefold()):
        return PLAIN
    if word in _SIGNS:
        return Unit(((_SIGNS[word], 1),))
    if word.casefold() in (currency.casefold(), "money", "{currency}"):
        return Unit(((currency, 1),))
    if word in _CURRENCIES:
        return Unit(((word, 1),))
    if not _TERM.fullmatch(word):
        where = (_("%(word)r in unit %(text)r") if word else _("unit %(text)r")) % {
            "word": word,
            "text": text,
        }
        msg = _(
            "%(where)s is not allowed: write words with / between, as EUR / customer"
        ) % {"where": where}
        raise UnitError(msg)
    return Unit(((_singular(" ".join(word.casefold().split())), 1),))


def _singular(word: str) -> str:
    word = _SAME.get(word, word)
    if len(word) <= 3:
        return word
    for endings, left in _ENDINGS:
        if not word.endswith(endings):
            continue
        if left == "y":
            return word.removesuffix("ies") + left
        return word.removesuffix(left) if left else word
    return word


@dataclass(frozen=True)
class UnitProblem:
    """A formula whose units do not come out, and what to do."""

    driver: str  # its name, or the volume, prevalence, forecast or quantity's
    expression: str  # the whole, or the part that adds what cannot be added
    found: str
    wanted: str
    remedy: str

    @property
    def message(self) -> str:
        """The problem in one sentence."""
        return _(
            "%(where)s: %(formula)r is in %(found)s, where %(wanted)s is wanted: "
            "%(remedy)s"
        ) % {
            "where": self.driver,
            "formula": self.expression,
            "found": self.found,
            "wanted": self.wanted,
            "remedy": self.remedy,
        }


def check_units(
    case: ValueCase, units: Mapping[str, str], currency: str
) -> list[UnitProblem]:
    """Return where the units of a case do not come out.

    What is counted once comes out in the currency, per year in the currency or the
    currency per year, in a cell in the currency per case (the volume's unit), per
    unit of error in the currency per that unit; the volume is cases per year and the
    prevalence a share. What rests on a quantity without a unit is not checked, and a
    plain number may turn one period into another: 12 * fee, of EUR / month.

    Parameters
    ----------
    units : mapping of quantity name to its unit as it was written
    """
    known: dict[str, Unit | None] = {}
    unreadable = []
    for name, text in units.items():
        try:
            known[name] = parse_unit(text, currency=currency)
        except UnitError as error:
            unreadable.append(
                UnitProblem(name, text, _("no readable unit"), _("one"), error.args[0])
            )
    check = _Check(case, known, currency)
    check.walk()
    return unreadable + check.problems


@dataclass(frozen=True)
class _Wanted:
    """The units that will do, the first of them named."""

    units: tuple[Unit, ...]
    of_years: str = ""  # what to do if a year too many or too few is all

    def remedy(self, found: Unit) -> str:
        """Return what turns what was found into what is wanted."""
        missing = self.units[0] / found
        words = {word for word, _power in missing.powers}
        if words == {YEAR} and self.of_years:
            return self.of_years
        if _turns_periods(missing):
            less, more = sorted(words, key=_PERIODS.index)
            return _(
                "put in how many %(less)ss make one %(more)s, or state it per %(more)s"
            ) % {"less": less, "more": more}
        if words <= _CURRENCIES:
            return _("multiply by an exchange rate in %(unit)s") % {"unit": missing}
        return _(
            "multiply by a quantity in %(unit)s, or mend the unit of one in it"
        ) % {"unit": missing}


class _Check:
    """One pass over the formulas of a case."""

    def __init__(
        self, case: ValueCase, units: Mapping[str, Unit | None], currency: str
    ) -> None:
        self.case = case
        self.units = units
        self.money = Unit(((currency, 1),))
        self.a_year = self.money / _YEAR
        self.problems: list[UnitProblem] = []

    def walk(self) -> None:
        """Collect the problems of every formula."""
        per_case = self._per_case()
        self._shares()
        wanted = {
            Per.ONCE: _Wanted((self.money,), _COUNTED_ONCE),
            Per.YEAR: _Wanted((self.a_year, self.money), _PER_YEAR_ALREADY),
            **dict.fromkeys(CELLS, per_case),
            **self._per_error(),
        }
        for driver in self.case.drivers:
            found = self._unit(driver.name, driver.formula)
            if driver.is_counted:
                self._hold(driver.name, driver.formula, found, wanted[driver.per])

    def _unit(self, where: str, formula: Expression) -> Unit | None:
        """Return the unit of a formula; None if it is not checked."""
        walk = _Walk(where, self.units)
        found = walk.unit(formula.root)
        self.problems += walk.problems
        return None if _is_number(formula.root) else found

    def _hold(
        self, where: str, formula: Expression, found: Unit | None, to: _Wanted | None
    ) -> None:
        if found is None or to is None or found in to.units:
            return
        if any(_is_turned(unit / found, formula.root) for unit in to.units):
            return
        self.problems.append(
            UnitProblem(
                driver=where,
                expression=formula.text,
                found=found.written,
                wanted=to.units[0].written,
                remedy=to.remedy(found),
            )
        )

    @cached_property
    def _volume(self) -> Unit | None:
        """The unit of cases per year; None if it is not checked."""
        if self.case.volume is None:
            return None
        formula = self.case.volume_formula
        found = self._unit("volume", formula)
        if found is None:
            return None
        cases = Unit.of({w: n for w, n in found.powers if w not in _PERIODS})
        a_year = cases / _YEAR
        if found in (cases, a_year):
            return found
        self._hold("volume", formula, found, _Wanted((a_year,)))
        return a_year

    def _per_case(self) -> _Wanted | None:
        if self._volume is None:
            return None
        if self._volume.power(YEAR):
            return _Wanted((self.money / self._cases,), _PER_YEAR_ALREADY)
        return _Wanted((self.money / self._cases, self.a_year / self._cases))

    @property
    def _cases(self) -> Unit:
        volume = self._volume or PLAIN
        return volume * _YEAR if volume.power(YEAR) else volume

    def _shares(self) -> None:
        if not self.case.is_per_case:
            return
        share = _Wanted((PLAIN,))
        prevalence = self.case.prevalence_formula
        self._hold(
            "prevalence", prevalence, self._unit("prevalence", prevalence), share
        )
        for name in (self.case.tpr, self.case.fpr):
            self._hold(name, parse(name), self.units.get(name), share)

    def _per_error(self) -> dict[Per, _Wanted | None]:
        """Return what drivers per unit of error come out in."""
        found: dict[Per, _Wanted | None] = dict.fromkeys(MISSES)
        formulas = self.case.forecast_formulas
        for per in MISSES if formulas else ():
            before, now = formulas[f"{per}_today"], formulas[str(per)]
            error = self._unit(f"forecast, {per}_today", before)
            after = self._unit(f"forecast, {per}", now)
            if error is not None:
                self._hold(f"forecast, {per}", now, after, _Wanted((error,)))
                found[per] = _Wanted((self.money / self._whole_error(error),))
        return found

    def _whole_error(self, error: Unit) -> Unit:
        """Return the unit of an error that may be stated per forecast."""
        cases = self._cases
        if all(error.power(word) <= -power for word, power in cases.powers):
            return error * cases
        return error


class _Walk:
    """The unit of a formula, with what adds up on the way."""

    def __init__(self, where: str, units: Mapping[str, Unit | None]) -> None:
        self.where = where
        self.units = units
        self.problems: list[UnitProblem] = []

    def unit(self, node: Node) -> Unit | None:
        """Return the unit of a part; None if it is not checked."""
        match node:
            case Name(name):
                return self.units.get(name)
            case Negative(operand):
                return self.unit(operand)
            case Operation("**", base, exponent):
                return self._power(node, self.unit(base), exponent)
            case Operation("*" | "/" as operator, left, right):
                one, other = self.unit(left), self.unit(right)
                if one is None or other is None:
                    return None
                return one * other if operator == "*" else one / other
            case Operation(_operator, left, right):
                return self._sum(left, right)
            case _:
                return PLAIN

    def _sum(self, left: Node, right: Node) -> Unit | None:
        one, other = self.unit(left), self.unit(right)
        # A number that is added or compared is meant in the unit of the rest.
        if _is_number(left):
            return other
        if _is_number(right) or one == other:
            return one
        if one is None or other is None:
            return None
        if not _is_turned(one / other, Operation("+", left, right)):
            self.problems.append(
                UnitProblem(
                    driver=self.where,
                    expression=written(right),
                    found=other.written,
                    wanted=_("%(unit)s, as of %(part)r beside it,")
                    % {"unit": one, "part": written(left)},
                    remedy=_Wanted((one,)).remedy(other),
                )
            )
        return one

    def _power(self, node: Node, base: Unit | None, exponent: Node) -> Unit | None:
        self.unit(exponent)
        if base is None or base == PLAIN:
            return base
        power = _whole_number(exponent)
        if power is not None:
            return base**power
        self.problems.append(
            UnitProblem(
                driver=self.where,
                expression=written(node),
                found=_("a power of %(unit)s") % {"unit": base},
                wanted=PLAIN.written,
                remedy=_("divide by a quantity in %(unit)s first, or use a whole power")
                % {"unit": base},
            )
        )
        return None


def _turns_periods(missing: Unit) -> bool:
    """Whether only one period has to become another, as a month a year."""
    powers = dict(missing.powers)
    return powers.keys() <= set(_PERIODS) and sorted(powers.values()) == [-1, 1]


def _is_turned(missing: Unit, node: Node) -> bool:
    """Whether a plain number in a formula may have turned the periods, as 12 does."""
    return _turns_periods(missing) and _holds_factor(node)


def _holds_factor(node: Node) -> bool:
    match node:
        case Number(value):
            return value not in (0, 1)
        case Negative(operand):
            return _holds_factor(operand)
        case Operation(_operator, left, right):
            return _holds_factor(left) or _holds_factor(right)
        case _:
            return False


def _is_number(node: Node) -> bool:
    match node:
        case Negative(operand):
            return _is_number(operand)
        case Operation(_operator, left, right):
            return _is_number(left) and _is_number(right)
        case _:
            return isinstance(node, Number)


def _whole_number(node: Node) -> int | None:
    match node:
        case Number(value) if value == int(value):
            return int(value)
        case Negative(Number(value)) if value == int(value):
            return -int(value)
        case _:
            return None
