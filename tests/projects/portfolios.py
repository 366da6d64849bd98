"""Projects with figures one can add up by hand."""

from datetime import date

from django.utils import timezone

from core.access import Actor
from engine.value.portfolio import Infeasible, Rules
from projects.models import Decision, Project, Signature, ValueCase
from projects.selectors.portfolio.choice import choose, problem_of
from projects.selectors.portfolio.choice_page import ChoicePage
from tests.factories import a_project, a_stakeholder, a_token, an_answer

TODAY = date(2026, 11, 23)
LIMITS = {"budget": 400.0, "people": 9.0}
# VALUE.md, vector 8: value, cost, people; a budget of 400 and 9 people.
VECTOR = {
    "A": (300, 160, 3),
    "B": (200, 90, 2),
    "C": (140, 60, 1),
    "D": (390, 220, 4),
    "E": (95, 45, 1),
    "F": (240, 120, 3),
    "G": (160, 75, 2),
    "H": (175, 80, 2),
}


def a_worth(owner, name="Stop card fraud", *, gain=100.0, spread=0.0, **fields):
    """Return a project that brings `gain` a year, 5–95 % within `spread` of it.

    Further fields are the project's own, such as `budget_needed`.
    """
    project = a_project(owner, **{"name": name, "problem": f"About {name}.", **fields})
    an_answer(a_stakeholder(project))
    set_gain(project, gain, spread=spread)
    return project


def set_gain(project: Project, gain: float, *, spread: float = 0.0) -> None:
    """Have a project bring `gain` a year."""
    case = ValueCase.objects.get(project=project)
    annual = {
        "mean": gain,
        "p5": gain - spread,
        "p50": gain,
        "p95": gain + spread,
        "p_positive": 1.0,
    }
    dots = [gain + spread * (2 * at - 19) / 18 for at in range(20)]
    result = {"annual": annual, "dots": dots, "evpi": 0.0, "p_pays_back": 0.75}
    case.result = {**case.result, **result}
    case.save(update_fields=["result"])


def the_vector(owner) -> dict[str, Project]:
    """Return the eight projects of vector 8 by their letters."""
    return {
        letter: a_worth(
            owner,
            letter,
            slug=letter.lower(),
            gain=value,
            budget_needed=cost,
            people_needed=people,
        )
        for letter, (value, cost, people) in VECTOR.items()
    }


def sign(project: Project, gate: str, *capacities: str, word="approve", verdict="go"):
    """Have a decision at a gate signed in these capacities."""
    decision = Decision.objects.create(
        project=project,
        gate=gate,
        question=f"Past the {gate} gate?",
        verdict=verdict,
        rationale="It is worth it.",
        frozen_at=timezone.now(),
    )
    for capacity in capacities:
        Signature.objects.create(
            decision=decision,
            name="Ruth Adler",
            capacity=capacity,
            word=word,
            comment="" if word == "approve" else "No.",
            digest="0" * 64,
        )
    return decision


def page_of(owner, **rules):
    problem = problem_of(Actor(user=owner), Rules(**rules), today=TODAY)
    try:
        return ChoicePage(problem, choose(problem), (), problem.rules)
    except Infeasible as conflict:
        return ChoicePage(problem, None, conflict.rules, problem.rules)


def ask(client, user, path, data=None, scope="write"):
    headers = {"authorization": f"Bearer {a_token(user, scope)}"}
    if data is None:
        return client.get(path, headers=headers)
    return client.post(path, data, content_type="application/json", headers=headers)


def body(response):
    return response.content.decode()
