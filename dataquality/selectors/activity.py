"""How the acts on data are told, after the name of who acted."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

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
    "change rules": _("changed the rules of %(subject)s"),
}
