"""The third-party files the interface ships."""

import hashlib
import json
import re
from pathlib import Path

import plotly.offline
import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = [ROOT / "static" / "vendor", ROOT / "tests" / "vendor"]
ENTRIES = [
    (folder / name, entry)
    for folder in FOLDERS
    for name, entry in json.loads((folder / "manifest.json").read_text()).items()
]


@pytest.mark.parametrize(
    ("path", "entry"), ENTRIES, ids=lambda value: getattr(value, "name", "")
)
def test_a_copy_is_the_file_its_manifest_names(path, entry):
    assert hashlib.sha256(path.read_bytes()).hexdigest() == entry["sha256"]


def test_nothing_lies_beside_what_the_manifests_name():
    present = {
        path for folder in FOLDERS for path in folder.rglob("*") if path.is_file()
    }
    named = {path for path, _ in ENTRIES} | {
        folder / "manifest.json" for folder in FOLDERS
    }

    assert present == named


def test_versions_are_those_the_lock_file_pins():
    lock = json.loads((ROOT / "frontend" / "package-lock.json").read_text())["packages"]

    for _, entry in ENTRIES:
        assert entry["version"] == lock[f"node_modules/{entry['package']}"]["version"]


def test_every_package_ships_its_licence():
    packages = {entry["package"] for _, entry in ENTRIES}
    licensed = {entry["package"] for path, entry in ENTRIES if "LICENSE" in path.name}

    assert packages == licensed


def test_the_plotly_bundle_reads_what_the_installed_plotly_writes():
    bundle = ROOT / "static" / "vendor" / "plotly" / "plotly-cartesian.min.js"
    banner = re.search(r"plotly\.js \(.*\) v(\d+)\.", bundle.read_text()[:500])

    assert banner
    assert banner[1] == plotly.offline.get_plotlyjs_version().split(".")[0]


def test_no_copy_points_to_a_map_that_is_not_there():
    scripts = [path for path, _ in ENTRIES if path.suffix == ".js"]

    assert all("sourceMappingURL=" not in path.read_text()[-500:] for path in scripts)


def test_no_file_of_ours_fetches_from_elsewhere():
    ours = [
        *ROOT.glob("templates/**/*.html"),
        *ROOT.glob("static/css/*"),
        *ROOT.glob("static/js/*"),
    ]
    remote = re.compile(
        r"""(?:src|href)=["']https?:|url\(["']?https?:|@import|import\(["']http"""
    )

    assert [path.name for path in ours if remote.search(path.read_text())] == []
