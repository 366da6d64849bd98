"""Requirements as a YAML document: written whole, read with care."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from django.utils.translation import gettext as _

FORMAT = "mlops-portal/requirements/1"
MAX_BYTES = 256 * 1024
MOST_ENTRIES = 500
MOST_PROBLEMS = 20
DEEPEST = 12
# libyaml where there is one: the loader in Python takes seconds for the same text.
Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

TEXTS = {
    "title": 200,
    "test": 10,
    "metric": 60,
    "slice": 120,
    "comparison": 2,
    "unit": 30,
    "source": 200,
    "reason": 500,
}
OBJECTS = ("details", "derivation")
KEYS = ("id", "kind", "priority", *TEXTS, "threshold", "minimum_n", *OBJECTS)
# What a derivation keeps, as projects.selectors.deriving writes it.
DERIVED: Mapping[str, Any] = {
    "metric": str,
    "comparison": str,
    "at": dict,
    "confidence": int | float,
    "value": int | float,
    "threshold": int | float,
    "value_case": str,
    "case_version": int,
    "seed": int,
    "draws": int,
}
CHOICES = {
    "kind": ("frequency", "accuracy", "transparency", "compliance", "deployment"),
    "priority": ("must", "should", "could"),
    "test": ("computed", "attested"),
    "comparison": ("ge", "le"),
}


@dataclass(frozen=True)
class Problem:
    """What cannot be used, where, and what to write instead."""

    line: int
    key: str
    why: str

    def __str__(self) -> str:
        place = _("line %(line)s") % {"line": self.line}
        return (
            f"{place}, {self.key}: {self.why}" if self.key else f"{place}: {self.why}"
        )


class DocumentProblems(ValueError):
    """A document that cannot be used; every problem with its line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)[:MOST_PROBLEMS]
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True)
class Entry:
    """One requirement of a document; `id` names a row of the same project."""

    kind: str
    priority: str
    said: Mapping[str, Any]  # the fields of a version, by their column
    id: int | None = None
    line: int = 0
    lines: Mapping[str, int] = field(default_factory=dict)  # by key

    def problem(self, key: str, why: str) -> Problem:
        """Return a problem at one of its keys, or at its head."""
        return Problem(self.lines.get(key, self.line), key, why)


@dataclass(frozen=True)
class Document:
    """The requirements of a project as a document holds them."""

    project: str
    entries: tuple[Entry, ...]


def write(document: Document) -> str:
    """Return the document as YAML; what is empty is left out."""
    content = {
        "format": FORMAT,
        "project": document.project,
        "requirements": [_written(each) for each in document.entries],
    }
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=88)


def _written(entry: Entry) -> dict[str, Any]:
    said = {_key(name): value for name, value in entry.said.items()}
    whole = {"id": entry.id, "kind": entry.kind, "priority": entry.priority, **said}
    return {
        key: whole[key]
        for key in KEYS
        if key in whole and whole[key] not in (None, "", {})
    }


def _key(column: str) -> str:
    return "metric" if column == "metric_key" else column


def _column(key: str) -> str:
    return "metric_key" if key == "metric" else key


def read(text: str) -> Document:
    """Return what a document says.

    Raises
    ------
    DocumentProblems
        If it is no such document; names each line and key, and the remedy.
    """
    root = _root(text)
    problems = [*_doubled(root)]
    if problems:
        raise DocumentProblems(problems)
    content = _constructed(text)
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise DocumentProblems(
            [Problem(1, "format", _("Begin with “format: %(f)s”.") % {"f": FORMAT})]
        )
    rows, nodes = content.get("requirements"), _item_nodes(root)
    if not isinstance(rows, list) or not nodes:
        why = _("Give a list of at least one requirement.")
        raise DocumentProblems(
            [Problem(_line_of(root, "requirements"), "requirements", why)]
        )
    if len(rows) > MOST_ENTRIES:
        why = _("There are %(n)s requirements; give at most %(most)s.") % {
            "n": len(rows),
            "most": MOST_ENTRIES,
        }
        raise DocumentProblems([Problem(1, "requirements", why)])
    entries = []
    for row, node in zip(rows, nodes, strict=True):
        found = _entry(row, node)
        if isinstance(found, Entry):
            entries.append(found)
        else:
            problems += found
    if problems:
        raise DocumentProblems(problems)
    return Document(str(content.get("project") or ""), tuple(entries))


def _root(text: str) -> yaml.Node:
    if len(text.encode()) > MAX_BYTES:
        why = _("The document has more than %(kb)s kB. Split it.") % {
            "kb": MAX_BYTES // 1024
        }
        raise DocumentProblems([Problem(1, "", why)])
    try:
        depth = 0
        for event in yaml.parse(text, Loader=Loader):
            _refuse_alias(event)
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:
                why = _("It is nested too deep.")
                raise DocumentProblems([Problem(_line(event), "", why)])
        root = yaml.compose(text, Loader=Loader)
    except yaml.YAMLError as error:
        raise DocumentProblems([_no_yaml(error)]) from error
    if root is None:
        raise DocumentProblems([Problem(1, "", _("The document is empty."))])
    return root


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _refuse_alias(event: yaml.Event) -> None:
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        why = _("Anchors and aliases (& and *) are not read. Write it out.")
        raise DocumentProblems([Problem(_line(event), "", why)])


def _no_yaml(error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    why = getattr(error, "problem", None) or getattr(error, "reason", None) or error
    return Problem(
        mark.line + 1 if mark else 1,
        "",
        _("This is no YAML: %(why)s.") % {"why": str(why).rstrip(".")},
    )


def _doubled(node: yaml.Node) -> Iterator[Problem]:
    """Yield each key that a mapping has twice: one of the two would be lost."""
    if isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _doubled(each)
    if not isinstance(node, yaml.MappingNode):
        return
    seen = set()
    for key, value in node.value:
        name = str(key.value)
        if name in seen:
            why = _("It stands here twice. Keep one.")
            yield Problem(key.start_mark.line + 1, name[:60], why)
        seen.add(name)
        yield from _doubled(value)


def _constructed(text: str) -> Any:
    try:
        return yaml.load(text, Loader=Loader)  # noqa: S506  # a safe loader
    except yaml.YAMLError as error:
        raise DocumentProblems([_no_yaml(error)]) from error
    except ValueError as error:
        # A date such as 2026-13-45, or a number of ten thousand digits.
        why = _("A value cannot be read: %(why)s. Put it in quotes.")
        raise DocumentProblems(
            [Problem(1, "", why % {"why": str(error)[:80]})]
        ) from error


def _item_nodes(root: yaml.Node) -> list[yaml.Node]:
    if isinstance(root, yaml.MappingNode):
        for key, value in root.value:
            if key.value == "requirements" and isinstance(value, yaml.SequenceNode):
                return list(value.value)
    return []


def _line_of(node: yaml.Node, name: str) -> int:
    if isinstance(node, yaml.MappingNode):
        for key, _value in node.value:
            if key.value == name:
                return int(key.start_mark.line) + 1
    return 1


def _entry(row: Any, node: yaml.Node) -> Entry | list[Problem]:
    line = node.start_mark.line + 1
    if not isinstance(row, dict) or not isinstance(node, yaml.MappingNode):
        return [Problem(line, "", _("Give the fields of a requirement, by key."))]
    lines = {str(key.value): key.start_mark.line + 1 for key, _value in node.value}
    problems = []
    found: dict[str, Any] = {}
    for key in [*(k for k in ("kind", "title") if k not in row), *row]:
        try:
            found[str(key)] = _value(str(key), row.get(key))
        except ValueError as problem:
            problems.append(
                Problem(lines.get(str(key), line), str(key)[:60], str(problem))
            )
    if problems:
        return problems
    head = {"id", "kind", "priority"}
    return Entry(
        kind=found["kind"],
        priority=found.get("priority") or "must",
        said={_column(key): each for key, each in found.items() if key not in head},
        id=found.get("id"),
        line=line,
        lines=lines,
    )


def _value(key: str, value: Any) -> Any:
    if key not in KEYS:
        raise ValueError(
            _("There is no such key. There are: %(keys)s.") % {"keys": ", ".join(KEYS)}
        )
    if key in CHOICES:
        return _choice(key, value)
    if key in TEXTS:
        return _text(key, value)
    if key == "derivation":
        return _derivation(_object(value))
    if key in OBJECTS:
        return _object(value)
    return _number(value, is_whole=key != "threshold")


def _choice(key: str, value: Any) -> str:
    if value is None and key == "priority":
        return "must"
    if value not in CHOICES[key]:
        raise ValueError(
            _("“%(value)s” is no choice. Choose among: %(keys)s.")
            % {"value": str(value)[:60], "keys": ", ".join(CHOICES[key])}
        )
    return str(value)


def _text(key: str, value: Any) -> str:
    if value is None and key != "title":
        return ""
    if not isinstance(value, str) or (key == "title" and not value.strip()):
        raise ValueError(
            _("“%(value)s” is no text. Put it in quotes.") % {"value": str(value)[:60]}
        )
    if len(value) > TEXTS[key] or "\0" in value:
        raise ValueError(
            _("The text has %(n)s characters. Write at most %(most)s.")
            % {"n": len(value), "most": TEXTS[key]}
        )
    return value


def _number(value: Any, *, is_whole: bool) -> float | int | None:
    if value is None:
        return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value):
        raise ValueError(
            _("“%(value)s” is no number. Write one such as 0.7 or 1.0e-3.")
            % {"value": str(value)[:60]}
        )
    if is_whole and (value != int(value) or not 0 < value < 2**31):
        raise ValueError(
            _("%(value)s: give a whole number above 0.") % {"value": str(value)[:60]}
        )
    return int(value) if is_whole else float(value)


def _object(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError(
            _("“%(value)s” holds no fields. Give them by key.")
            % {"value": str(value)[:60]}
        )
    try:
        plain: dict[str, Any] = json.loads(
            json.dumps(_without_booleans(value), allow_nan=False)
        )
    except (TypeError, ValueError) as error:
        raise ValueError(
            _("A value is neither text nor a finite number. Put it in quotes.")
        ) from error
    return plain


def _derivation(found: dict[str, Any]) -> dict[str, Any]:
    """Return how a threshold was derived; what a page could not read is refused."""
    for name, type_ in DERIVED.items() if found else ():
        if not isinstance(found.get(name), type_):
            raise ValueError(
                _(
                    "“%(name)s” is missing or not what the portal writes there. Leave "
                    "the derivation as it was exported, or leave it out."
                )
                % {"name": name}
            )
    if not all(isinstance(each, int | float) for each in found.get("at", {}).values()):
        raise ValueError(_("“at” holds something that is no number. Write 0.1."))
    return {name: found[name] for name in (*DERIVED, "calculation") if name in found}


def _without_booleans(value: Any) -> Any:
    """Return `value` with the words that YAML takes for booleans as words again."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return {key: _without_booleans(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_without_booleans(each) for each in value]
    return value
