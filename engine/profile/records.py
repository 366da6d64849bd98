"""Frozen dataclasses to JSON and back."""

import math
import types
import typing
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any, TypeVar

from engine.errors import EngineError

T = TypeVar("T")
_LARGEST = 10**308
_LEAVES = frozenset({float, int, str, bool, type(None)})


def to_json(record: Any) -> dict[str, Any]:
    """Return a dataclass as a JSON-able dictionary.

    Unlike `dataclasses.asdict` it copies no leaf: a profile has many thousand numbers.
    """
    return {each.name: _plainly(getattr(record, each.name)) for each in fields(record)}


def _plainly(value: Any) -> Any:
    kind = type(value)
    if kind in _LEAVES:
        return value
    if kind is tuple or kind is list:
        return kind([_plainly(each) for each in value])
    if kind is dict:
        return {key: _plainly(each) for key, each in value.items()}
    return to_json(value) if is_dataclass(value) else value


def from_json(kind: type[T], content: Any, *, place: str = "") -> T:
    """Return the dataclass `kind` that `content` describes.

    Fields that are left out take their defaults.

    Raises
    ------
    EngineError
        If a field is unknown, missing, or of another type; the message says where.
    """
    result: T = _value(kind, content, place or kind.__name__)
    return result


def _value(kind: Any, content: Any, place: str) -> Any:
    """Return `content` as an instance of a type annotation."""
    if is_dataclass(kind):
        return _record(kind, content, place)
    origin = typing.get_origin(kind)
    arguments = typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return _union(arguments, content, place)
    if origin is tuple:
        return _sequence(arguments[0], content, place)
    if origin is dict:
        return _mapping(arguments[1], content, place)
    if origin is typing.Literal:
        return _one_of(arguments, content, place)
    return _plain(kind, content, place)


def _record(kind: Any, content: Any, place: str) -> Any:
    if not isinstance(content, dict):
        raise EngineError(f"{place} is {content!r}; give an object.")
    hints = typing.get_type_hints(kind)
    known = {field.name for field in fields(kind) if field.init}
    unknown = sorted(set(content) - known)
    if unknown:
        raise EngineError(f"{place} has no {unknown[0]!r}; it knows {sorted(known)}.")
    given = {
        name: _value(hints[name], value, f"{place}.{name}")
        for name, value in content.items()
    }
    needed = [field.name for field in fields(kind) if field.init and _is_needed(field)]
    if lacking := [name for name in needed if name not in given]:
        raise EngineError(f"{place} lacks {', '.join(map(repr, lacking))}.")
    return kind(**given)


def _is_needed(field: "Field[Any]") -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _union(kinds: tuple[Any, ...], content: Any, place: str) -> Any:
    if content is None and type(None) in kinds:
        return None
    tagged = {_tag(kind): kind for kind in kinds if _tag(kind)}
    if tagged:
        tag = content.get("rule") if isinstance(content, dict) else content
        if tag not in tagged:
            raise EngineError(f"{place}.rule is {tag!r}; use one of {sorted(tagged)}.")
        return _value(tagged[tag], content, place)
    problems = []
    for kind in kinds:
        if kind is not type(None):
            try:
                return _value(kind, content, place)
            except EngineError as error:
                problems.append(str(error))
    found = f"{place} is {content!r}; "
    if not all(problem.startswith(found) for problem in problems):
        raise EngineError(problems[-1])
    remedies = (problem.removeprefix(found).removesuffix(".") for problem in problems)
    raise EngineError(f"{found}{', or '.join(dict.fromkeys(remedies))}.")


def _tag(kind: Any) -> str:
    """Return the name in a dataclass's literal field `rule`, or ""."""
    if not is_dataclass(kind):
        return ""
    names = typing.get_args(typing.get_type_hints(kind).get("rule"))
    return str(names[0]) if names else ""


def _sequence(kind: Any, content: Any, place: str) -> tuple[Any, ...]:
    if not isinstance(content, (list, tuple)):
        raise EngineError(f"{place} is {content!r}; give a list.")
    return tuple(_value(kind, item, f"{place}[{i}]") for i, item in enumerate(content))


def _mapping(kind: Any, content: Any, place: str) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise EngineError(f"{place} is {content!r}; give an object.")
    return {str(k): _value(kind, v, f"{place}.{k}") for k, v in content.items()}


def _one_of(allowed: tuple[Any, ...], content: Any, place: str) -> Any:
    if content not in allowed:
        raise EngineError(f"{place} is {content!r}; use one of {list(allowed)}.")
    return content


def _plain(kind: Any, content: Any, place: str) -> Any:
    if kind is Any:
        return content
    if kind is float and isinstance(content, int) and not isinstance(content, bool):
        # A whole number of hundreds of digits is no float.
        content = float(content) if abs(content) < _LARGEST else math.inf
    if isinstance(content, float) and not math.isfinite(content):
        raise EngineError(f"{place} is {content!r}; give a finite number.")
    # bool is an int in Python, but not in JSON.
    if not isinstance(content, kind) or (isinstance(content, bool) != (kind is bool)):
        raise EngineError(f"{place} is {content!r}; give a {kind.__name__}.")
    return content
