"""How each person wants to be told of each kind of event."""

from collections.abc import Iterable

from core.models import NoticeChoice, User
from core.notices.kinds import Way, kind_of, kinds


def choices_of(person: User) -> dict[str, NoticeChoice.Way]:
    """Return how somebody is told of each kind, chosen or not."""
    rows = NoticeChoice.objects.filter(user=person).values_list("kind", "way")
    chosen = dict(rows)
    return {
        kind.key: Way(chosen[kind.key]) if kind.key in chosen else kind.way
        for kind in kinds()
    }


def ways_of(people: Iterable[User], kind: str) -> dict[int, NoticeChoice.Way]:
    """Return how each of these people is told of one kind, by their ids."""
    ids = [person.pk for person in people]
    rows = NoticeChoice.objects.filter(user__in=ids, kind=kind)
    chosen = dict(rows.values_list("user", "way"))
    default = kind_of(kind).way
    return {pk: Way(chosen[pk]) if pk in chosen else default for pk in ids}


def choose(person: User, kind: str, way: str) -> None:
    """Keep how somebody wants to be told of a kind of event."""
    NoticeChoice.objects.update_or_create(
        user=person, kind=kind, defaults={"way": Way(way)}
    )
