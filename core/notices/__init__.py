"""Telling people what they should know or do: in their inbox, and by mail if they wish."""

from core.notices.choices import choices_of, choose
from core.notices.kinds import NoticeKind, kind_of, kinds, register
from core.notices.telling import mark_read, notify, unread_of

__all__ = [
    "NoticeKind",
    "choices_of",
    "choose",
    "kind_of",
    "kinds",
    "mark_read",
    "notify",
    "register",
    "unread_of",
]
