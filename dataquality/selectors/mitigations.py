"""What is planned about missing values, for those who do it or train on it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from core.access import Actor
from dataquality.models import DataSet, DataSetVersion, Mitigation
from engine.training.impute import strategies_for


@dataclass(frozen=True)
class Use:
    """What does as a mitigation says, by its name and address."""

    name: str
    url: str


Uses = Mapping[tuple[str, str], Sequence[Use]]  # by column and strategy
_finders: list[Callable[[DataSet], Uses]] = []


def register_uses(find: Callable[[DataSet], Uses]) -> None:
    """Have an app above say what fills the gaps of a data set's columns."""
    _finders.append(find)


def mark_uses(data_set: DataSet, rows: Sequence[Mitigation]) -> None:
    """Tell each step what does it; nothing is asked where nothing is planned."""
    steps = [row for row in rows if not row.is_task]
    for uses in [find(data_set) for find in _finders] if steps else ():
        for row in steps:
            row.uses = [*row.uses, *uses.get((row.column, row.strategy), ())]


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
