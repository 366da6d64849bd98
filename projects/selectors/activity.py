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
    "open round": _("opened another round of estimates: %(subject)s"),
    "restore value case": _("took up the model of an earlier value case: %(subject)s"),
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
    "comment": _("commented on %(subject)s"),
    "answer comment": _("answered a comment on %(subject)s"),
    "edit comment": _("changed a comment on %(subject)s"),
    "resolve comment": _("resolved a comment on %(subject)s"),
    "reopen comment": _("took a comment on %(subject)s up again"),
    "load example": _("loaded the worked example"),
}
