"""Declared rules: what a table is promised to be."""

from dataclasses import dataclass
from typing import Any, Literal

from engine.errors import EngineError
from engine.kinds import Kind
from engine.profile.records import from_json

Value = str | float | bool
Operator = Literal["<", "<=", "==", "!=", ">=", ">"]


@dataclass(frozen=True)
class ExpectedKeys:
    """Records that must be there: the keys of another table."""

    path: str
    key: tuple[str, ...]  # its columns, in the order of the rules' key


@dataclass(frozen=True)
class Authority:
    """A table that is right, and how far a cell may be from it."""

    path: str
    key: tuple[str, ...]  # columns named alike in both tables
    tolerances: dict[str, float]  # column to the largest absolute difference allowed


@dataclass(frozen=True)
class CompareColumns:
    """`left` op `right`, in every row where both are present."""

    rule: Literal["compare_columns"]
    left: str
    op: Operator
    right: str


@dataclass(frozen=True)
class ProductClose:
    """`total` is the product of `factors`, within the larger of two tolerances."""

    rule: Literal["product_close"]
    total: str
    factors: tuple[str, ...]
    relative: float = 0.0  # of the product
    absolute: float = 0.0


@dataclass(frozen=True)
class ForeignKey:
    """Every value of `column` occurs in `reference` of another table."""

    rule: Literal["foreign_key"]
    column: str
    path: str
    reference: str


@dataclass(frozen=True)
class FormatUniform:
    """Every value of a text column has the same shape, such as Aa9."""

    rule: Literal["format_uniform"]
    column: str


@dataclass(frozen=True)
class Timeliness:
    """How old a record may be.

    Either `column` holds each row's date, or `delivered_at` is the one of the table.
    """

    target_days: float
    column: str = ""
    delivered_at: str = ""  # ISO 8601


@dataclass(frozen=True)
class InSet:
    """Every value is one of `values`."""

    rule: Literal["in_set"]
    column: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class InRange:
    """Every value lies between the bounds, which are allowed themselves."""

    rule: Literal["in_range"]
    column: str
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True)
class TypeIs:
    """Every value can be read as `kind`."""

    rule: Literal["type_is"]
    column: str
    kind: Kind


Consistency = CompareColumns | ProductClose | ForeignKey | FormatUniform
Validity = InSet | InRange | TypeIs


@dataclass(frozen=True)
class Rules:
    """Everything that was declared about one data set."""

    required: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    expected_keys: ExpectedKeys | None = None
    authority: Authority | None = None
    consistency: tuple[Consistency, ...] = ()
    timeliness: Timeliness | None = None
    validity: tuple[Validity, ...] = ()
    as_of: str = ""  # ISO 8601; the instant that ages are measured at

    @classmethod
    def from_json(cls, content: Any) -> "Rules":
        """Return the rules, refusing what is unknown or incomplete.

        Raises
        ------
        EngineError
            The message names the place, the value and what is allowed.
        """
        rules = from_json(cls, content, place="rules")
        timeliness = rules.timeliness
        if timeliness is not None:
            if not timeliness.target_days > 0:
                raise EngineError("rules.timeliness.target_days must be above 0.")
            if bool(timeliness.column) == bool(timeliness.delivered_at):
                raise EngineError(
                    "rules.timeliness takes either column or delivered_at, not both."
                )
            if not rules.as_of:
                raise EngineError("rules.timeliness needs rules.as_of, an instant.")
        if rules.expected_keys and len(rules.expected_keys.key) != len(rules.key):
            raise EngineError("rules.expected_keys.key must match rules.key in length.")
        return rules


def referenced_paths(rules: Rules) -> tuple[str, ...]:
    """Return the tables that the rules refer to, each once, as they are named."""
    paths = [
        part.path for part in (rules.expected_keys, rules.authority) if part is not None
    ]
    paths += [rule.path for rule in rules.consistency if isinstance(rule, ForeignKey)]
    return tuple(dict.fromkeys(paths))


def with_tables(rules: dict[str, Any], tables: dict[str, str]) -> dict[str, Any]:
    """Return the rules' JSON with each named table replaced by its Parquet path."""
    if not isinstance(rules, dict):
        raise EngineError(f"rules is {rules!r}; give an object.")
    result: dict[str, Any] = {}
    for name, value in rules.items():
        if isinstance(value, dict):
            result[name] = with_tables(value, tables)
        elif isinstance(value, list):
            result[name] = [
                with_tables(item, tables) if isinstance(item, dict) else item
                for item in value
            ]
        else:
            result[name] = tables.get(value, value) if name == "path" else value
    return result
