"""What acts and events are about: the filter of the feed, and what a webhook hears."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Topic:
    """A group of acts that people follow together."""

    key: str
    title: Promise | str


OTHER = Topic("project", _("the project itself"))
_topics: dict[str, Topic] = {}
_of_action: dict[str, str] = {}


def register(topic: Topic, actions: Iterable[str]) -> None:
    """Say that these acts are about this topic; calls for one topic add up."""
    _topics[topic.key] = topic
    _of_action.update(dict.fromkeys(actions, topic.key))


def sort_out(actions: Iterable[str], *, by: Callable[[str], Topic | None]) -> None:
    """Register each act under the topic that `by` finds for it, if any."""
    for action in actions:
        if topic := by(action):
            register(topic, [action])


def topics() -> tuple[Topic, ...]:
    """Return every topic, the project itself last."""
    return (*_topics.values(), OTHER)


def topic_of(action: str) -> str:
    """Return the key of the topic an act is about."""
    return _of_action.get(action, OTHER.key)


def actions_of(key: str) -> set[str]:
    """Return the acts of a topic; for the project itself, those of no other."""
    return {action for action, topic in _of_action.items() if topic == key}


def sorted_actions() -> set[str]:
    """Return all acts that are about a topic of their own."""
    return set(_of_action)
