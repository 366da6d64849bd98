"""What is planned about missing values, for those who do it or train on it."""

from core.access import Actor
from dataquality.models import DataSet, Mitigation


def collections_of(actor: Actor) -> list[Mitigation]:
    """Return the open tasks of somebody, in projects that are not archived."""
    rows = Mitigation.objects.contributable_by(actor).filter(
        owner=actor.user,
        kind=Mitigation.Kind.COLLECT,
        state=Mitigation.State.OPEN,
        data_set__deleted_at=None,
        data_set__project__archived_at=None,
    )
    return list(rows.select_related("data_set__project"))


def imputations_of(data_set: DataSet) -> list[Mitigation]:
    """Return what is noted to be filled in while training, by column."""
    rows = data_set.mitigations.filter(
        kind=Mitigation.Kind.IMPUTE, state=Mitigation.State.OPEN
    )
    return list(rows.order_by("column", "pk"))
