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
from engine.value.distributions import Distribution, pert_from_quantiles
from engine.value.simulate import ValueEstimate
from projects import services
from projects.forms.estimate import EstimateForm
from projects.forms.triples import sentence, triples
from projects.models import Project, Quantity, Stakeholder, ValueCase
from projects.selectors.own import own_estimate
from projects.selectors.picture import picture
from projects.selectors.value import current_case, estimates_of
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
    is_sent = any(row.submitted_at for row in kept.values())
    return Sheet(project, stakeholder, current_case(project), form, is_sent)


def drawn(sheet: Sheet) -> dict[str, Any]:
    """Return what the questions and their picture need."""
    result = _estimate(sheet)
    worth = _worth(result, sheet.project.currency)
    questions = triples(sheet.form, worth)
    refined = {each.name for each in sheet.quantities if each.is_refinement}
    return {
        "project": sheet.project,
        "stakeholder": sheet.stakeholder,
        "form": sheet.form,
        "asked": [each for name, each in questions.items() if name not in refined],
        "refined": [each for name, each in questions.items() if name in refined],
        "sentence": sentence(sheet.case.sentence, questions),
        "picture": result
        and picture(
            sheet.project,
            result,
            sheet.quantities,
            said=_beliefs(sheet.form.last_valid),
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
            sheet.project, sheet.case, _beliefs(sheet.form.last_valid), sheet.quantities
        )
    except EngineError:
        return None  # the case itself is broken; its own page says why


def _beliefs(given: Mapping[str, RangeGiven]) -> dict[str, Distribution]:
    return {
        name: pert_from_quantiles(each.low, each.likely, each.high)
        for name, each in given.items()
        if not each.is_unknown
    }


def _worth(result: ValueEstimate | None, currency: str) -> dict[str, str]:
    if result is None:
        return {}
    return {sway.name: money(sway.evppi, currency) for sway in result.sways}
