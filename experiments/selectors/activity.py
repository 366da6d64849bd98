"""How the acts on experiments and runs are told, after the name of who acted."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, Promise | str] = {
    "create experiment": _("began the experiment %(subject)s"),
    "freeze protocol": _("froze the rules of %(subject)s"),
    "start sweep": _("started the models of %(subject)s"),
    "conclude experiment": _("concluded %(subject)s"),
    "archive experiment": _("archived the experiment %(subject)s"),
    "restore experiment": _("took the experiment %(subject)s up again"),
    "archive runs": _("archived %(subject)s"),
    "restore runs": _("took %(subject)s up again"),
}
