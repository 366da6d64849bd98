"""Everything the page of a project's value shows."""

from dataclasses import dataclass

from core.access import Actor
from projects.models import EstimateRound, Project, Quantity, Reconciliation, ValueCase
from projects.selectors.comparison import QuantitySideBySide, side_by_side
from projects.selectors.counted import FromData, from_data
from projects.selectors.drivers import DriverRow, beyond_money, driver_rows
from projects.selectors.people import Followed, followed
from projects.selectors.picture import (
    Outcomes,
    Picture,
    outcomes,
    picture,
)
from projects.selectors.value import (
    case_result,
    current_case,
    is_revealed,
    may_contribute,
    may_edit,
    may_own,
    revealed_round,
    why_not_counted,
)


@dataclass(frozen=True)
class Rights:
    """What the reader may do here."""

    may_contribute: bool
    may_edit: bool
    may_own: bool


@dataclass(frozen=True)
class ValuePage:
    """The answer, what it rests on, and who said what."""

    case: ValueCase
    not_counted: str  # why the case does not follow what people say now
    from_data: tuple[FromData, ...]  # what the data says of guesses
    picture: Picture
    outcomes: Outcomes | None
    sources: tuple[DriverRow, ...]
    beyond: tuple[DriverRow, ...]  # what is not in money
    people: tuple[Followed, ...]
    is_revealed: bool  # of this round
    rounds: tuple[EstimateRound, ...]  # the second and later ones
    side_by_side: tuple[QuantitySideBySide, ...]  # empty until a round is revealed
    versions: tuple[ValueCase, ...]
    rights: Rights

    @property
    def round(self) -> EstimateRound | None:
        """The round that is open, with why; None in the first."""
        return self.rounds[-1] if self.rounds else None

    @property
    def asked(self) -> int:
        """How many people were asked in this round."""
        return sum(bool(each.invitation) for each in self.people)

    @property
    def answered_again(self) -> int:
        """How many of those who were asked in this round have answered it."""
        return sum(bool(each.invitation) and each.is_answered for each in self.people)

    @property
    def answered(self) -> int:
        """How many people's numbers count."""
        return sum(each.is_answered for each in self.people)

    @property
    def is_blind(self) -> bool:
        """Whether there are answers of the first round that nobody may see yet."""
        return bool(self.answered) and not self.is_revealed and not self.rounds

    @property
    def disagreement(self) -> QuantitySideBySide | None:
        """Where people differ most, when several answered."""
        rows = [
            each for each in self.side_by_side if each.is_disputed and not each.reason
        ]
        return rows[0] if rows else None


def rights_of(project: Project, actor: Actor) -> Rights:
    """Return what somebody may do in a project they see."""
    return Rights(
        may_contribute=may_contribute(project, actor),
        may_edit=may_edit(project, actor),
        may_own=may_own(project, actor),
    )


def value_page(project: Project, actor: Actor) -> ValuePage:
    """Return the page's content; people's numbers only once they may be shown."""
    case = current_case(project)
    engine = case.to_engine()
    quantities = list(project.quantities.all())
    return ValuePage(
        case=case,
        not_counted=why_not_counted(project, case),
        from_data=_not_taken(from_data(project, case, quantities)),
        picture=picture(project, case_result(case), quantities),
        outcomes=outcomes(engine, project.currency),
        sources=tuple(driver_rows(case, engine, project.currency)),
        beyond=tuple(beyond_money(case, engine)),
        people=tuple(followed(project)),
        is_revealed=is_revealed(project),
        rounds=tuple(project.estimate_rounds.select_related("opened_by")),
        side_by_side=tuple(side_by_side(project, upto=revealed_round(project))),
        versions=tuple(
            ValueCase.objects.filter(project=project).select_related("created_by")
        ),
        rights=rights_of(project, actor),
    )


def _not_taken(found: list[FromData]) -> tuple[FromData, ...]:
    """Return what the data says and the project does not go on with already."""
    if not found:
        return ()
    rows = Reconciliation.objects.filter(quantity__in=[x.quantity for x in found])
    taken = {row.quantity_id: (row.low, row.high) for row in rows}
    return tuple(x for x in found if taken.get(x.quantity.pk) != (x.low, x.high))


def one_side_by_side(quantity: Quantity) -> QuantitySideBySide | None:
    """Return what people said of one quantity."""
    project = quantity.project
    rows = side_by_side(project, upto=revealed_round(project))
    return next((each for each in rows if each.quantity == quantity), None)
