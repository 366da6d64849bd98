"""Who is meant by `@name` in a comment."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from core.models import User
from projects.models import Project
from projects.selectors.comments import members_of

# Not inside an address or a word: ana@example.org mentions nobody.
_AT = re.compile(r"(?<![\w@.+-])@(?=\w)")
_WORD = re.compile(r"[\w'’.+@-]*\w")
_PHRASE = re.compile(r"[^\s@]+(?:@[^\s@]+)?(?:[ ]\w[^\s@]*){0,3}")


@dataclass(frozen=True)
class Mention:
    """Somebody's name in a text, from the sign @ to its end."""

    start: int
    end: int
    person: User


def mentions_in(text: str, people: Sequence[User]) -> list[Mention]:
    """Return where these people are mentioned, by whole name, address or first name.

    Raises
    ------
    ValidationError
        If a first name is that of several of them.
    """
    found = []
    for sign in _AT.finditer(text):
        match = _whole_name(text, sign.end(), people) or _first_name(
            text, sign.end(), people
        )
        if match:
            end, person = match
            found.append(Mention(sign.start(), end, person))
    return found


def _whole_name(text: str, at: int, people: Sequence[User]) -> tuple[int, User] | None:
    ends = [
        (found.end(), person)
        for person in people
        for name in (person.display_name, person.email)
        if (found := re.compile(re.escape(name) + r"(?!\w)", re.I).match(text, at))
    ]
    return max(ends, key=lambda each: each[0], default=None)


def _first_name(text: str, at: int, people: Sequence[User]) -> tuple[int, User] | None:
    word = _WORD.match(text, at)
    if word is None:
        return None
    said = word[0].casefold()
    called = [
        each
        for each in people
        if each.display_name.split() and each.display_name.split()[0].casefold() == said
    ]
    if len(called) > 1:
        names = " / ".join(f"@{each.display_name}" for each in called)
        raise ValidationError(
            _("Several people here are called %(name)s. Write one of %(names)s.")
            % {"name": word[0], "names": names}
        )
    return (word.end(), called[0]) if called else None


def mentioned_people(project: Project, text: str) -> list[User]:
    """Return the members a text mentions, each once.

    Raises
    ------
    ValidationError
        If it mentions somebody who cannot see the project, or a first name that
        several members have.
    """
    people = members_of(project) if "@" in text else []
    found = mentions_in(text, people)
    _refuse_outsiders(text, {each.start for each in found})
    return list(dict.fromkeys(each.person for each in found))


def _refuse_outsiders(text: str, known: set[int]) -> None:
    names = {
        name.casefold()
        for sign in _AT.finditer(text)
        if sign.start() not in known
        for name in _phrases(text, sign.end())
    }
    if not names:
        return
    outsiders = (
        User.objects.filter(is_active=True)
        .annotate(name_lower=Lower("name"), email_lower=Lower("email"))
        .filter(Q(name_lower__in=names) | Q(email_lower__in=names))
    )
    if outsider := outsiders.first():
        raise ValidationError(
            _(
                "%(name)s cannot see this project. Ask an owner to add them, or "
                "leave out the @."
            )
            % {"name": outsider.display_name}
        )


def _phrases(text: str, at: int) -> Iterator[str]:
    """Yield the one to four words that follow, as they may be a name."""
    phrase = _PHRASE.match(text, at)
    words = phrase[0].split(" ") if phrase else []
    for count in range(1, len(words) + 1):
        yield " ".join(words[:count]).rstrip(".,;:!?)…")
