"""How the acts on data are told, after the name of who acted, and what calls people."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.models import NoticeChoice
from core.notices import NoticeKind

Way = NoticeChoice.Way

SENTENCES: dict[str, Promise | str] = {
    "create data set": _("added the data set %(subject)s"),
    "upload data": _("uploaded %(subject)s"),
    "pin reference": _("made %(subject)s the reference"),
    "unpin reference": _("took the reference of %(subject)s away"),
    "add data tag": _("tagged %(subject)s"),
    "move data tag": _("moved the tag %(subject)s"),
    "remove data tag": _("took a tag away: %(subject)s"),
    "reconcile data": _("reconciled %(subject)s"),
    "change data card": _("changed the data card of %(subject)s"),
    "set source": _("said where %(subject)s comes from"),
    "remove source": _("removed where %(subject)s came from"),
    "add check": _("added a check of %(subject)s"),
    "change check": _("changed a check of %(subject)s"),
    # Of rules, before they became checks.
    "change rules": _("changed the rules of %(subject)s"),
    "change monitor": _("changed how %(subject)s is watched"),
    "acknowledge alert": _("sees to %(subject)s"),
    "snooze alert": _("put off %(subject)s"),
    "wake alert": _("took up again %(subject)s"),
    "plan mitigation": _("planned what is done about %(subject)s"),
    "finish mitigation": _("finished what was to do about %(subject)s"),
    "reopen mitigation": _("opened again what is to do about %(subject)s"),
    "drop mitigation": _("dropped what was to do about %(subject)s"),
}
NOTICE_KINDS = (
    NoticeKind(
        "alert", _("Data of a project you edit needs a look"), Way.MAIL, topic="data"
    ),
    NoticeKind("retention", _("A version is older than it is to be kept"), Way.MAIL),
    NoticeKind("task", _("You are to collect values, or somebody has"), Way.MAIL),
)
