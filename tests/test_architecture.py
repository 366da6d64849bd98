"""The shape of the house is a test."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = (
    "mlops_portal",
    "experiments",
    "dataquality",
    "projects",
    "core",
    "charts",
    "engine",
)
LONGEST = 600


def modules():
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT)


def test_imports_go_down_only():
    script = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [sys.executable, script, "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_modules_stay_short_enough_to_read():
    lengths = {path: (ROOT / path).read_text().count("\n") for path in modules()}
    # a longer one becomes a package of the same name
    assert not {path: lines for path, lines in lengths.items() if lines > LONGEST}


def test_no_module_is_called_utils():
    assert not [path for path in modules() if path.stem in {"utils", "helpers"}]


def test_a_process_that_serves_pages_loads_no_learning_library():
    # Each takes half a second or more, and seven processes start at once.
    script = (
        "import sys, django; django.setup(); import mlops_portal.urls, mlops_portal.celery;"
        "print(*{'pandas', 'sklearn', 'scipy.stats', 'plotly.express'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "mlops_portal.settings"}
        | {"SECRET_KEY": "only-for-this-test" * 3},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout.split()) == (0, []), done.stderr
