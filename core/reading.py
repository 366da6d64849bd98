"""What several parts of one page need is read once, and for many rows at a time.

While a page is being read nothing changes, so that what was found may be kept until
its end; likewise while one function reads for a write. Everywhere else (a write, a job,
a test) each call looks anew.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import models

M = TypeVar("M", bound=models.Model)
P = ParamSpec("P")
T = TypeVar("T")
Load = Callable[[Sequence[M]], dict[Any, T]]
Read = Callable[P, T]

_kept: ContextVar[dict[object, dict[Any, Any]] | None] = ContextVar(
    "kept", default=None
)


@contextmanager
def one_page() -> Iterator[None]:
    """Keep what is read until the page is done."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def one_reading(read: Read[P, T]) -> Read[P, T]:
    """Have `read`, which writes nothing, keep what it finds until it returns.

    On a page it takes what the page has found already.
    """

    @wraps(read)
    def reading(*args: P.args, **kwargs: P.kwargs) -> T:
        if _kept.get() is not None:
            return read(*args, **kwargs)
        with one_page():
            return read(*args, **kwargs)

    return reading


def read_together(load: Load[M, T]) -> Load[M, T]:
    """Have `load`, which finds something by row id, asked once for each row of a page.

    A list calls it with all its rows; what then asks for one of them costs nothing.
    """

    @wraps(load)
    def loaded(rows: Sequence[M]) -> dict[Any, T]:
        kept = _kept.get()
        if kept is None:
            return load(rows)
        mine = kept.setdefault(load, {})
        missing = [row for row in rows if row.pk not in mine]
        if missing:
            mine.update(load(missing))
        return {row.pk: mine[row.pk] for row in rows if row.pk in mine}

    return loaded


def read_once(read: Read[P, T]) -> Read[P, T]:
    """Have `read` asked once on a page for the same arguments."""

    @wraps(read)
    def once(*args: P.args, **kwargs: P.kwargs) -> T:
        kept = _kept.get()
        if kept is None:
            return read(*args, **kwargs)
        mine = kept.setdefault(read, {})
        asked = (args, tuple(kwargs.items()))
        if asked not in mine:
            mine[asked] = read(*args, **kwargs)
        found: T = mine[asked]
        return found

    return once
