"""How the acts of experiments are told, after the name of who acted."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, Promise | str] = {
    "create experiment": _("began the experiment %(subject)s"),
    "freeze protocol": _("fixed how runs are judged in %(subject)s"),
    "start sweep": _("had runs trained in %(subject)s"),
    "conclude experiment": _("wrote what came out of %(subject)s"),
    "share report": _("showed the report of %(subject)s by link"),
    "stop sharing report": _("closed a link to the report of %(subject)s"),
    "archive experiment": _("archived the experiment %(subject)s"),
    "restore experiment": _("took the experiment %(subject)s up again"),
    "promote": _("made champion: %(subject)s"),
    "archive runs": _("archived %(subject)s"),
    "restore runs": _("took %(subject)s out of the archive"),
}
