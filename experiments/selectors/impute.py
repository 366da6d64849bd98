"""How an experiment fills gaps: what is planned at its data, and what its rules say."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from dataquality.models import DataSet, DataSetVersion, Mitigation
from dataquality.selectors.mitigations import Use, Uses, fills_of, register_uses
from engine.training.impute import Strategy, strategies_for
from engine.training.protocol import Protocol as Rules
from experiments.models import Lifecycle, Protocol


@dataclass(frozen=True)
class Fillable:
    """A column whose gaps are planned to be filled, and by what they can be."""

    plan: Mitigation
    fitting: tuple[Strategy, ...]

    @property
    def column(self) -> str:
        """Its name."""
        return self.plan.column

    @property
    def planned(self) -> Strategy:
        """By what it is planned to be filled."""
        return next(each for each in self.fitting if each == self.plan.strategy)

    @property
    def choices(self) -> list[tuple[str, str]]:
        """What one may choose, beginning with nothing."""
        found = [(each, words_of(each)) for each in self.fitting]
        return [("", _("nothing: the model sees the gap")), *found]


def words_of(strategy: str) -> str:
    """Return a strategy in words."""
    return str(Mitigation.Strategy(strategy).label)


def fillable(version: DataSetVersion, *, target: str) -> list[Fillable]:
    """Return the columns of a version with a plan, but for the target."""
    kinds = {each["name"]: each["kind"] for each in version.columns}
    return [
        Fillable(plan, strategies_for(kinds[column]))
        for column, plan in fills_of(version).items()
        if column != target
    ]


def planned_impute(version: DataSetVersion, rules: Rules) -> dict[str, Strategy]:
    """Return what rules fill unless they say otherwise: what is planned at the data."""
    plans = fillable(version, target=rules.target)
    not_learnt = {*rules.excluded, rules.group_column, rules.time_column}
    return {
        each.column: each.planned
        for each in plans
        if each.column not in not_learnt
        and (rules.features is None or each.column in rules.features)
    }


def filled_words(protocol: Protocol) -> str:
    """Return which gaps the rules fill, and by what."""
    filled = protocol.rules.impute
    if not filled:
        return _("left to each model, for which a gap is a value of its own")
    parts = [f"{column}: {words_of(each)}" for column, each in filled.items()]
    return _("%(parts)s, learnt inside each fold") % {"parts": "; ".join(parts)}


def not_filled_words(protocol: Protocol) -> str:
    """Return what is planned at the data and is not what the rules do; "" if nothing."""
    rules = protocol.rules
    planned = planned_impute(protocol.data_set_version, rules)
    other = {
        column: each
        for column, each in planned.items()
        if rules.impute.get(column) != each
    }
    return "; ".join(f"{column}: {words_of(each)}" for column, each in other.items())


@dataclass(frozen=True)
class Filled:
    """A column as the rules fill it, and the mitigation that planned it, if one did."""

    column: str
    words: str
    mitigation: Mitigation | None


def filled_by(protocol: Protocol) -> list[Filled]:
    """Return the columns whose gaps the rules fill, each with its mitigation."""
    impute = protocol.rules.impute
    if not impute:
        return []
    rows = protocol.data_set_version.data_set.mitigations
    plans = {
        each.column: each
        for each in rows.filter(kind=Mitigation.Kind.IMPUTE).order_by("pk")
    }
    return [
        Filled(column, words_of(strategy), plans.get(column))
        for column, strategy in impute.items()
    ]


def uses_of(data_set: DataSet) -> Uses:
    """Return the experiments that fill a data set's columns, by column and strategy."""
    rows = Protocol.objects.filter(
        data_set_version__data_set=data_set,
        experiment__lifecycle_stage=Lifecycle.ACTIVE,
        content__has_key="impute",
    )
    found: dict[tuple[str, str], dict[Use, None]] = {}
    for row in rows.select_related("experiment__project").order_by("pk"):
        use = Use(row.experiment.name, row.experiment.get_absolute_url())
        for pair in row.rules.impute.items():
            found.setdefault(pair, {})[use] = None
    return {pair: list(uses) for pair, uses in found.items()}


def register_uses_of_plans() -> None:
    """Have the page of a data set link the experiments that do as it plans."""
    register_uses(uses_of)
