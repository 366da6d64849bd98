"""The limited child process, without a job around it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace

import psutil
import pytest

from core.child.client import ROOT, ForkServer, ServerGone
from core.child.limits import Limits
from tests.core.jobs import libraries, work

SMALL = Limits(memory_mb=256, cpu=20, file_mb=4)


@pytest.fixture(scope="module")
def server():
    server = ForkServer()
    yield server
    server.stop()


@pytest.fixture
def call(server, tmp_path):
    def call(function, *, limits=SMALL, **arguments):
        name = f"{function.__module__}:{function.__name__}"
        child = server.call(name, arguments, tmp_path, limits)
        heard = []
        while child.ending is None:
            heard += child.listen(1)
        heard += child.last_words()
        child.close()
        return child.ending, heard

    return call


def test_child_reports_and_returns(call, tmp_path):
    ending, heard = call(work.double, x=21)
    assert ending.code == 0
    assert heard == [
        {"progress": 0.5, "note": "half way"},
        {"log": "doubling"},
        {"metric": "x", "value": 21, "step": 3},
    ]
    assert (tmp_path / "out.txt").read_text() == "42"


@pytest.fixture
def secrets_around(monkeypatch, server):
    monkeypatch.setenv("DATABASE_URL", "postgres://portal:h4rmful@127.0.0.1/portal")
    monkeypatch.setenv("BROKER_URL", "redis://:h4rmful@127.0.0.1:6379/0")
    server.stop()  # the next call starts another, from this environment


def test_child_has_no_secret_no_django_and_one_thread(secrets_around, call, tmp_path):
    ending, _ = call(work.tell_about_itself)
    assert ending.code == 0
    told = result(tmp_path)
    assert "h4rmful" not in str(told["environment"])
    assert not {"DATABASE_URL", "BROKER_URL", "SECRET_KEY"} & set(told["environment"])
    assert told["environment"]["OMP_NUM_THREADS"] == "1"
    assert told["nice"] == os.nice(0) + 10
    assert told["leads"]
    assert told["cwd"] == str(tmp_path)
    assert not told["django"]
    assert told["threads"] == 1
    assert not (tmp_path / ".call.json").exists()  # it may hold a source's password


def result(folder):
    return json.loads((folder / ".result.json").read_text())["result"]


def test_child_stops_at_the_memory_limit_with_a_code_of_its_own(call):
    ending, _ = call(work.hoard)
    assert ending.code == 3


def test_memory_limit_counts_what_the_computation_maps_itself(call):
    assert call(work.map_memory, megabytes=200)[0].code == 0
    assert call(work.map_memory, megabytes=300)[0].code != 0


def test_child_stops_at_the_cpu_limit_by_the_signal_for_it(call):
    ending, _ = call(work.spin, limits=Limits(memory_mb=256, cpu=1))
    assert ending.signal == signal.SIGXCPU


def test_child_cannot_write_a_file_beyond_its_limit(call, tmp_path):
    ending, _ = call(work.write_much, megabytes=5)
    assert ending.code == 1
    assert json.loads((tmp_path / ".result.json").read_text())["file_limit"]


def test_child_leaves_no_process_behind(call, tmp_path):
    call(work.leave_a_grandchild)
    assert gone(result(tmp_path)["pid"])


def test_child_dies_with_its_server(tmp_path):
    server = ForkServer()
    child = server.call(
        "tests.core.jobs.work:sleep", {"seconds": 600.0}, tmp_path, SMALL
    )
    while child.pid is None:
        list(child.listen(1))
    server._process.kill()
    assert gone(child.pid)
    with pytest.raises(ServerGone):
        list(child.listen(1))
    child.close()
    server.stop()


def gone(pid: int) -> bool:
    deadline = time.monotonic() + 20
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie":
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return True


def test_server_and_child_die_with_the_process_that_started_them(tmp_path):
    script = (
        "import sys, pathlib\n"
        "from core.child.client import ROOT, ForkServer\n"
        "from core.child.limits import Limits\n"
        "server = ForkServer()\n"
        "child = server.call('tests.core.jobs.work:sleep', {'seconds': 600.0},\n"
        f"                    pathlib.Path({str(tmp_path)!r}), Limits(256, 20))\n"
        "while child.pid is None:\n"
        "    list(child.listen(1))\n"
        "print(server._process.pid, child.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    pids = [int(word) for word in holder.stdout.readline().split()]
    holder.kill()
    holder.wait()
    assert all(gone(pid) for pid in pids)


def test_killing_a_child_kills_what_it_started(server, tmp_path):
    child = server.call(
        "tests.core.jobs.work:sleep", {"seconds": 600.0}, tmp_path, SMALL
    )
    child.kill()
    child.close()
    assert child.ending.signal == signal.SIGKILL


def test_server_serves_on_after_a_child_that_killed_itself(call, tmp_path):
    assert call(work.kill_itself)[0].signal == signal.SIGKILL
    assert call(work.double, x=1)[0].code == 0


def test_child_reaches_no_network_where_the_kernel_permits_it(call, tmp_path):
    if os.geteuid() != 0:
        pytest.skip("leaving the network is best effort without root")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        call(work.call_out, port=listener.getsockname()[1])
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()
        assert result(tmp_path)["reached"] is False
        online = replace(SMALL, network=True)  # as what fetches a source asks for
        call(work.call_out, port=listener.getsockname()[1], limits=online)
        assert result(tmp_path)["reached"] is True


def test_a_function_that_does_not_exist_is_an_error_of_the_call(server, tmp_path):
    child = server.call("engine.nothing:at_all", {}, tmp_path, SMALL)
    while child.ending is None:
        list(child.listen(1))
    child.close()
    assert child.ending.code == 1


def test_engine_libraries_work_in_a_forked_child(call, tmp_path):
    ending, _ = call(libraries.use_them, limits=Limits(memory_mb=1024, cpu=60))
    assert ending.code == 0, (tmp_path / ".output.txt").read_text()
    assert result(tmp_path) == {"polars": 6, "duckdb": 6, "pyarrow": 6, "sklearn": 3}
