"""Measure the profile of the example as a job, end to end, against its bound.

From the submission of the job to its verdict, each time as a new data set: claim,
child, reading, profile, the example's checks, and the rows recorded. Run as
`python -m benchmarks.profile`.
"""

import os
import secrets
import statistics
import sys
import tempfile
import time

from benchmarks._figures import verdict

BOUND_SECONDS = 3.0
TIMES = 7
FILES = (("billing", "billing.csv"), ("customers", "customers_2.csv"))


def main() -> int:
    """Print the seconds of each job and return 1 if their median is above the bound."""
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        os.environ["DATA_DIR"] = folder
        os.environ.setdefault("SECRET_KEY", secrets.token_hex())
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mlops_portal.settings")
        import django

        django.setup()
        seconds = _measure()
    first, *others = seconds
    median = statistics.median(others)
    print(f"first, with the start of the fork server: {first:.2f} s")
    print(f"then: {', '.join(f'{each:.2f}' for each in others)} s")
    name = "profile of the example as a job, median"
    return int(not verdict(name, median, BOUND_SECONDS, "s"))


def _measure() -> list[float]:
    """Return the seconds of each profile of the example's second version."""
    from django.core.management import call_command

    from core.access import Actor
    from core.jobs import messages
    from core.models import User
    from projects.models import Project
    from projects.services import create_project

    call_command("migrate", interactive=False, verbosity=0)
    # No worker listens: the job is claimed and run in this process.
    messages.doorbell.ring = lambda job_id, queue: True  # type: ignore[method-assign]
    owner = Actor(user=User.objects.create_user("bench@example.org"))
    seconds = []
    for number in range(TIMES + 1):
        project = Project(name=f"Bench {number}", problem="p", decision_supported="d")
        create_project(project, actor=owner, seed=1)
        seconds.append(_profile(project, owner))
    return seconds


def _profile(project: object, owner: object) -> float:
    """Return the seconds from the submission of the last job to its verdict."""
    from pathlib import Path

    from core import objects
    from core.jobs.testing import run_now
    from dataquality import services, tasks
    from engine.checks.documents import read_document

    folder = Path(__file__).resolve().parent.parent / "examples" / "churn"
    declared = read_document((folder / "checks.yaml").read_text()).checks
    spent = 0.0
    for name, file_name in FILES:
        data_set = services.create_data_set(project, actor=owner, name=name)
        if name == "customers":
            services.take_in(data_set, declared, actor=owner, origin="declared")
        version = services.deliver(
            data_set,
            actor=owner,
            incoming=objects.receive_file(folder / file_name),
            file_name=file_name,
        ).version
        start = time.perf_counter()
        job = run_now(tasks.start_reading(version, actor=owner))
        spent = time.perf_counter() - start
        if not job.succeeded:
            raise SystemExit(f"{file_name}: {job.error}")
    return spent


if __name__ == "__main__":
    sys.exit(main())
