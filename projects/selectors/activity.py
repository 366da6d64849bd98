"""How the acts of the design phase are told, after the name of who acted."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, Promise | str] = {
    "create project": _("began the project"),
    "archive project": _("archived the project"),
    "unarchive project": _("took the project up again"),
    "set role": _("changed the role of %(subject)s"),
    "nominate": _("nominated %(subject)s"),
    "invite": _("asked for an estimate: %(subject)s"),
    "renew invitation": _("asked again: %(subject)s"),
    "revoke invitation": _("closed the link: %(subject)s"),
    "answer": _("answered: %(subject)s"),
    "decline": _("declined: %(subject)s"),
    "estimate": _("kept the estimate of %(subject)s"),
    "settle range": _("settled a range for %(subject)s"),
    "reveal estimates": _("revealed everybody’s estimates"),
    "remove quantity": _("removed the quantity %(subject)s"),
    "write quantity": _("changed the quantity %(subject)s"),
    "write stakeholder": _("changed who has a say: %(subject)s"),
    "remove stakeholder": _("took %(subject)s off the people with a say"),
    "edit value case": _("changed the value case: %(subject)s"),
    "write requirement": _("required: %(subject)s"),
    "attest": _("attested: %(subject)s"),
    "say of a metric": _("said of a metric: %(subject)s"),
    "propose decision": _("proposed a decision: %(subject)s"),
    "sign decision": _("signed: %(subject)s"),
    "invent signature": _("put an invented signature under: %(subject)s"),
    "load example": _("loaded the worked example"),
}
