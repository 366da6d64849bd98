"""What is planned about missing values, for those who do it or train on it."""

from core.access import Actor
from dataquality.models import DataSet, DataSetVersion, Mitigation
from engine.training.impute import strategies_for


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


def fills_of(version: DataSetVersion) -> dict[str, Mitigation]:
    """Return by what the gaps of a version are to be filled in, by column.

    The newest plan of a column holds; one that its values do not allow is left out,
    as where a number has become text since.
    """
    kinds = {each["name"]: each["kind"] for each in version.columns}
    return {
        each.column: each
        for each in imputations_of(version.data_set)
        if each.column in kinds and each.strategy in strategies_for(kinds[each.column])
    }
