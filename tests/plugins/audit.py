"""The guards of the audit trail, around tests that empty tables afterwards."""

from types import SimpleNamespace

import pytest
from django.db import connection

from core.audit import install_guards, remove_guards


@pytest.fixture(autouse=True)
def audit_guards(request):
    """Lift the guards before a transactional test's rows are deleted (SQLite)."""
    marker = request.node.get_closest_marker("django_db")
    by_marker = marker is not None and marker.kwargs.get("transaction")
    if not by_marker and "transactional_db" not in request.fixturenames:
        yield
        return
    # Asked for here, so that its flush comes after our own last step.
    request.getfixturevalue("transactional_db")
    install_guards(SimpleNamespace(connection=connection))
    yield
    remove_guards()
