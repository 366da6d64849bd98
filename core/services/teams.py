"""Teams: named groups of people that may hold a role in projects."""

from django.db import transaction

from core import audit
from core.access import Actor
from core.models import Team, User


@transaction.atomic
def create_team(team: Team, *, actor: Actor) -> Team:
    """Save a new team."""
    team.full_clean()
    team.save()
    audit.record(actor, "create team", subject=team.name)
    return team


@transaction.atomic
def rename_team(team: Team, *, actor: Actor) -> None:
    """Save a team's new name."""
    team.full_clean()
    team.save(update_fields=["name"])
    audit.record(actor, "rename team", subject=team.name)


@transaction.atomic
def delete_team(team: Team, *, actor: Actor) -> None:
    """Delete a team; the roles it held in projects go with it."""
    audit.record(actor, "delete team", subject=team.name)
    team.delete()


@transaction.atomic
def set_member(team: Team, person: User, *, actor: Actor, is_member: bool) -> None:
    """Put a person into a team, or take them out."""
    if is_member:
        team.members.add(person)
    else:
        team.members.remove(person)
    audit.record(
        actor,
        "add to team" if is_member else "remove from team",
        subject=team.name,
        detail={"person": str(person.uuid)},
    )
