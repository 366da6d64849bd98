"""The OpenAPI document is kept by the live server, whatever is sent to it."""

import os
import subprocess
import sys

import pytest

from tests.portal_process import manage

pytestmark = pytest.mark.broker

# `make check` goes through every edge of every operation, 10,000 requests.
IS_WHOLE = os.environ.get("CONTRACT") == "whole"
PHASES = "examples,coverage,fuzzing" if IS_WHOLE else "examples,fuzzing"
EXAMPLES = "4"  # requests made up for each operation
PATIENCE_SECONDS = 900
MAKE_KEY = """
from core.access import Actor
from core.models import ApiToken, User
from projects import services
from projects.models import Project
owner = User.objects.get(is_portal_admin=True)
project = Project(name="Contract", problem="p", decision_supported="d")
services.create_project(project, actor=Actor(user=owner), seed=1)
print(ApiToken.issue(owner, name="contract", scope="admin")[1])
"""


@pytest.fixture(scope="module")
def key(portal):
    done = manage("shell", "-v0", "-c", MAKE_KEY, data=portal.data)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1]


def test_no_answer_is_undocumented_and_none_is_a_fault_of_the_server(portal, key):
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "schemathesis.cli",
            "run",
            f"{portal.url}/api/v1/schema/?format=json",
            "--header",
            f"Authorization: Bearer {key}",
            "--checks",
            "not_a_server_error,status_code_conformance,content_type_conformance",
            "--phases",
            PHASES,
            "--max-examples",
            EXAMPLES,
            "--generation-deterministic",
            "--seed",
            "20261123",
            # Two threads that parse at once can spoil the parser of Python 3.11 for
            # good ("AST constructor recursion depth mismatch").
            "--workers",
            "1",
            "--no-color",
            "--warnings",
            "off",
        ],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    found = done.stdout.partition("FAILURES")[2].partition("WARNINGS")[0]
    assert done.returncode == 0, (found or done.stdout)[:12_000] + done.stderr[-2000:]
