"""What every test shares: markers by place and need, and a calm hypothesis."""

import re
from pathlib import Path

import hypothesis
import pytest

pytest_plugins = [
    "tests.plugins.audit",
    "tests.plugins.jobs",
    "tests.plugins.rows",
    "tests.plugins.value",
]
HERE = Path(__file__).parent
# Whoever asks for one of these touches tables, and may run again on PostgreSQL.
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_reset_sequences"}

# What is shown meets another database only in its queries, and the owner's walk to
# every address (test_access_matrix.py) runs each of those on PostgreSQL.
OF_WHAT_IS_SHOWN = re.compile(r"^portal/|_(api|form|headers|optimiser|pages|report)\b")

# A slow machine is no failure of the code: no bound on the time of an example.
hypothesis.settings.register_profile("portal", deadline=None)
hypothesis.settings.load_profile("portal")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by the folder they lie in, and those that use a database."""
    for item in items:
        place = item.path.relative_to(HERE)
        if place.parts[0] in {"browser", "chaos"}:
            item.add_marker(place.parts[0])
        fixtures = set(getattr(item, "fixturenames", ()))
        has_tables = fixtures & DATABASE_FIXTURES or item.get_closest_marker(
            "django_db"
        )
        is_once = item.get_closest_marker("one_database")
        is_shown = OF_WHAT_IS_SHOWN.search(place.as_posix())
        if has_tables and not is_once and not is_shown:
            item.add_marker("database")
