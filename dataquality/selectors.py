"""Reads of data sets for pages."""

from django.utils.translation import gettext as _

from projects.models import Project
from projects.selectors.stations import NOT_STARTED, StationFact


def data_station(project: Project) -> StationFact:
    """Return what the loop's strip says of the project's data."""
    return StationFact(_("no data yet"), NOT_STARTED, _("not started"))
