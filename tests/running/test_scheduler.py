"""The scheduler's process ends when it is told to, at any instant."""

import signal
import subprocess
import sys

BUSY = """
import signal, time
from mlops_portal.running import scheduler
scheduler.GRACE_SECONDS = 1
signal.signal(signal.SIGTERM, scheduler.end)
"""
# What is raised inside a finalizer, Python reports and drops.
IN_A_FINALIZER = """
class Dying:
    def __del__(self):
        signal.raise_signal(signal.SIGTERM)
Dying()
time.sleep(30)
"""
IN_A_LOOP = """
try:
    signal.raise_signal(signal.SIGTERM)
finally:
    print("saved", flush=True)
"""


def ended(how):
    return subprocess.run(
        [sys.executable, "-c", BUSY + how], capture_output=True, text=True, timeout=60
    )


def test_signal_met_in_the_loop_lets_the_schedule_be_saved():
    done = ended(IN_A_LOOP)
    assert (done.returncode, done.stdout) == (0, "saved\n")


def test_signal_that_a_finalizer_swallows_ends_the_process_all_the_same():
    assert ended(IN_A_FINALIZER).returncode == -signal.SIGALRM
