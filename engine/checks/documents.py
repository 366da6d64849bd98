"""Checks as files: our own YAML, data contracts (ODCS 3) and Great Expectations suites.

What a format cannot say is told by name; nothing is dropped silently.
"""

import json
from dataclasses import dataclass
from typing import Any, Literal, get_args

import yaml

from engine.checks.base import CheckProblem
from engine.checks.catalogue import Declared
from engine.checks.gx import read_suite, suite_of
from engine.checks.odcs import contract_of, read_contract
from engine.checks.translation import Translated, Translation
from engine.errors import EngineError
from engine.words import gettext_noop as _

Format = Literal["yaml", "odcs", "gx"]
FORMATS: tuple[Format, ...] = get_args(Format)
# What a reader of YAML raises on values that are not what their tags say.
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
FORMAT = "mlops-portal-checks"
MOST_CHARS = 1_000_000
_ENDINGS = {"yaml": "checks.yaml", "odcs": "odcs.yaml", "gx": "gx.json"}


@dataclass(frozen=True)
class About:
    """The data set that a document is about."""

    name: str
    id: str
    columns: dict[str, str]  # name to kind; empty without a version
    retention_days: int | None = None


@dataclass(frozen=True)
class Document:
    """Checks as a file."""

    text: str
    file_name: str
    media_type: str
    left: tuple[str, ...]  # what the format cannot say, a sentence each


def write_document(checks: list[Declared], about: About, form: Format) -> Document:
    """Return checks as a file of a format, and what it cannot say."""
    if form == "gx":
        made = suite_of(checks, name=about.name)
        text = json.dumps(made.content, indent=2, ensure_ascii=False) + "\n"
    else:
        made = (
            _own(checks, about)
            if form == "yaml"
            else contract_of(
                checks,
                name=about.name,
                id=about.id,
                columns=about.columns,
                retention_days=about.retention_days,
            )
        )
        text = yaml.safe_dump(made.content, sort_keys=False, allow_unicode=True)
    media = "application/json" if form == "gx" else "application/yaml"
    return Document(text, f"{about.name}-{_ENDINGS[form]}", media, made.left)


def read_document(text: str, *, name: str = "") -> Translated:
    """Return the checks in a file of any of the formats, and what was not understood.

    Parameters
    ----------
    name : str
        Of the data set: which object of a contract is meant.

    Raises
    ------
    CheckProblem
        If it is no such file.
    """
    content = _content(text)
    if isinstance(content, dict):
        if content.get("format") == FORMAT:
            found = _read_own(content)
        elif content.get("kind") == "DataContract":
            found = read_contract(content, name=name)
        elif isinstance(content.get("expectations"), list):
            found = read_suite(content)
        else:
            raise _unknown()
        return _sound(found)
    raise _unknown()


def _unknown() -> CheckProblem:
    return CheckProblem(
        _(
            "This is no file of checks: neither YAML of this portal, nor an Open Data "
            "Contract (version 3), nor a suite of Great Expectations."
        )
    )


def _content(text: str) -> Any:
    if len(text) > MOST_CHARS:
        raise CheckProblem(_("A file of checks has at most 1 MB."))
    try:
        if text.lstrip().startswith("{"):
            return json.loads(text)
        # An alias may stand for itself many times over: a bomb, and of no use here.
        for token in yaml.scan(text, Loader=yaml.CSafeLoader):
            if isinstance(token, yaml.AliasToken):
                raise CheckProblem(_("Write each value out: aliases are not read."))
        return yaml.load(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, *_UNREADABLE) as error:
        if isinstance(error, CheckProblem):
            raise
        raise CheckProblem(
            _("The file cannot be read: %(why)s") % {"why": str(error)[:200]}
        ) from error


def _sound(found: Translated) -> Translated:
    """Return what was read; checks that the engine would not take are told."""
    checks, left = [], list(found.left)
    for each in found.checks:
        try:
            each.check()
        except EngineError as error:
            said = {"what": each.kind, "why": error.args[0]}
            left.append(_("%(what)s: %(why)s") % said)
        else:
            checks.append(each)
    return Translated(tuple(checks), tuple(left), found.retention_days)


def _own(checks: list[Declared], about: About) -> Translation:
    rows = []
    for each in checks:
        row: dict[str, Any] = {"kind": each.kind, "params": _plain(each.params)}
        for name in ("dimension", "severity", "where"):
            if value := getattr(each, name):
                row[name] = value
        rows.append(row)
    content = {"format": FORMAT, "version": 1, "data_set": about.name, "checks": rows}
    return Translation(content, ())


def _plain(params: dict[str, Any]) -> Any:
    """Return parameters as a writer of YAML takes them: lists, no tuples."""
    return json.loads(json.dumps(params))


def _read_own(content: dict[str, Any]) -> Translated:
    checks, left = [], []
    rows = content.get("checks")
    for number, row in enumerate(rows if isinstance(rows, list) else []):
        if not isinstance(row, dict) or not isinstance(row.get("params", {}), dict):
            left.append(_("Check %(number)s is no check.") % {"number": number + 1})
            continue
        known = {"kind", "params", "dimension", "severity", "where"}
        if unknown := sorted(map(str, set(row) - known)):
            said = {"number": number + 1, "names": ", ".join(unknown)}
            left.append(_("Check %(number)s: %(names)s is not known.") % said)
        texts = {
            name: str(row.get(name) or "")
            for name in ("kind", "dimension", "severity", "where")
        }
        checks.append(Declared(id="", params=row.get("params", {}), **texts))
    return Translated(tuple(checks), tuple(left))
