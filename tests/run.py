"""Every test, run after run, and one sum: what `make test` runs.

`tests/run.py` runs them all; `tests/run.py chaos` and `tests/run.py bench` run the
long ones. Needs the standard library only; the runs themselves are pytest's.
"""

import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

PYTEST = [sys.executable, "-m", "pytest", "--durations=5"]
ON_POSTGRES = [sys.executable, "tests/with_postgres.py", "--"]
NO_TESTS_COLLECTED = 5
LIMIT_SECONDS = 15 * 60  # a run that hangs must not hold a machine for ever


@dataclass(frozen=True)
class Count:
    """How the tests of some runs ended; an error counts as failed."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
        )

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


@dataclass(frozen=True)
class Run:
    """One pytest process and what it is about."""

    title: str
    command: list[str]
    environment: dict[str, str]


def outcome(case: ElementTree.Element) -> Count:
    """Return one test's count from its element in pytest's JUnit report."""
    if case.find("failure") is not None or case.find("error") is not None:
        return Count(failed=1)
    if case.find("skipped") is not None:
        return Count(skipped=1)
    return Count(passed=1)


def read_report(report: Path, code: int) -> Count:
    """Return the count of a run; a run that broke off has failed, whatever it says."""
    count = Count()
    if report.is_file() and report.stat().st_size:
        # pytest on this machine wrote it a moment ago, nobody else
        tree = ElementTree.parse(report)  # noqa: S314
        # A test that fails and whose teardown breaks has two elements, one name.
        cases: dict[str, Count] = {}
        for case in tree.iter("testcase"):
            name = f"{case.get('classname')}::{case.get('name')}"
            if not (name in cases and cases[name].failed):
                cases[name] = outcome(case)
        count = sum(cases.values(), Count())
    broke_off = code not in (0, NO_TESTS_COLLECTED) and not count.failed
    return count + Count(failed=int(broke_off))


def perform(run: Run, output: IO[str] | None = None) -> Count:
    """Run pytest once, let it speak for itself or into `output`; return its count."""
    say(f"\n{run.title}", output)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        process = subprocess.Popen(
            [*run.command, f"--junit-xml={report}"],
            cwd=ROOT,
            env={**os.environ, **run.environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output and subprocess.STDOUT,
        )
        try:
            code = process.wait(LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            process.terminate()
            code = process.wait()
            say(f"Stopped after {LIMIT_SECONDS // 60} minutes.", output)
        return read_report(report, code)


def say(line: str, output: IO[str] | None = None) -> None:
    """Print a line before whatever a child process prints next."""
    print(line, file=output, flush=True)


def perform_beside(run: Run, *lanes: list[Run]) -> Count:
    """Perform each lane's runs at the same time; show them when `run` is done.

    Tests of processes and of pages in a browser wait more than they compute, so four
    runs keep two cores busy to the end.
    """

    def perform_all(lane: list[Run], output: IO[str]) -> Count:
        return sum((perform(each, output) for each in lane), Count())

    with ExitStack() as stack, ThreadPoolExecutor(len(lanes)) as pool:
        outputs = [stack.enter_context(tempfile.TemporaryFile("w+")) for _ in lanes]
        counts = pool.map(perform_all, lanes, outputs)
        count = sum(counts, perform(run))
        for output in outputs:
            output.seek(0)
            say(output.read().rstrip())
        return count


def files_with(marker: str) -> list[str]:
    """Return the files that speak of a marker: collecting all takes long each time."""
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    return [str(each) for each in files if f"mark.{marker}" in each.read_text()]


SHORT = "not browser and not chaos"
DATABASE = f"database and {SHORT}"
# Faults of workers are made on PostgreSQL; chaos makes them on SQLite.
LIVE = f"broker and not database and {SHORT}"
# The engine and the charts know no database; a contract keeps it so.
NO_TABLES = ["tests/engine", "tests/charts"]
TABLES = [f"--ignore={folder}" for folder in NO_TABLES]
UNIT = Run(
    "Unit and integration tests, SQLite",
    [*PYTEST, "-m", f"not broker and {SHORT}", *TABLES],
    {},
)
# Runs at once must not write the same cache.
BESIDE = [*PYTEST, "-p", "no:cacheprovider"]
ENGINE = Run(
    "Tests of the engine and the charts",
    [*BESIDE, "-m", f"not broker and {SHORT}", *NO_TABLES],
    {},
)
PROCESSES = Run(
    "Tests of running processes, SQLite",
    [*BESIDE, "-m", LIVE, *files_with("broker")],
    {},
)
POSTGRES = Run(
    "Tests of tables and jobs, PostgreSQL",
    [*ON_POSTGRES, *BESIDE, "-m", DATABASE, *TABLES],
    {},
)
BROWSER = Run(
    "Browser tests, Chromium",
    [*BESIDE, "tests/browser"],
    # Playwright keeps an event loop in this thread, and the ORM would refuse.
    {"DJANGO_ALLOW_ASYNC_UNSAFE": "true"},
)


def chaos(*, seconds: int) -> Run:
    """Return the run that kills workers, brokers and jobs for a while."""
    return Run(
        f"Chaos, {seconds} s",
        [*BESIDE, "-m", "chaos", *files_with("chaos")],
        {"CHAOS_SECONDS": str(seconds)},
    )


def bench() -> int:
    """Run every benchmark; each prints its own figures."""
    names = sorted((ROOT / "benchmarks").glob("[!_]*.py"))
    codes = [
        subprocess.run([sys.executable, "-m", f"benchmarks.{name.stem}"], cwd=ROOT)
        for name in names
    ]
    return int(any(done.returncode for done in codes))


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["bench"]:
        return bench()
    if arguments[:1] == ["chaos"]:
        seconds = int(arguments[1]) if arguments[1:] else 600
        count = perform(chaos(seconds=seconds))
    else:
        from tests.browser.chromium import install_if_missing

        install_if_missing()
        count = perform_beside(
            UNIT, [POSTGRES], [PROCESSES, ENGINE], [BROWSER, chaos(seconds=20)]
        )
    say(f"\n{count}")
    return int(count.failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
