"""Files that came in part: whoever sent them goes on, or lets go of them."""

from dataclasses import dataclass

from core.access import Actor
from dataquality.models import DataSet, Upload


@dataclass(frozen=True)
class Unfinished:
    """A file of which some parts have come."""

    upload: Upload
    per_cent: int  # of its parts, rounded down


def unfinished_of(data_set: DataSet, actor: Actor) -> tuple[Unfinished, ...]:
    """Return what somebody began to send to a data set, the newest first."""
    if actor.user is None:
        return ()
    rows = data_set.uploads.filter(created_by=actor.user, finished_at=None)
    return tuple(
        Unfinished(each, 100 * len(each.parts.all()) // each.n_parts)
        for each in rows.order_by("-touched_at").prefetch_related("parts")
    )
