"""The limited child process, without a job around it."""

import pytest

from core.child.client import ForkServer
from core.child.limits import Limits
from tests.core.jobs import work

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
