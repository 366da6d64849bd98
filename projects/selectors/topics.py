"""What the acts of the design phase are about, and what people are told of."""

from django.utils.translation import gettext_lazy as _

from core.models import NoticeChoice
from core.notices import NoticeKind
from core.topics import Topic

COMMENTS = Topic("comments", _("comments"))
DECISIONS = Topic("decisions", _("decisions and gates"))
REQUIREMENTS = Topic("requirements", _("requirements and evidence"))
METRICS = Topic("metrics", _("metrics"))
PEOPLE = Topic("people", _("people and rights"))
VALUE = Topic("value", _("value"))

TOPICS = (VALUE, REQUIREMENTS, METRICS, DECISIONS, COMMENTS, PEOPLE)

# The first topic one of whose words an act's name contains.
_WORDS = (
    (COMMENTS, ("comment",)),
    (DECISIONS, ("decision", "gate", "sign", "nominate", "override", "launch")),
    (REQUIREMENTS, ("requirement", "attest", "compliance")),
    (METRICS, ("metric", "alignment")),
    (PEOPLE, ("invit", "stakeholder", "role", "answer", "decline")),
    (
        VALUE,
        (
            "estimate",
            "quantity",
            "range",
            "value",
            "round",
            "realised",
            "correlation",
            "proxy",
            "analys",
        ),
    ),
)


def topic_by_words(action: str) -> Topic | None:
    """Return the topic an act's name tells; None if it is about the project itself."""
    found = (topic for topic, words in _WORDS if any(word in action for word in words))
    return next(found, None)


Way = NoticeChoice.Way
NOTICE_KINDS = (
    NoticeKind("mention", _("Somebody mentions you"), Way.MAIL),
    NoticeKind("comment", _("Somebody answers where you commented")),
    NoticeKind("decision", _("A decision waits for your signature"), Way.MAIL),
    NoticeKind("metric", _("A metric you agreed to means something else")),
    NoticeKind("answer", _("Somebody you asked has answered, or declined")),
    NoticeKind(
        "must",
        _("A must of a project you edit fails or went stale"),
        topic=REQUIREMENTS.key,
    ),
)
