"""Sentences that a reader may get in their own language, though the engine knows none.

A sentence is its English text, and remembers what it was made of: whoever shows it
passes a translator to `said`. Everything else (the API, logs, tables) has a text.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any


class Sentence(str):
    """A text with its template and values; a value may be a sentence itself."""

    template: str = ""
    values: Mapping[str, Any] = {}


class Template(str):
    """A text with names in it; `%` fills them in and remembers them."""

    __slots__ = ()

    def __mod__(self, values: Any) -> Sentence:
        made = Sentence(str.__mod__(self, values))
        made.template, made.values = str(self), dict(values)
        return made


class Joined(Sentence):
    """Several texts, one after the other."""

    separator: str = ""
    parts: tuple[str, ...] = ()


def gettext_noop(message: str) -> Template:
    """Return the message to be filled in: the name makes makemessages collect it."""
    return Template(message)


def joined(separator: str, parts: Iterable[str]) -> Joined:
    """Return the parts as one text that remembers them."""
    kept = tuple(parts)
    made = Joined(separator.join(kept))
    made.separator, made.parts = separator, kept
    return made


def said(text: object, translate: Callable[[str], str]) -> str:
    """Return a text in the translator's language, as far as it remembers itself.

    Parameters
    ----------
    text : object
        A text, or an error that was made with one.
    """
    if isinstance(text, Exception):
        text = text.args[0] if len(text.args) == 1 else str(text)
    if isinstance(text, Joined):
        return text.separator.join(said(part, translate) for part in text.parts)
    if isinstance(text, Sentence):
        return translate(text.template) % {
            name: said(value, translate) if isinstance(value, str) else value
            for name, value in text.values.items()
        }
    return translate(text) if isinstance(text, Template) and text else str(text)


def kept(told: Any) -> Any:
    """Return JSON of `told` in which every sentence remembers what it was made of."""
    if isinstance(told, Joined):
        parts = [kept(part) for part in told.parts]
        return {"text": str(told), "separator": told.separator, "parts": parts}
    if isinstance(told, Sentence) and told.template:
        values = {name: kept(value) for name, value in told.values.items()}
        return {"text": str(told), "template": told.template, "values": values}
    if isinstance(told, Template):
        return {"text": str(told), "template": str(told), "values": {}}
    if isinstance(told, Mapping):
        return {name: kept(value) for name, value in told.items()}
    if isinstance(told, list | tuple):
        return [kept(each) for each in told]
    return told


def again(told: Any) -> Any:
    """Return what `kept` made JSON of, with its sentences as sentences."""
    if isinstance(told, list):
        return [again(each) for each in told]
    if not isinstance(told, Mapping):
        return told
    if told.keys() == {"text", "separator", "parts"}:
        return _joined_again(told)
    if told.keys() != {"text", "template", "values"}:
        return {name: again(value) for name, value in told.items()}
    try:
        made = Template(told["template"]) % again(told["values"])
    except (TypeError, ValueError, KeyError):
        return str(told["text"])
    # What was stored or sent by others may not be what was said.
    return made if made == told["text"] else str(told["text"])


def _joined_again(told: Mapping[str, Any]) -> str:
    try:
        made = joined(told["separator"], again(told["parts"]))
    except TypeError:
        return str(told["text"])
    return made if made == told["text"] else str(told["text"])
