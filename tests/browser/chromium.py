"""Where Chromium is, and how to get it. Standard library only."""

import os
import shutil
import subprocess

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
REMEDY = "sudo apt-get install -y chromium"


def find() -> str | None:
    """Return the path of a Chromium, or None; CHROMIUM names one of your choice."""
    found = (shutil.which(name) for name in (os.environ.get("CHROMIUM", ""), *NAMES))
    return next((path for path in found if path), None)


def install_if_missing() -> None:
    """Install Debian's Chromium where that needs no question: root, and apt."""
    if find() or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    print("Installing Chromium for the browser tests ...", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update"],
        ["apt-get", "install", "-y", "--no-install-recommends", "chromium"],
    ):
        subprocess.run(command, env=environment, capture_output=True)
