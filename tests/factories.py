"""People, projects and answers for tests, made the way the portal makes them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from core.access import Actor
from core.models import ApiToken, Team, User
from projects import services
from projects.models import (
    Decision,
    Gate,
    GateKey,
    Invitation,
    Membership,
    MetricAlignment,
    Project,
    Requirement,
    Role,
    Stakeholder,
)
from projects.services import RangeGiven

SEED = 20260101
_numbers = count(1)


def a_user(name: str = "Ana Ferreira", **fields: Any) -> User:
    """Return a person with an address of their own; they sign in by force_login."""
    email = fields.pop("email", f"person{next(_numbers)}@example.org")
    return User.objects.create_user(email, name=name, **fields)


def a_team(name: str = "Data office", members: Iterable[User] = ()) -> Team:
    """Return a team of these people."""
    team = Team.objects.create(name=name)
    team.members.set(members)
    return team


def a_token(user: User, scope: str = "write", project: Project | None = None) -> str:
    """Return the key of a new API token of this person."""
    _token, key = ApiToken.issue(
        user, name="test", scope=scope, project_id=project.pk if project else None
    )
    return key


def a_project(owner: User | None = None, **fields: Any) -> Project:
    """Return a project with its owner, quantities, metrics and value case."""
    row = Project(
        **{
            "name": "Keep leaving customers",
            "problem": "Customers leave and we notice when they are gone.",
            "decision_supported": "Whom to call this week",
            **fields,
        }
    )
    return services.create_project(row, actor=Actor(user=owner or a_user()), seed=SEED)


def a_member(project: Project, role: str = Role.VIEWER, **fields: Any) -> User:
    """Return a new person who holds `role` in the project."""
    user = a_user(**{"name": f"{role.title()} Person", **fields})
    Membership.objects.create(project=project, user=user, role=role)
    return user


def a_stakeholder(
    project: Project, name: str = "Ruth Adler", **fields: Any
) -> Stakeholder:
    """Return somebody with a say in the project."""
    return Stakeholder.objects.create(
        **{
            "project": project,
            "name": name,
            "group": Stakeholder.Group.BUSINESS,
            "email": f"{name.split()[0].lower()}@example.org",
            **fields,
        }
    )


def an_invitation(
    stakeholder: Stakeholder,
    *,
    by: User | None = None,
    deadline: datetime | None = None,
    asks: Invitation.Asks = Invitation.Asks.ESTIMATE,
) -> tuple[Invitation, str]:
    """Return an open invitation and the secret of its link."""
    return services.invite(
        stakeholder,
        actor=Actor(user=by or stakeholder.project.created_by),
        asks=asks,
        deadline=deadline or timezone.now() + timedelta(days=7),
    )


def ranges_of(project: Project, factor: float = 1.0) -> dict[str, RangeGiven]:
    """Return the template's ranges of what is asked, times `factor`."""
    return {
        each.name: RangeGiven(
            low=each.default_low * factor,
            likely=each.default_likely * factor,
            high=each.default_high * factor,
        )
        for each in project.quantities.filter(is_refinement=False)
    }


def an_answer(stakeholder: Stakeholder, factor: float = 1.0) -> None:
    """Have somebody send the template's ranges, times `factor`."""
    project = stakeholder.project
    services.save_estimates(
        project,
        stakeholder,
        ranges_of(project, factor),
        actor=Actor(user=project.created_by),
        submit=True,
    )


def typed(project: Project, **changes: str) -> dict[str, str]:
    """Return the estimate form as a person types it, with some boxes changed."""
    shown = {
        f"{each.name}_{part}": f"{getattr(each, f'default_{part}') / each.scale:.12g}"
        for each in project.quantities.filter(is_refinement=False)
        for part in ("low", "likely", "high")
    }
    return {**shown, **changes}


def gates_off(project: Project) -> Project:
    """Return the project with no gate in use, for tests of what gates guard."""
    Gate.objects.bulk_create(
        Gate(project=project, key=key, is_on=False) for key in GateKey
    )
    return project


def ready_to_decide(project: Project) -> dict[str, Stakeholder]:
    """Make every check of the design gate met; return who signs, by capacity."""
    actor = Actor(user=project.created_by)
    people = {
        capacity: a_stakeholder(
            project,
            f"{capacity.title()} Person",
            capacity=capacity,
            user=a_member(project, Role.CONTRIBUTOR, name=f"{capacity.title()} Person"),
        )
        for capacity in ("sponsor", "finance", "data")
    }
    an_answer(people["sponsor"])
    services.save_requirement(
        Requirement(project=project, kind=Requirement.Kind.COMPLIANCE),
        actor=actor,
        said={"title": "no age is used", "test": "attested"},
    )
    for person in people.values():
        MetricAlignment.objects.create(
            stakeholder=person,
            metric=project.metrics.get(key="net_value"),
            weight=MetricAlignment.Weight.PRIMARY,
            agreed=MetricAlignment.Agreed.YES,
        )
    services.set_gate(
        project,
        GateKey.DESIGN,
        actor=actor,
        is_on=True,
        capacities=["sponsor", "finance"],
        bounds={
            "least_chance": 0.0,
            "most_years": 100,
            "not_needed": ["frequency", "accuracy", "transparency", "deployment"],
        },
    )
    project.refresh_from_db()
    return people


def a_proposal(project: Project, gate: str = "design", **fields: Any) -> Decision:
    """Return a proposed go that nobody has signed."""
    row = Decision(
        **{
            "project": project,
            "gate": gate,
            "question": "Go?",
            "verdict": "go",
            "rationale": "It pays.",
            **fields,
        }
    )
    return services.propose_decision(row, actor=Actor(user=project.created_by))


def sign(
    decision: Decision, person: Stakeholder, word: str = "approve", comment: str = ""
) -> None:
    """Have somebody with an account sign."""
    services.sign_decision(
        decision, actor=Actor(user=person.user), word=word, comment=comment
    )
