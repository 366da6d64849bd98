"""Formulas that a person types: a small, safe arithmetic over named quantities."""

import difflib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from engine.errors import EngineError
from engine.value.distributions import FloatArray
from engine.words import gettext_noop as _

MAX_LENGTH = 500
MAX_DEPTH = 40
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign>\*\*|[-+*/(),]))"
)
_FUNCTIONS = ("min", "max")
_WRITE_CALL = _("write %(name)s(a, b)")
# How tightly an operator binds; a unary minus binds between * and **.
_BINDING = {"+": 1, "-": 1, "*": 2, "/": 2, "**": 4}
_UNARY_BINDING = 3

Values = Mapping[str, float | FloatArray]


class FormulaError(EngineError):
    """A formula that cannot be read; names the position and the remedy."""


@dataclass(frozen=True)
class Number:
    """A number as it was typed."""

    value: float


@dataclass(frozen=True)
class Name:
    """The name of a quantity."""

    name: str


@dataclass(frozen=True)
class Negative:
    """What stands behind a minus."""

    operand: "Node"


@dataclass(frozen=True)
class Operation:
    """Two operands and what is done with them."""

    operator: str  # one of + - * / ** min max
    left: "Node"
    right: "Node"


Node = Number | Name | Negative | Operation

_ARITHMETIC = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.true_divide,
    "**": np.power,
    "min": np.minimum,
    "max": np.maximum,
}


@dataclass(frozen=True)
class Expression:
    """A formula that was read; `text` is what the person typed."""

    text: str
    root: Node

    @property
    def names(self) -> frozenset[str]:
        """The quantities the formula uses."""
        return _names(self.root)

    def evaluate(self, values: Values) -> FloatArray:
        """Return the formula's value, of the broadcast shape of `values`.

        Division by zero and overflow give infinities or NaN, not an error: the
        caller knows which driver to name.

        Raises
        ------
        FormulaError
            If a name has no value; the nearest known name is suggested.
        """
        self.check_names(values)
        with np.errstate(all="ignore"):
            return np.asarray(_evaluate(self.root, values), dtype=np.float64)

    @property
    def divisors(self) -> tuple["Expression", ...]:
        """What the formula divides by, where that holds a name; in reading order.

        A power with a minus before its exponent divides by its base.
        """
        return tuple(Expression(written(node), node) for node in _divisors(self.root))

    def is_multilinear(self, alike: Mapping[str, str] | None = None) -> bool:
        """Return whether the mean of the formula is the formula of the means.

        True only if every name enters at most linearly and names that are
        multiplied are independent: they differ, and so do the names of their blocks
        in `alike`, if they move together with others.
        """
        return _is_multilinear(self.root, alike or {})

    def check_names(self, known: Collection[str]) -> None:
        """Raise FormulaError if the formula uses a name outside `known`."""
        for name in sorted(self.names):
            if name not in known:
                raise FormulaError(_unknown(self.text, name, known))


def parse(text: str) -> Expression:
    """Return the expression written in `text`.

    Allowed are numbers, names, + - * / **, parentheses, min(…) and max(…).

    Raises
    ------
    FormulaError
        If the text is empty, too long, nested too deeply, or not a formula.
    """
    if len(text) > MAX_LENGTH:
        msg = _("formula of %(n)d characters: shorten it to %(most)d") % {
            "n": len(text),
            "most": MAX_LENGTH,
        }
        raise FormulaError(msg)
    if not text.strip():
        raise FormulaError(
            _("the formula is empty: name at least one quantity or number")
        )
    return Expression(text, _Parser(text).parse())


@dataclass(frozen=True)
class _Token:
    kind: str  # number, name, sign or end
    text: str
    position: int  # counted from 1, as people count


def _tokens(text: str) -> list[_Token]:
    found, at = [], 0
    end = len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            at += len(text[at:]) - len(text[at:].lstrip())
            msg = _(
                "%(sign)r at position %(at)d of %(text)r is not allowed: "
                "use names, numbers, + - * / **, parentheses, min and max"
            ) % {"sign": text[at], "at": at + 1, "text": text}
            raise FormulaError(msg)
        kind = str(match.lastgroup)
        found.append(_Token(kind, match[kind], match.start(kind) + 1))
        at = match.end()
    return [*found, _Token("end", "", end + 1)]


class _Parser:
    """Precedence climbing over the tokens of one formula."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.at = 0
        self.depth = 0

    def parse(self) -> Node:
        node = self._binary(0)
        if self._next.kind != "end":
            raise self._error(_("put an operator before it"))
        return node

    @property
    def _next(self) -> _Token:
        return self.tokens[self.at]

    def _take(self) -> _Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def _error(self, remedy: str) -> FormulaError:
        token = self._next
        return FormulaError(
            _("%(what)s at position %(at)d of %(text)r is not expected: %(remedy)s")
            % {
                "what": repr(token.text) if token.text else _("the end"),
                "at": token.position,
                "text": self.text,
                "remedy": remedy,
            }
        )

    def _binary(self, least: int) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self._error(
                _("nest no deeper than %(most)d levels") % {"most": MAX_DEPTH}
            )
        node = self._unary()
        while _BINDING.get(self._next.text, 0) > least:
            operator = self._take().text
            # ** groups from the right: 2**3**2 is 2**9.
            binding = _BINDING[operator] - (operator == "**")
            node = Operation(operator, node, self._binary(binding))
        self.depth -= 1
        return node

    def _unary(self) -> Node:
        if self._next.text == "-":
            self._take()
            return Negative(self._binary(_UNARY_BINDING - 1))
        return self._operand()

    def _operand(self) -> Node:
        token = self._next
        if token.kind == "number":
            return Number(float(self._take().text))
        if token.kind == "name":
            return self._named(self._take().text)
        if token.text == "(":
            self._take()
            node = self._binary(0)
            self._expect(")", _("close the parenthesis"))
            return node
        raise self._error(_("put a number, a name or a parenthesis here"))

    def _named(self, name: str) -> Node:
        if self._next.text != "(":
            if name in _FUNCTIONS:
                raise self._error(_WRITE_CALL % {"name": name})
            return Name(name)
        if name not in _FUNCTIONS:
            raise self._error(
                _("%(name)s is no function; only min and max are") % {"name": name}
            )
        self._take()
        node = self._binary(0)
        self._expect(",", _WRITE_CALL % {"name": name})
        node = Operation(name, node, self._binary(0))
        while self._next.text == ",":
            self._take()
            node = Operation(name, node, self._binary(0))
        self._expect(")", _("close the parenthesis"))
        return node

    def _expect(self, sign: str, remedy: str) -> None:
        if self._next.text != sign:
            raise self._error(remedy)
        self._take()


def _names(node: Node) -> frozenset[str]:
    match node:
        case Name(name):
            return frozenset({name})
        case Negative(operand):
            return _names(operand)
        case Operation(_operator, left, right):
            return _names(left) | _names(right)
        case Number():
            return frozenset()


def _evaluate(node: Node, values: Values) -> "float | FloatArray":
    match node:
        case Number(value):
            return np.float64(value)
        case Name(name):
            return np.asarray(values[name], dtype=np.float64)
        case Negative(operand):
            return np.negative(_evaluate(operand, values))
        case Operation(operator, left, right):
            operands = _evaluate(left, values), _evaluate(right, values)
            return np.asarray(_ARITHMETIC[operator](*operands), dtype=np.float64)


def _divisors(node: Node) -> Iterator[Node]:
    match node:
        case Negative(operand):
            yield from _divisors(operand)
        case Operation(operator, left, right):
            yield from _divisors(left)
            if operator == "/" and _names(right):
                yield right
            elif operator == "**" and isinstance(right, Negative) and _names(left):
                yield left
            yield from _divisors(right)
        case _:
            return


def written(node: Node) -> str:
    """Return a part of a formula as text, with no more parentheses than it needs."""
    return _written(node, 0)


def _written(node: Node, around: int) -> str:
    match node:
        case Number(value):
            return f"{value:.15g}"
        case Name(name):
            return name
        case Negative(operand):
            text, binding = f"-{_written(operand, _UNARY_BINDING)}", _UNARY_BINDING
        case Operation(operator, left, right) if operator in _FUNCTIONS:
            return f"{operator}({_written(left, 0)}, {_written(right, 0)})"
        case Operation(operator, left, right):
            binding = _BINDING[operator]
            # What stands right of a - or a / belongs together; left of ** likewise.
            first, second = (1, 0) if operator == "**" else (0, 1)
            text = (
                f"{_written(left, binding + first)} {operator} "
                f"{_written(right, binding + second)}"
            )
    return f"({text})" if binding < around else text


def blocks_of(names: Iterable[str], alike: Mapping[str, str]) -> frozenset[str]:
    """Return the blocks that the names belong to; one by itself is its own."""
    return frozenset(alike.get(name, name) for name in names)


def _is_multilinear(node: Node, alike: Mapping[str, str]) -> bool:
    match node:
        case Negative(operand):
            return _is_multilinear(operand, alike)
        case Operation(operator, left, right):
            if not _names(node):
                return True
            return (
                _keeps_means(operator, left, right, alike)
                and _is_multilinear(left, alike)
                and _is_multilinear(right, alike)
            )
        case _:
            return True


def _keeps_means(
    operator: str, left: Node, right: Node, alike: Mapping[str, str]
) -> bool:
    if operator in "+-":
        return True
    if operator == "*":
        return not blocks_of(_names(left), alike) & blocks_of(_names(right), alike)
    return operator == "/" and not _names(right)


def _unknown(text: str, name: str, known: Collection[str]) -> str:
    match = re.search(rf"\b{name}\b", text)
    position = match.start() + 1 if match else 1
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    listed = ", ".join(sorted(known)) or _("none")
    remedy = (
        _("did you mean %(name)r?") % {"name": near[0]}
        if near
        else _("known names: %(names)s") % {"names": listed}
    )
    return _("%(name)r at position %(at)d of %(text)r is not known: %(remedy)s") % {
        "name": name,
        "at": position,
        "text": text,
        "remedy": remedy,
    }
