"""Writes with consequences of data sets, and the way to their tables."""

from pathlib import Path

from core import objects
from dataquality.models import DataSetVersion

OWNER = "data_set_version"
SOURCE = "source"
TABLE = "table.parquet"


def table_path(version: DataSetVersion) -> Path:
    """Return a local file with the version's canonical Parquet table.

    Raises
    ------
    KeyError
        If the version is not ready: it has no table yet.
    """
    return objects.local_path(objects.references(OWNER, version.pk)[TABLE])
