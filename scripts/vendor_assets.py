"""Copy the third-party files the interface ships, and say where each came from.

Run `npm ci --ignore-scripts` in frontend/ first; running and testing the portal
need neither. `--check` compares the copies with what npm installed.
"""

import argparse
import hashlib
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "frontend" / "node_modules"
SHIPPED = Path("static") / "vendor"
FOR_TESTS = Path("tests") / "vendor"
# A map that is not shipped makes collectstatic fail.
SOURCE_MAP = re.compile(rb"\n?//[#@] sourceMappingURL=[^\n]*\n?")


@dataclass(frozen=True)
class Asset:
    """One file of a package and the path of its copy."""

    package: str
    source: str
    copy: Path


ASSETS = (
    Asset(
        "@fontsource-variable/inter",
        "files/inter-latin-opsz-normal.woff2",
        SHIPPED / "inter" / "inter-latin-opsz-normal.woff2",
    ),
    Asset(
        "@fontsource-variable/inter",
        "files/inter-latin-ext-opsz-normal.woff2",
        SHIPPED / "inter" / "inter-latin-ext-opsz-normal.woff2",
    ),
    Asset("@fontsource-variable/inter", "LICENSE", SHIPPED / "inter" / "LICENSE.txt"),
    Asset("htmx.org", "dist/htmx.min.js", SHIPPED / "htmx" / "htmx.min.js"),
    Asset("htmx.org", "LICENSE", SHIPPED / "htmx" / "LICENSE.txt"),
    Asset(
        "plotly.js-cartesian-dist-min",
        "plotly-cartesian.min.js",
        SHIPPED / "plotly" / "plotly-cartesian.min.js",
    ),
    Asset(
        "plotly.js-cartesian-dist-min", "LICENSE", SHIPPED / "plotly" / "LICENSE.txt"
    ),
    Asset("axe-core", "axe.min.js", FOR_TESTS / "axe.min.js"),
    Asset("axe-core", "LICENSE", FOR_TESTS / "axe-LICENSE.txt"),
)


def shipped_bytes(asset: Asset) -> bytes:
    """Return the file as it is shipped: without the address of its source map."""
    content = (MODULES / asset.package / asset.source).read_bytes()
    return SOURCE_MAP.sub(b"\n", content) if asset.source.endswith(".js") else content


def describe(asset: Asset, content: bytes) -> dict[str, str]:
    """Return the manifest's entry for one copy."""
    package = json.loads((MODULES / asset.package / "package.json").read_text())
    return {
        "package": asset.package,
        "version": package["version"],
        "licence": package["license"],
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def write_copies() -> None:
    """Write every copy, and a manifest beside those shipped and those for tests."""
    manifests: dict[Path, dict[str, dict[str, str]]] = {SHIPPED: {}, FOR_TESTS: {}}
    for asset in ASSETS:
        content = shipped_bytes(asset)
        place = ROOT / asset.copy
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        folder = SHIPPED if asset.copy.is_relative_to(SHIPPED) else FOR_TESTS
        name = asset.copy.relative_to(folder).as_posix()
        manifests[folder][name] = describe(asset, content)
    for folder, entries in manifests.items():
        text = json.dumps(entries, indent=2, sort_keys=True)
        (ROOT / folder / "manifest.json").write_text(text + "\n")


def differing() -> list[Path]:
    """Return the copies that are missing or differ from what npm installed."""
    return [
        asset.copy
        for asset in ASSETS
        if not (ROOT / asset.copy).is_file()
        or (ROOT / asset.copy).read_bytes() != shipped_bytes(asset)
    ]


def main() -> int:
    """Write the copies, or with --check compare them; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    if not parser.parse_args().check:
        write_copies()
        return 0
    wrong = differing()
    for path in wrong:
        sys.stderr.write(f"{path} differs: run scripts/vendor_assets.py\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
