"""Which versions of data experiments still need."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from dataquality.models import DataSetVersion
from dataquality.selectors.retention import Holders, register_holders
from experiments.models import Protocol


def experiments_of(versions: Sequence[DataSetVersion]) -> Holders:
    """Return by version the experiments that train on it."""
    found: Holders = {}
    rows = Protocol.objects.filter(data_set_version__in=versions).order_by("experiment")
    pairs = rows.values_list("data_set_version", "experiment__name").distinct()
    for version_id, name in pairs:
        words = _("experiment “%(name)s”") % {"name": name}
        found.setdefault(version_id, []).append(words)
    return found


def register_experiments() -> None:
    """Have the data room know what experiments need."""
    register_holders(experiments_of)
