"""Reads of experiments and runs for pages."""

from django.utils.translation import gettext as _

from projects.models import Project
from projects.selectors.stations import NOT_STARTED, StationFact


def experiments_station(project: Project) -> StationFact:
    """Return what the loop's strip says of the project's experiments."""
    return StationFact(_("no runs yet"), NOT_STARTED, _("not started"))
