"""Rows that all tests of a module start from are written once."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction


@pytest.fixture(scope="module")
def written_once(django_db_setup, django_db_blocker) -> Iterator[Callable[..., Any]]:
    """Return a function that calls another one, whose rows stay for the module.

    What it returns is kept from test to test, so that it had better be plain values:
    a test asks the database for the objects it changes. No test of the module may need
    real commits.
    """

    def write(make: Callable[[], Any]) -> Any:
        with django_db_blocker.unblock():
            return make()

    with django_db_blocker.unblock():
        outer = transaction.atomic()
        outer.__enter__()
    yield write
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        outer.__exit__(None, None, None)
