"""How long the portfolio's pages take with two hundred projects, from click to HTML.

`python -m benchmarks.portfolio_page` makes two hundred estimated projects in a database
of its own and asks each page five times, in process, for the median: at most 2 s for the
optimiser with its what-ifs and the frequencies over 100 futures, 500 ms for the others.
"""

import os
import random
import statistics
import sys
import tempfile

from benchmarks._figures import milliseconds, verdict

PROJECTS, TIMES = 200, 5
BAR_MS, CHOICE_BAR_MS = 500.0, 2_000.0
PAGES = ("/portfolio/", "/portfolio/bubbles/", "/portfolio/board/", "/projects/alike/")
CHOICE = "/portfolio/optimiser/?budget=4000000&people=80"


def make_projects() -> object:
    """Return the owner of two hundred projects of different size."""
    from core.access import Actor
    from core.models import User
    from projects import services
    from projects.models import Project, Stakeholder

    rng = random.Random(20260101)  # noqa: S311 - sizes of made-up projects
    owner = User.objects.create_user("bench@example.org", name="Bench")
    actor = Actor(user=owner)
    for number in range(PROJECTS):
        project = services.create_project(
            Project(
                name=f"Project {number}",
                problem=f"What goes wrong in place {number}",
                decision_supported=f"What to do about it in place {number}",
                people_needed=rng.choice((0.5, 1, 2, 3, 4)),
                budget_needed=rng.randrange(10_000, 300_000, 1_000),
            ),
            actor=actor,
            seed=number,
        )
        person = Stakeholder.objects.create(
            project=project, name="Ruth Adler", group=Stakeholder.Group.BUSINESS
        )
        size = rng.lognormvariate(0.2, 0.5)
        given = {
            each.name: services.RangeGiven(
                *(
                    (size if each.scale == 1 else 1) * value
                    for value in (
                        each.default_low,
                        each.default_likely,
                        each.default_high,
                    )
                )
            )
            for each in project.quantities.filter(is_refinement=False)
        }
        services.save_estimates(project, person, given, actor=actor, submit=True)
    return owner


def main() -> int:
    """Print each figure and its bound; return whether one was broken."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client

    call_command("migrate", verbosity=0)
    client = Client(SERVER_NAME="localhost")
    client.force_login(make_projects())

    def median(path: str) -> float:
        return statistics.median(milliseconds(lambda: client.get(path), TIMES))

    held = [verdict(path, median(path), BAR_MS, "ms") for path in PAGES]
    held.append(verdict("the best choice", median(CHOICE), CHOICE_BAR_MS, "ms"))
    return 0 if all(held) else 1


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DATA_DIR": folder,
            "SECRET_KEY": "only-for-this-measurement",
            "DJANGO_SETTINGS_MODULE": "mlops_portal.settings",
            "DEBUG": "on",
        }
        sys.exit(main())
