"""What a data set's card says, and what its newest profile found beside it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dataquality.models import DataSet, Profile
from dataquality.selectors.columns import Fact
from dataquality.selectors.pages import newest_ready


@dataclass(frozen=True)
class DataCard:
    """The lines of a data card, and whether somebody wrote any."""

    facts: tuple[Fact, ...]
    is_empty: bool
    contradiction: str  # of what is said and what was found


def card_facts(data_set: DataSet) -> DataCard:
    """Return what the card says; lines that nobody filled in are left out."""
    said = data_set.get_personal_data_display()
    found = personal_found(data_set)
    lines = (
        (_("Who answers for it"), data_set.owner),
        (_("What it may be used for"), data_set.purpose),
        (_("Licence or terms"), data_set.licence),
        (_("Personal data"), f"{said}; {found}" if found else str(said)),
        (_("Kept for"), _kept_for(data_set.retention_days)),
        (_("Notes"), data_set.notes),
    )
    written = (data_set.owner, data_set.purpose, data_set.licence, data_set.notes)
    is_unsaid = data_set.personal_data == DataSet.PersonalData.UNKNOWN
    return DataCard(
        facts=tuple(Fact(name, value) for name, value in lines if value),
        is_empty=not any(written) and not data_set.retention_days and is_unsaid,
        contradiction=_contradiction(data_set),
    )


def _kept_for(days: int | None) -> str:
    if not days:
        return ""
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}


def personal_found(data_set: DataSet) -> str:
    """Return what the newest profile found of personal data, in words."""
    columns = _columns(data_set)
    if columns is None:
        return ""
    if not columns:
        return _("the newest profile found no column that looks personal")
    words = ngettext(
        "the newest profile found %(n)s column that looks personal: %(names)s",
        "the newest profile found %(n)s columns that look personal: %(names)s",
        len(columns),
    )
    names = ", ".join(columns[:5]) + ("…" if len(columns) > 5 else "")
    return words % {"n": len(columns), "names": names}


def _contradiction(data_set: DataSet) -> str:
    if data_set.personal_data == DataSet.PersonalData.NO and _columns(data_set):
        return _("The card says no personal data; the newest profile found some.")
    return ""


def _columns(data_set: DataSet) -> list[str] | None:
    """Return the columns that look personal; None if nobody looked."""
    newest = newest_ready(data_set)
    if newest is None:
        return None
    profile = Profile.objects.filter(version=newest).values_list(
        "content__personal", flat=True
    )
    found = profile.first()
    return None if found is None else [each["column"] for each in found]
