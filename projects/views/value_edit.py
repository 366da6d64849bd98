"""The model behind the value: formulas, time, quantities."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.access import PortalRequest, signed_in
from core.middleware import own_transaction
from core.pages import decimal_sign
from core.words import in_words
from engine.errors import EngineError
from engine.value.simulate import estimate
from engine.value.units import UnitProblem
from projects import services
from projects.forms.quantity import QuantityForm
from projects.forms.value import CaseSheet
from projects.models import Project, Quantity, ValueCase
from projects.selectors.measured import measurable
from projects.selectors.own import DRAWS
from projects.selectors.picture import Picture, picture
from projects.selectors.units import UnitsDoNotAdd, unit_problems
from projects.selectors.value import case_result, current_case, engine_case
from projects.selectors.words import wordings


def _editable(request: PortalRequest, slug: str) -> Project:
    return get_object_or_404(Project.objects.editable_by(request.actor), slug=slug)


@signed_in
def value_edit(request: PortalRequest, slug: str) -> HttpResponse:
    """Change formulas, costs and time; what cannot be computed is said beside it."""
    project = _editable(request, slug)
    case = current_case(project)
    sheet = CaseSheet(case, request.POST or None, decimal=decimal_sign(request))
    if request.method == "POST" and sheet.is_valid():
        try:
            _save(request, project, sheet)
        except UnitsDoNotAdd as error:
            sheet.say_units(error.problems)
        except EngineError as problem:
            sheet.form.add_error(None, in_words(problem))
        else:
            messages.success(request, _("Kept, and computed again."))
            return redirect(project.url("projects:value"))
    return _page(request, project, case, sheet)


def _save(request: PortalRequest, project: Project, sheet: CaseSheet) -> None:
    with transaction.atomic():  # a case that fails leaves the horizon as it was
        project.horizon_years = sheet.form.cleaned_data["horizon_years"]
        project.save(update_fields=["horizon_years", "changed_at"])
        services.edit_case(project, actor=request.actor, changes=sheet.changes())


def _page(
    request: PortalRequest, project: Project, case: ValueCase, sheet: CaseSheet
) -> HttpResponse:
    quantities = list(project.quantities.all())
    context = {
        "project": project,
        "station": "value",
        "sheet": sheet,
        "form": sheet.form,
        "drivers": sheet.drivers,
        "pairs": sheet.pairs,
        "wordings": wordings(quantities, project.currency).values(),
        "measurable": measurable(project, case),
        "picture": picture(project, case_result(case), quantities),
    }
    status = 422 if sheet.is_bound else 200
    return render(request, "projects/value_edit.html", context, status=status)


@signed_in
@require_POST
@own_transaction
def value_edit_preview(request: PortalRequest, slug: str) -> HttpResponse:
    """Redraw the picture of the formulas as typed; nothing is written."""
    project = _editable(request, slug)
    case = current_case(project)
    sheet = CaseSheet(case, request.POST, decimal=decimal_sign(request))
    problems: list[str] = []
    shown = picture(project, case_result(case), list(project.quantities.all()))
    if sheet.is_valid():
        try:
            shown, units = _picture_of(project, case, sheet)
        except EngineError as problem:
            problems = [in_words(problem)]
        else:
            problems = [in_words(each.message) for each in units]
    else:
        problems = sheet.problems()
    context = {"project": project, "picture": shown, "problems": problems}
    return render(request, "projects/_case_redrawn.html", context)


def _picture_of(
    project: Project, case: ValueCase, sheet: CaseSheet
) -> tuple[Picture, list[UnitProblem]]:
    for name, value in sheet.changes().items():
        setattr(case, name, value)
    project.horizon_years = sheet.form.cleaned_data["horizon_years"]
    engine = engine_case(project, case)
    result = estimate(engine, draws=DRAWS, seed=case.seed)
    shown = picture(project, result, list(project.quantities.all()))
    return shown, unit_problems(project, engine)


@signed_in
def quantity_add(request: PortalRequest, slug: str) -> HttpResponse:
    """Add a number that formulas may use."""
    project = _editable(request, slug)
    last = project.quantities.last()
    position = last.position + 1 if last else 0
    return _edit_quantity(request, Quantity(project=project, position=position))


@signed_in
def quantity_edit(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Change a quantity's question, unit or default range."""
    return _edit_quantity(request, _quantity(request, slug, pk))


def _quantity(request: PortalRequest, slug: str, pk: int) -> Quantity:
    return get_object_or_404(
        Quantity.objects.editable_by(request.actor).select_related("project"),
        project__slug=slug,
        pk=pk,
    )


def _edit_quantity(request: PortalRequest, row: Quantity) -> HttpResponse:
    form = QuantityForm(
        request.POST or None,
        instance=row,
        project=row.project,
        decimal=decimal_sign(request),
    )
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                services.save_quantity(form.instance, actor=request.actor)
        except UnitsDoNotAdd as problem:
            form.add_error("formula_unit", in_words(problem))
        else:
            return redirect(row.project.url("projects:value_edit") + "#quantities")
    context = {"project": row.project, "station": "value", "form": form, "row": row}
    status = 422 if form.is_bound else 200
    return render(request, "projects/quantity.html", context, status=status)


@signed_in
@require_POST
def value_restore(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Make an earlier version's model current again, as a new version."""
    old = get_object_or_404(
        ValueCase.objects.editable_by(request.actor).select_related("project"),
        project__slug=slug,
        pk=pk,
    )
    try:
        with transaction.atomic():
            case = services.restore_case(old, actor=request.actor)
    except EngineError as problem:
        said = _("Version %(n)s cannot be computed any more: %(problem)s")
        messages.error(request, said % {"n": old.version, "problem": in_words(problem)})
    else:
        said = _("The model of version %(n)s is current again, as version %(new)s.")
        messages.success(request, said % {"n": old.version, "new": case.version})
    return redirect(old.project.url("projects:value") + "#computed")


@signed_in
@require_POST
def quantity_remove(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Take a quantity away that no formula uses, with people's ranges for it."""
    row = _quantity(request, slug, pk)
    try:
        services.remove_quantity(row, actor=request.actor)
    except EngineError as problem:
        messages.error(
            request,
            _("It is still used: %(problem)s") % {"problem": in_words(problem)},
        )
    return redirect(row.project.url("projects:value_edit") + "#quantities")
