"""One portal for all tests that only speak to it."""

import pytest

from tests.portal_process import Portal


@pytest.fixture(scope="session")
def portal(tmp_path_factory):
    # A bound on requests a second would hide every answer behind 429.
    portal = Portal(
        tmp_path_factory.mktemp("api") / "data",
        settings={"API_RATE": "100000/s", "UPLOAD_LIMIT_BYTES": "1000000"},
    ).start()
    yield portal
    portal.stop()
