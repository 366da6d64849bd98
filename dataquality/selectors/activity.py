"""How the acts on data are told, after the name of who acted."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, Promise | str] = {
    "create data set": _("added the data set %(subject)s"),
    "upload data": _("uploaded %(subject)s"),
    "add check": _("added a check of %(subject)s"),
    "change check": _("changed a check of %(subject)s"),
    # Of rules, before they became checks.
    "change rules": _("changed the rules of %(subject)s"),
}
