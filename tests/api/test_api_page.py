"""docs/api.md, run as it stands against a real portal."""

import json
import os
import re
import shutil
import subprocess
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.portal_process import ROOT, manage

pytestmark = pytest.mark.broker

PAGE = ROOT / "docs" / "api.md"
MAKE = """
import json
from tests.factories import a_token, a_user
owner = a_user("Ruth Adler")
print(json.dumps([owner.email, a_token(owner, scope="admin")]))
"""


def test_every_line_of_the_page_works_in_its_order(portal):
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed: apt-get install curl")
    made = manage("shell", "-v0", "-c", MAKE, data=portal.data)
    email, token = json.loads(made.stdout)
    script = "\n".join(re.findall(r"```sh\n(.+?)```", PAGE.read_text(), re.DOTALL))
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env={
            "PATH": os.environ["PATH"],
            "HOST": portal.url,
            "TOKEN": token,
            "EMAIL": email,
            "FILE": str(ROOT / "examples" / "churn" / "customers.csv"),
            "TARGET": "churn",
            "SOON": (timezone.now() + timedelta(days=7)).isoformat(),
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert '"word":"approve"' in done.stdout
