"""`make run`, whole: every process is real, and some are killed."""

import os
import pwd
import signal
import stat
import subprocess
import sys

import psutil
import pytest

from tests.portal_process import (
    ROOT,
    Portal,
    environment,
    eventually,
    free_port,
    manage,
)

pytestmark = pytest.mark.broker

CHILDREN = (
    "gunicorn",
    "valkey-server",
    "--queues=data,train",
    "--queues=interactive",
    "beat",
)


@pytest.fixture(scope="module")
def nobody():
    """Who may write nothing but the data; None if this process cannot be them."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    look = [*become(nobody), sys.executable, "-c", "import redis; open('manage.py')"]
    done = subprocess.run(look, cwd=ROOT, env=environment(), capture_output=True)
    return None if done.returncode else nobody


def become(somebody):
    """Return the command that runs another command as somebody."""
    ids = (f"--reuid={somebody.pw_uid}", f"--regid={somebody.pw_gid}")
    return ("setpriv", *ids, "--clear-groups")


@pytest.fixture(scope="module")
def portal(tmp_path_factory, nobody):
    folder = tmp_path_factory.mktemp("running")
    portal = Portal(folder / "data", settings={"HOME": "/nonexistent"})
    if nobody:
        portal.prefix = become(nobody)
        portal.data.mkdir()
        os.chown(portal.data, nobody.pw_uid, nobody.pw_gid)
        # pytest closes its own folders to others
        for parent in (folder, *folder.parents[:2]):
            parent.chmod(0o711)
    portal.start()
    yield portal
    portal.stop()


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_start_prints_the_address_and_a_one_time_link(portal):
    assert f"Address   {portal.url}/" in portal.output
    assert portal.sign_in_link().startswith(f"{portal.url}/login/link/")


def test_data_folder_and_secrets_are_for_their_owner_alone(portal):
    assert mode(portal.data) == 0o700
    secrets = list((portal.data / "secrets").iterdir())
    assert {path.name for path in secrets} == {"secret_key", "broker_password"}
    assert {mode(path) for path in secrets} == {0o600}
    assert mode(portal.data / "portal.sqlite3") == 0o600


def test_broker_password_shows_in_no_process_list(portal):
    password = (portal.data / "secrets" / "broker_password").read_text()
    family = psutil.Process(portal.owner.pid).children(recursive=True)
    assert len(family) >= len(CHILDREN)
    assert not [each for each in family if password in " ".join(each.cmdline())]


def test_second_start_on_the_same_data_is_refused_in_one_line(portal):
    done = manage("runportal", data=portal.data, PORT=str(free_port()))
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert f"already runs on {portal.data} (process {portal.owner.pid})" in done.stderr


def test_taken_port_is_said_in_one_line(portal, tmp_path):
    done = manage("runportal", data=tmp_path / "data", PORT=str(portal.port))
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert f"Port {portal.port} is taken" in done.stderr


def test_open_address_without_tls_is_refused_in_one_line(tmp_path):
    done = manage("runportal", data=tmp_path / "data", BIND="0.0.0.0")  # noqa: S104 - refused
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "TLS=on" in done.stderr


def test_link_command_prints_a_fresh_link_under_an_emptied_environment(portal):
    done = subprocess.run(
        ["python3", str(ROOT / "portal.py"), "link"],
        cwd="/",
        env={
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
            "DATA_DIR": str(portal.data),
            "PORT": str(portal.port),
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    link = done.stdout.strip().rpartition("\n")[2]
    assert link.startswith(f"{portal.url}/login/link/")
    assert link != portal.sign_in_link()


def test_link_command_knows_when_there_is_no_such_person(portal):
    done = manage("sign_in_link", "--email", "nobody@example.org", data=portal.data)
    assert done.returncode == 1
    assert "nobody@example.org" in done.stderr


@pytest.mark.parametrize("word", CHILDREN)
def test_killed_process_is_mended_and_leaves_no_orphans(portal, word):
    victim = eventually(lambda: portal.child(word))
    below = victim.children(recursive=True)
    victim.kill()
    eventually(lambda: not psutil.wait_procs([victim, *below], timeout=1)[1])
    eventually(lambda: portal.child(word))
    assert "was killed by SIGKILL; starting it again" in portal.output
    eventually(portal.answers)


def test_it_runs_as_somebody_who_may_write_nothing_but_the_data(portal, nobody):
    if nobody is None:
        pytest.skip("only root can be somebody else, who may read this tree")
    owners = {each.uids().real for each in portal.processes()}
    assert owners == {nobody.pw_uid}


# The last two: they end the portal that every test above has used.


def test_nothing_is_left_after_ctrl_c_and_the_next_start_finds_everything(portal):
    secret = (portal.data / "secrets" / "secret_key").read_text()
    everybody = portal.processes()
    assert portal.stop(signal.SIGINT) == 0
    assert not [each for each in everybody if each.is_running()]
    portal.start()
    assert "Interface collected" not in portal.output
    assert (portal.data / "secrets" / "secret_key").read_text() == secret
    # The owner still has no password, so a link is printed again.
    assert portal.sign_in_link()
    count = "import sys; from core.models import User; sys.stdout.write(str(User.objects.count()))"
    assert manage("shell", "-v0", "-c", count, data=portal.data).stdout == "1"


def test_killed_without_a_word_it_takes_everybody_with_it(portal):
    everybody = portal.processes()
    portal.owner.kill()
    portal.owner.wait()
    eventually(lambda: not psutil.wait_procs(everybody, timeout=1)[1], seconds=30)
    assert not portal.processes()
