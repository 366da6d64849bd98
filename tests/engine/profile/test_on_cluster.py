"""Two workers of a real Dask cluster find what one process finds."""

import os
import signal

import numpy as np
import polars as pl
import pytest

from engine.errors import EngineError
from engine.profile import Profile, profile_table
from engine.profile.streamed import cluster
from engine.progress import Silent

pytestmark = pytest.mark.broker  # starts processes of its own
ROWS = 40_000


@pytest.fixture
def table(tmp_path):
    """Return the path of a table of eight row groups."""
    rng = np.random.default_rng(6)
    path = tmp_path / "table.parquet"
    pl.DataFrame(
        {
            "id": np.arange(ROWS),
            "x": rng.gamma(2, 3, ROWS),
            "class": rng.choice(["a", "b"], ROWS),
        }
    ).write_parquet(path, row_group_size=5_000)
    return path


class Killing(Silent):
    """Kills a worker when the first part is done."""

    def __init__(self, pids):
        self.pids = pids

    def progress(self, share, note=""):
        if self.pids:
            os.kill(self.pids.pop(), signal.SIGKILL)
            self.pids.clear()


def _profile(table, tmp_path, report=None, **plan):
    head = profile_table(
        source=str(table), folder=tmp_path, report=report or Silent(), plan=plan
    )
    return Profile.from_json((tmp_path / head["profile"]).read_text("utf-8"))


def test_a_cluster_of_two_workers_finds_what_one_process_finds(
    table, tmp_path, monkeypatch
):
    from dask.distributed import Client, LocalCluster

    monkeypatch.setattr(cluster, "_ROWS_OF_A_TASK", 5_000)
    one = _profile(table, tmp_path, memory_rows=10, approximate=True)
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None
        ) as local,
        Client(local) as client,
    ):
        address = local.scheduler_address
        beyond = {"memory_rows": 10, "cluster": address}
        found = _profile(table, tmp_path, approximate=True, **beyond)
        client.wait_for_workers(2)
        # Parts that die with their worker are done again by the other one.
        killing = Killing(list(client.run(os.getpid).values()))
        again = _profile(table, tmp_path, killing, **beyond)
        assert not killing.pids
    assert found.duplicate_rows == one.duplicate_rows == 0
    for each in found.columns:
        same = one.column(each.name)
        assert (each.count, each.missing, each.distinct) == (
            *(same.count, same.missing),
            same.distinct,
        )
        assert each.histogram == same.histogram
    mine, theirs = found.column("x").numbers, one.column("x").numbers
    assert mine.sd == pytest.approx(theirs.sd, rel=1e-9)
    assert mine.median == pytest.approx(theirs.median, rel=0.005)
    exact = _profile(table, tmp_path)
    assert again.column("x").numbers.median == exact.column("x").numbers.median
    assert again.column("x").distinct == exact.column("x").distinct


def test_a_cluster_that_is_not_there_is_said_so(table, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "_WAIT", "1s")
    with pytest.raises(EngineError, match="No Dask scheduler answers"):
        _profile(table, tmp_path, memory_rows=10, cluster="tcp://127.0.0.1:1")
