"""How the acts on data are told, after the name of who acted."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, Promise | str] = {
    "create data set": _("added the data set %(subject)s"),
    "upload data": _("uploaded %(subject)s"),
    "set source": _("said where %(subject)s comes from"),
    "remove source": _("removed where %(subject)s came from"),
    "change rules": _("changed the rules of %(subject)s"),
}
