"""Numbers as people type them, and as people read them."""

import math
import re
from decimal import Decimal
from typing import Literal

from engine.errors import EngineError
from engine.words import gettext_noop as _

NARROW_SPACE = "\u202f"  # does not break the line
MINUS = "\u2212"
MAX_LENGTH = 400

_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£"}
_SPACES = re.compile("[ \u00a0\u2009\u202f\u2007'\u2019]")
_FACTORS = {"": 1, "k": 10**3, "m": 10**6, "mio": 10**6, "bn": 10**9}
_TYPED = re.compile(
    r"(?P<minus>-?)(?P<digits>[0-9., ]*[0-9.,])(?P<power>e[+-]?[0-9]{1,3})?"
    r" ?(?P<factor>k|mio|m|bn)? ?%?",
    re.IGNORECASE,
)
_GROUPED = re.compile(r"[0-9]{1,3}( [0-9]{3})+|[0-9]+")
_SCALES = ((10**9, "bn"), (10**6, "M"), (10**3, "k"), (1, ""))


class NumberProblem(EngineError):
    """A text that is no number; names it and says how to write it."""


def parse_number(text: str, *, decimal: Literal[".", ","] | None = None) -> float:
    """Return the number that a person typed.

    Accepted are `1.2k`, `3M`, `2bn`, `1 200`, `−5`, `€ 200` and `12 %`, which is
    12: what a per cent means is decided by the unit of the field. `decimal` is the
    reader's decimal sign; it settles `1,234`, which is refused without it.

    Raises
    ------
    NumberProblem
        If the text is empty, no number, not finite or ambiguous.
    """
    if len(text) > MAX_LENGTH:
        msg = _("%(text)r… has %(n)d characters: write a shorter number") % {
            "text": text[:20],
            "n": len(text),
        }
        raise NumberProblem(msg)
    cleaned = _SPACES.sub(" ", text).replace(MINUS, "-").replace("\u2013", "-")
    cleaned = re.sub(r"[€$£]", "", cleaned, count=1).strip()
    cleaned = re.sub(r"^- +", "-", cleaned)
    if not cleaned:
        msg = _("%(text)r holds no number: write one, such as 1200 or 1.2k") % {
            "text": text
        }
        raise NumberProblem(msg)
    match = _TYPED.fullmatch(cleaned)
    if match is None:
        msg = _("%(text)r is not a number: write it as 1200, 1.2k or 12 %%") % {
            "text": text
        }
        raise NumberProblem(msg)
    digits = _plain_digits(match["digits"].strip(), text, decimal)
    number = Decimal(digits + (match["power"] or ""))
    number *= _FACTORS[(match["factor"] or "").lower()]
    if not math.isfinite(float(number)):
        msg = _("%(text)r is too large: write a number below 1e308") % {"text": text}
        raise NumberProblem(msg)
    return -float(number) if match["minus"] else float(number)


def _plain_digits(digits: str, text: str, decimal: str | None) -> str:
    """Return `digits` with a dot for the decimal sign and no groups."""
    sign = _decimal_sign(digits, text, decimal)
    whole, _sign, fraction = digits.partition(sign) if sign else (digits, "", "")
    whole = whole.replace(",", " ").replace(".", " ")
    if not fraction.isdecimal() and fraction:
        raise _misgrouped(text)
    if whole and not _GROUPED.fullmatch(whole):
        raise _misgrouped(text)
    if not whole and not fraction:
        raise _misgrouped(text)
    return f"{whole.replace(' ', '') or '0'}.{fraction or '0'}"


def _decimal_sign(digits: str, text: str, decimal: str | None) -> str:
    """Return which sign in `digits` starts the fraction; "" if none does."""
    present = [sign for sign in ".," if sign in digits]
    if not present:
        return ""
    if len(present) == 2:
        last = max(present, key=digits.rindex)
        if digits.count(last) > 1:
            raise _misgrouped(text)
        return last
    sign = present[0]
    if digits.count(sign) > 1:
        return ""
    whole, _sign, fraction = digits.partition(sign)
    # Only one to three digits before and just three after can be a group.
    could_group = re.fullmatch(r"[1-9][0-9]{0,2}", whole) and len(fraction) == 3
    if not could_group:
        return sign
    if decimal is None:
        msg = _(
            "%(text)r may mean %(large)s or %(small)s: write %(large)s, or %(exact)s "
            "for the fraction"
        ) % {
            "text": text,
            "large": f"{whole}{fraction}",
            "small": f"{whole}.{fraction}",
            "exact": f"{whole}{sign}{fraction}0",
        }
        raise NumberProblem(msg)
    return sign if sign == decimal else ""


def _misgrouped(text: str) -> NumberProblem:
    return NumberProblem(
        _("%(text)r is not grouped in threes: write it as 1200, 1 200 or 1200.5")
        % {"text": text}
    )


def plain(x: float, *, decimal: Literal[".", ","] = ".") -> str:
    """Return all digits of `x`, grouped in threes: "50 000"."""
    return _grouped(Decimal(repr(_finite(x))), decimal=decimal)


def two_digits(x: float) -> str:
    """Return `x` with two significant digits: "32 000", "0.12", "−83"."""
    return _grouped(_rounded(_finite(x)))


def money(x: float, currency: str) -> str:
    """Return an amount with two significant digits: "€32k", "−€83k", "€1.2M".

    `currency` is its ISO 4217 code; one without a common sign stands before the
    amount.
    """
    rounded = _rounded(_finite(x))
    scale, suffix = next(
        (pair for pair in _SCALES if abs(rounded) >= pair[0]), _SCALES[-1]
    )
    sign = currency_sign(currency)
    minus = MINUS if rounded < 0 else ""
    return f"{minus}{sign}{_grouped(abs(rounded) / scale)}{suffix}"


def currency_sign(currency: str) -> str:
    """Return what stands before an amount: "€", or the code and a narrow space."""
    return _SIGNS.get(currency, currency + NARROW_SPACE)


def per_hundred(x: float) -> str:
    """Return a share as so many of 100: 0.123 → "12", 0.004 → "0.4".

    A share below 1 is never rounded up to 100.
    """
    rounded = _rounded(_finite(x) * 100)
    return _grouped(Decimal(99) if x < 1 and rounded >= 100 else rounded)


def _finite(x: float) -> float:
    number = float(x)
    if not math.isfinite(number):
        msg = f"{number} cannot be shown as a number: show what is missing instead"
        raise NumberProblem(msg)
    return number


def _rounded(x: float) -> Decimal:
    return Decimal(f"{x:.1e}")


def _grouped(number: Decimal, *, decimal: str = ".") -> str:
    text = f"{number:,f}".replace(",", NARROW_SPACE)
    if "." in text:
        text = text.rstrip("0").removesuffix(".")
    text = text.replace(".", decimal)
    return "0" if text == "-0" else text.replace("-", MINUS)
