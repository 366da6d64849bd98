"""What every test shares: markers by place and need, and a calm hypothesis."""

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
# Whoever asks for one of these touches tables, and runs again on PostgreSQL.
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_reset_sequences"}

# A slow machine is no failure of the code: no bound on the time of an example.
hypothesis.settings.register_profile("portal", deadline=None)
hypothesis.settings.load_profile("portal")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by the folder they lie in, and those that use a database."""
    for item in items:
        place = item.path.relative_to(HERE).parts[0]
        if place in {"browser", "chaos"}:
            item.add_marker(place)
        fixtures = set(getattr(item, "fixturenames", ()))
        if fixtures & DATABASE_FIXTURES or item.get_closest_marker("django_db"):
            item.add_marker("database")
