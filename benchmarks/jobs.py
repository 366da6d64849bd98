"""How long a job waits on an idle worker, and what a child costs to start.

`python -m benchmarks.jobs` prints both; it brings its own database, broker and
worker. Bars: submission to claim p95 at most 0.5 s.
"""

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks._figures import verdict
from core.child.client import ForkServer
from core.child.limits import Limits
from tests.core.jobs.plant import Databases, Plant

JOBS = 100
CHILDREN = 50
BAR_SECONDS = 0.5


def percentiles(seconds: list[float]) -> tuple[float, float]:
    """Return the median and the 95th percentile."""
    cuts = statistics.quantiles(seconds, n=20, method="inclusive")
    return statistics.median(seconds), cuts[18]


def claim_seconds(folder: Path) -> list[float]:
    """Return the seconds from submission to claim of jobs on an idle worker."""
    databases = Databases(folder / "databases")
    plant = Plant(folder / "plant", databases.new(), lease_seconds=60, tick_seconds=10)
    try:
        plant.start_scheduler()
        plant.start_worker()
        plant.ask("start_latency", count=5)
        seconds: list[float] = plant.ask("start_latency", count=JOBS)
        return seconds
    finally:
        plant.stop()
        databases.drop()


def child_seconds(folder: Path, function: str, arguments: dict) -> list[float]:
    """Return the seconds of whole calls in a child; the first one imports."""
    server, seconds = ForkServer(), []
    try:
        for _ in range(CHILDREN + 1):
            before = time.perf_counter()
            child = server.call(function, arguments, folder, Limits(1024, 60))
            while child.ending is None:
                for _message in child.listen(1):
                    pass
            child.close()
            seconds.append(time.perf_counter() - before)
    finally:
        server.stop()
    answer = json.loads((folder / ".result.json").read_text())
    if "result" not in answer:
        raise SystemExit(f"{function} failed: {answer}")
    return seconds


def main() -> int:
    """Print the figures; fail when the bar is missed."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        median, p95 = percentiles(claim_seconds(folder))
        name = f"submission to claim (median {median:.3f} s), p95"
        held = verdict(name, p95, BAR_SECONDS, "s")
        for name, function in (
            ("bare child", "tests.core.jobs.work:double"),
            ("child after the engine's libraries", "tests.core.jobs.libraries:nothing"),
        ):
            arguments = {"x": 1} if "double" in function else {}
            first, *others = child_seconds(folder, function, arguments)
            middle, high = percentiles(others)
            print(
                f"{name}: median {middle:.3f} s, p95 {high:.3f} s, first {first:.2f} s"
            )
    return int(not held)


if __name__ == "__main__":
    sys.exit(main())
