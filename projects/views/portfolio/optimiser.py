"""Choosing among projects under budget, people and rules."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from charts.portfolio import Step, frontier_chart, frontier_text
from core.access import PortalRequest, signed_in
from core.middleware import own_transaction
from core.pages import decimal_sign
from engine.value.portfolio import Infeasible
from projects.forms.portfolio import LimitsForm, ScenarioForm
from projects.models import Scenario
from projects.selectors.portfolio.asked_rules import query_of, rules_of
from projects.selectors.portfolio.choice import (
    Problem,
    choose,
    frontier_of,
    problem_of,
)
from projects.selectors.portfolio.choice_page import ChoicePage
from projects.selectors.portfolio.optimism import measured_optimism
from projects.selectors.portfolio.scenarios import comparison, deleted_scenarios
from projects.services import portfolio as services
from projects.views.portfolio.pages import frame


def _problem(request: PortalRequest, params: QueryDict) -> tuple[LimitsForm, Problem]:
    """Return the limits as typed and what they, with the rules, let one choose from."""
    form = LimitsForm(params, decimal=decimal_sign(request))
    form.is_valid()
    typed = form.cleaned_data
    rules = rules_of(params, budget=typed.get("budget"), people=typed.get("people"))
    measured = measured_optimism(request.actor) if typed.get("shrink") else None
    problem = problem_of(
        request.actor, rules, today=timezone.localdate(), optimism=measured
    )
    return form, problem


def _page(problem: Problem) -> ChoicePage:
    try:
        choice = choose(problem)
    except Infeasible as conflict:
        return ChoicePage(problem, None, conflict.rules, problem.rules)
    return ChoicePage(problem, choice, (), problem.rules)


@signed_in
@require_safe
def portfolio_optimiser(request: PortalRequest) -> HttpResponse:
    """Show which projects to do under the rules of the address."""
    form, problem = _problem(request, request.GET)
    return _optimiser(request, form, _page(problem))


def _optimiser(
    request: PortalRequest,
    form: LimitsForm,
    page: ChoicePage,
    scenario_form: ScenarioForm | None = None,
) -> HttpResponse:
    context = {
        **frame(request, "portfolio_optimiser"),
        "form": form,
        "page": page,
        "optimism": measured_optimism(request.actor),
        "scenario_form": scenario_form or ScenarioForm(),
        "scenarios": Scenario.objects.visible_to(request.actor).count(),
        "frontier_url": reverse("projects:portfolio_frontier")
        + query_of(page.problem.rules, is_shrunk=page.is_shrunk),
    }
    status = 422 if scenario_form else 200
    return render(request, "projects/portfolio_optimiser.html", context, status=status)


@signed_in
@require_safe
def portfolio_frontier(request: PortalRequest) -> HttpResponse:
    """Show what each budget can bring."""
    _form, problem = _problem(request, request.GET)
    steps = [
        Step(each.budget, each.selection.value, len(each.selection.chosen))
        for each in frontier_of(problem)
    ]
    currency = problem.rates.reporting
    context = {
        "steps": steps,
        "currency": currency,
        "figure": frontier_chart(steps, currency=currency) if steps else None,
        "text": frontier_text(steps, currency=currency) if steps else "",
        "back": reverse("projects:portfolio_optimiser")
        + query_of(problem.rules, is_shrunk=problem.shrink is not None),
    }
    page = "projects/_portfolio_frontier.html"
    whole = "projects/portfolio_frontier.html"
    return render(request, page if request.htmx else whole, context)


@signed_in
@require_safe
def scenarios(request: PortalRequest) -> HttpResponse:
    """Compare the saved scenarios."""
    context = {
        **frame(request, "portfolio_optimiser"),
        "comparison": comparison(
            request.actor,
            today=timezone.localdate(),
            optimism=measured_optimism(request.actor),
        ),
        "deleted": deleted_scenarios(request.actor),
    }
    return render(request, "projects/portfolio_scenarios.html", context)


@signed_in
@require_POST
@own_transaction
def scenario_save(request: PortalRequest) -> HttpResponse:
    """Keep the rules of the form under a name, with what they come to."""
    limits, problem = _problem(request, request.POST)
    page = _page(problem)  # before the transaction: nobody waits for it
    form = ScenarioForm(request.POST)
    if page.choice is None:
        form.add_error(
            None, _("These rules contradict each other; drop one before you save them.")
        )
    if not form.is_valid() or page.choice is None:
        return _optimiser(request, limits, page, form)
    with transaction.atomic():
        services.save_scenario(
            form.save(commit=False), problem, page.choice, actor=request.actor
        )
    messages.success(request, _("Kept."))
    return redirect("projects:scenarios")


@signed_in
@require_POST
def scenario_delete(request: PortalRequest, pk: int) -> HttpResponse:
    """Put a scenario in the trash."""
    row = get_object_or_404(Scenario.objects.editable_by(request.actor), pk=pk)
    services.delete_scenario(row, actor=request.actor)
    undo = reverse("projects:scenario_restore", args=[row.pk])
    messages.success(
        request,
        _("“%(name)s” is in the trash for 30 days.") % {"name": row.name},
        extra_tags=f"undo:{undo}",
    )
    return redirect("projects:scenarios")


@signed_in
@require_POST
def scenario_restore(request: PortalRequest, pk: int) -> HttpResponse:
    """Take a scenario out of the trash."""
    row = get_object_or_404(deleted_scenarios(request.actor), pk=pk)
    services.restore_scenario(row)
    return redirect("projects:scenarios")
