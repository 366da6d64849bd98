"""One person's estimate form, by link and signed in alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render

from core.access import PortalRequest
from core.pages import decimal_sign
from engine.errors import EngineError
from engine.numbers import money
from engine.value.distributions import Distribution
from engine.value.simulate import ValueEstimate
from projects import services
from projects.forms.bet import bet_on
from projects.forms.estimate import EstimateForm
from projects.forms.triples import sentence, triples
from projects.models import Project, Quantity, Stakeholder, ValueCase
from projects.selectors.comparison import QuantitySideBySide, side_by_side
from projects.selectors.own import own_estimate
from projects.selectors.picture import picture
from projects.selectors.value import belief_of, current_case, estimates_of
from projects.services import RangeGiven


@dataclass(frozen=True)
class Sheet:
    """A person's form, and the value case it fills."""

    project: Project
    stakeholder: Stakeholder
    case: ValueCase
    form: EstimateForm
    is_sent: bool

    @property
    def quantities(self) -> list[Quantity]:
        """What may be answered."""
        return self.form.quantities

    def keep(self, request: PortalRequest, *, send: bool) -> bool:
        """Keep what can be used; return whether it was, with problems on the form."""
        # What was sent counts; it changes when it is sent again, not while typed.
        if (send and not self.form.is_valid()) or (self.is_sent and not send):
            return False
        try:
            services.save_estimates(
                self.project,
                self.stakeholder,
                self.form.ranges,
                actor=request.actor,
                submit=send,
            )
        except ValidationError as error:
            self.form.add_error(None, error)
            return False
        return True


def sheet_of(
    request: PortalRequest, stakeholder: Stakeholder, *, sending: bool = False
) -> Sheet:
    """Return the person's form, with what was kept or with what was just typed."""
    project = stakeholder.project
    quantities = list(project.quantities.all())
    kept = estimates_of(stakeholder)
    form = EstimateForm(
        quantities,
        request.POST if request.method == "POST" else None,
        decimal=decimal_sign(request),
        kept=kept,
        sending=sending,
    )
    form.is_valid()
    is_sent = any(
        row.submitted_at and row.round == project.estimate_round
        for row in kept.values()
    )
    return Sheet(project, stakeholder, current_case(project), form, is_sent)


def drawn(sheet: Sheet) -> dict[str, Any]:
    """Return what the questions and their picture need."""
    result = _estimate(sheet)
    worth = _worth(result, sheet.project.currency)
    questions = triples(sheet.form, worth, _said_before(sheet.project))
    refined = [each.name for each in sheet.quantities if each.is_refinement]
    by_worth = [*worth, *(name for name in refined if name not in worth)]
    return {
        "project": sheet.project,
        "stakeholder": sheet.stakeholder,
        "form": sheet.form,
        "asked": [each for name, each in questions.items() if name not in refined],
        "refined": [questions[name] for name in by_worth if name in refined],
        "bet": None if sheet.is_sent else bet_on(sheet.form, by_worth),
        "round": sheet.project.estimate_round,
        "why_again": _why_again(sheet.project),
        "sentence": sentence(sheet.case.sentence, questions),
        "picture": result
        and picture(
            sheet.project,
            result,
            sheet.quantities,
            said=_answered(sheet.form.last_valid),
        ),
        "is_stale": bool(sheet.form.errors),
        "is_sent": sheet.is_sent,
        "unsent": [each for each in questions.values() if each.problem]
        if sheet.form.sending
        else [],
        "decimal": sheet.form.decimal or "",
    }


def redrawn(request: PortalRequest, sheet: Sheet) -> HttpResponse:
    """Return the picture of what is typed, with each echo and problem beside it."""
    return render(request, "projects/_redrawn.html", drawn(sheet))


def _estimate(sheet: Sheet) -> ValueEstimate | None:
    try:
        return own_estimate(
            sheet.project, sheet.case, _beliefs(sheet), sheet.quantities
        )
    except EngineError:
        return None  # the case itself is broken; its own page says why


def _beliefs(sheet: Sheet) -> dict[str, Distribution]:
    given = sheet.form.last_valid
    quantities = {each.name: each for each in sheet.quantities}
    return {
        name: belief_of(quantities[name], each.low, each.likely, each.high)
        for name, each in given.items()
        if not each.is_unknown
    }


def _answered(given: Mapping[str, RangeGiven]) -> set[str]:
    return {name for name, each in given.items() if not each.is_unknown}


def _said_before(project: Project) -> dict[str, QuantitySideBySide]:
    """Return what everybody said in the round before, by quantity name."""
    upto = project.estimate_round - 1
    rows = side_by_side(project, upto=upto) if upto else []
    return {each.quantity.name: each for each in rows}


def _why_again(project: Project) -> str:
    last = project.estimate_rounds.last() if project.estimate_round > 1 else None
    return last.reason if last else ""


def _worth(result: ValueEstimate | None, currency: str) -> dict[str, str]:
    """Return what knowing each quantity is worth, the greatest first."""
    if result is None:
        return {}
    return {sway.name: money(sway.evppi, currency) for sway in result.sways}
