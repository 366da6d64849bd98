"""Columns that look personal: in words for the report, and as evidence."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dataquality.models import Profile
from engine.numbers import per_hundred, plain
from engine.profile import PersonalColumn
from projects.selectors.compliance import PERSONAL_COLUMN, PERSONAL_COLUMNS
from projects.services import Measurement

MOST = 100
SLICE_CHARS = 120
TITLES = {
    "email": gettext_lazy("e-mail address"),
    "iban": gettext_lazy("bank account (IBAN)"),
    "card": gettext_lazy("payment card"),
    "ip": gettext_lazy("IP address"),
    "phone": gettext_lazy("telephone number"),
    "name": gettext_lazy("name of a person"),
    "address": gettext_lazy("street address"),
    "national_id": gettext_lazy("number of an official document"),
    "person_id": gettext_lazy("number that names a person"),
    "birth_date": gettext_lazy("date of birth"),
    "gender": gettext_lazy("gender"),
    "age": gettext_lazy("age"),
    "origin": gettext_lazy("origin"),
    "belief": gettext_lazy("religion or opinion"),
    "health": gettext_lazy("health"),
    "family": gettext_lazy("family"),
}


@dataclass(frozen=True)
class PersonalShown:
    """One column that looks personal, in words."""

    column: str
    title: str
    is_perhaps: bool  # only its name suggests it
    matched: str
    examples: tuple[str, ...]


def personal_shown(found: tuple[PersonalColumn, ...]) -> tuple[PersonalShown, ...]:
    """Return what looks personal as the report shows it."""
    return tuple(
        PersonalShown(
            column=each.column,
            title=str(TITLES[each.kind]),
            is_perhaps=not each.by_values,
            matched=_matched(each),
            examples=each.examples,
        )
        for each in found
    )


def _matched(found: PersonalColumn) -> str:
    if found.share is None:
        return _("by its name alone")
    words = {"share": per_hundred(found.share), "n": plain(found.tested)}
    if found.exact:
        return _("%(share)s of 100 match, of all %(n)s different values") % words
    return _("%(share)s of 100 match, of a sample of %(n)s different values") % words


def personal_measurements(profile: Profile) -> list[Measurement]:
    """Return how many columns look personal, and each; nothing if nobody looked."""
    found = profile.table().personal if profile.content else None
    if found is None:
        return []
    shown = personal_shown(found)
    columns = len(profile.content["columns"])
    return [
        Measurement(PERSONAL_COLUMNS, float(len(found)), n=columns, unit="columns"),
        *(
            Measurement(
                PERSONAL_COLUMN,
                each.share,
                n=each.tested,
                unit="share",
                slice=each.column[:SLICE_CHARS],
                note=f"{said.title}, {said.matched}",
            )
            for each, said in zip(found[:MOST], shown, strict=False)
        ),
    ]
