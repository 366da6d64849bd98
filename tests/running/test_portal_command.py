"""portal.py: from nothing but Python to installed requirements."""

import base64
import hashlib
import os
import runpy
import shutil
import subprocess
import sys
import zipfile

import pytest

from tests.portal_process import ROOT

PIN = "portal-probe==1.0 --hash=sha256:{}\n"


@pytest.fixture
def house(tmp_path):
    """A folder with portal.py, a manage.py that tells, and one pinned requirement.

    The requirement is a wheel of our own, so that these tests need no network.
    """
    house, wheels = tmp_path / "house", tmp_path / "wheels"
    house.mkdir()
    wheels.mkdir()
    shutil.copy(ROOT / "portal.py", house)
    (house / "manage.py").write_text(
        "import os, sys, portal_probe\nprint(sys.argv[1], os.environ.get('DATA_DIR'))\n"
    )
    digest = make_wheel(wheels / "portal_probe-1.0-py3-none-any.whl")
    for name in ("requirements.txt", "requirements-dev.txt"):
        (house / name).write_text(PIN.format(digest))
    with (house / "requirements-dev.txt").open("a") as file:
        file.write("# and more\n")
    (house / "tests").mkdir()
    (house / "tests" / "run.py").write_text("print('tested')\n")
    return house


def make_wheel(path):
    """Write a wheel of one empty module; return its SHA-256."""
    info = "portal_probe-1.0.dist-info"
    files = {
        "portal_probe.py": b"",
        f"{info}/METADATA": b"Metadata-Version: 2.1\nName: portal-probe\nVersion: 1.0\n",
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    for name, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest())
        record += f"{name},sha256={digest.rstrip(b'=').decode()},{len(content)}\n"
    files[f"{info}/RECORD"] = (record + f"{info}/RECORD,,\n").encode()
    with zipfile.ZipFile(path, "w") as wheel:
        for name, content in files.items():
            wheel.writestr(name, content)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def portal(house, *arguments, **variables):
    """Run portal.py under an emptied environment, from another folder."""
    return subprocess.run(
        ["python3", str(house / "portal.py"), *arguments],
        cwd="/",
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(house.parent),
            # Only our own wheel can be had: uv cannot, so pip has to do.
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(house.parent / "wheels"),
            "PIP_CONFIG_FILE": os.devnull,
            **variables,
        },
        capture_output=True,
        text=True,
    )


def test_first_start_installs_and_the_next_one_just_starts(house):
    first = portal(house, "run", DATA_DIR="elsewhere")
    assert first.returncode == 0, first.stdout + first.stderr
    lines = first.stdout.splitlines()
    assert lines[0] == "Making .venv ..."
    assert lines[1].startswith("Installing requirements.txt")
    assert lines[2].startswith("uv did not work (")
    # A relative folder is meant from where the person stands.
    assert lines[-1] == "runportal /elsewhere"

    again = portal(house, "run")
    assert again.stdout == "runportal None\n"

    tested = portal(house, "test")
    assert "Installing requirements-dev.txt" in tested.stdout
    assert tested.stdout.endswith("tested\n")
    # The development set contains the runtime set: nothing to install for a run.
    assert portal(house, "run").stdout == "runportal None\n"

    (house / ".venv" / "bin" / "python").unlink()
    mended = portal(house, "run")
    assert mended.stdout.startswith("Making .venv ...\nInstalling requirements.txt")


def test_two_first_starts_at_once_install_once(house):
    command = ["python3", str(house / "portal.py"), "run"]
    variables = {
        "PATH": os.environ["PATH"],
        "HOME": str(house.parent),
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(house.parent / "wheels"),
        "PIP_CONFIG_FILE": os.devnull,
    }
    both = [
        subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    outputs = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sum("Making .venv" in output for output in outputs) == 1
    assert all(output.endswith("runportal None\n") for output in outputs)


def test_wheel_that_is_not_the_pinned_one_is_refused(house):
    (house / "requirements.txt").write_text(PIN.format("0" * 64))
    refused = portal(house, "run")
    assert refused.returncode != 0
    assert "Could not install requirements.txt" in refused.stderr
    assert "runportal" not in refused.stdout


def test_unknown_command_shows_the_known_ones(house):
    shown = portal(house, "dance")
    assert shown.returncode == 1
    assert "run | test | link" in shown.stderr
    assert not (house / ".venv").exists()


@pytest.fixture
def functions():
    return runpy.run_path(str(ROOT / "portal.py"))


def test_old_python_is_refused_in_one_sentence(functions, monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))
    with pytest.raises(
        SystemExit, match=r"needs Python 3\.11 or newer; this one is 3\.10\.$"
    ):
        functions["main"](["run"])


def test_debian_without_venv_gets_the_one_command(functions, monkeypatch):
    said = "The virtual environment was not created successfully because ensurepip is not available."
    answer = subprocess.CompletedProcess([], 1, stdout=said)
    monkeypatch.setattr(subprocess, "run", lambda *_a, **_k: answer)
    with pytest.raises(SystemExit, match=r"sudo apt-get install python3\.\d+-venv$"):
        functions["make_environment"]()


def test_uv_looks_where_pip_looks(functions, monkeypatch):
    answer = subprocess.CompletedProcess(
        [], 0, stdout="https://index.example.org/simple\n"
    )
    monkeypatch.setattr(subprocess, "run", lambda *_a, **_k: answer)
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    environment = functions["uv_environment"]()
    assert environment["UV_DEFAULT_INDEX"] == "https://index.example.org/simple"
    assert environment["UV_SYSTEM_CERTS"] == "1"
