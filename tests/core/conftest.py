"""What the tests of the foundations share."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def no_limits_from_the_test_before():
    cache.clear()


@pytest.fixture
def store(settings, tmp_path):
    """An empty store of objects."""
    settings.OBJECT_DIR = tmp_path / "objects"
    settings.DISK_RESERVE = 0
    return settings.OBJECT_DIR


@pytest.fixture
def remote_store(store, settings, tmp_path):
    """A store whose bytes lie behind Django's storage interface, as in a bucket."""
    settings.STORAGES = {
        **settings.STORAGES,
        "objects": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "bucket")},
        },
    }
    return tmp_path / "bucket"
