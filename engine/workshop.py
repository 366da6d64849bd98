"""A DuckDB for what does not fit in memory: limited, and clean again afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb


@contextmanager
def workshop(folder: Path, memory_mb: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a DuckDB that spills into the folder, which is clean again afterwards."""
    spill = folder / "spill"
    connection = duckdb.connect(
        ":memory:",
        config={
            "memory_limit": f"{memory_mb}MiB",
            "threads": 1,
            "temp_directory": str(spill),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )
    connection.execute("SET TimeZone = 'UTC'")
    try:
        yield connection
    finally:
        connection.close()
        for path in spill.glob("*"):
            path.unlink()
        if spill.exists():
            spill.rmdir()
