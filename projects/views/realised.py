"""What came true, and how well it had been estimated."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.access import PortalRequest, signed_in
from core.pages import decimal_sign
from projects import services
from projects.forms.realised import CorrectionForm, RealisedForm
from projects.models import Project, RealisedValue
from projects.selectors import realised as selectors
from projects.selectors.calibration import own_calibration, team_calibration
from projects.selectors.value import may_contribute
from projects.selectors.words import Wording
from projects.services.realised import CorrectedAlready


@signed_in
@require_http_methods(["GET", "POST"])
def realised(request: PortalRequest, slug: str) -> HttpResponse:
    """Show what came true against what was signed; take what came true since."""
    right = "contributable_by" if request.method == "POST" else "visible_to"
    rows = getattr(Project.objects, right)(request.actor)
    project = get_object_or_404(rows, slug=slug)
    form = RealisedForm(
        request.POST or None,
        project=project,
        today=selectors.today(),
        decimal=decimal_sign(request),
    )
    if (
        request.method == "POST"
        and form.is_valid()
        and _entered(request, project, form)
    ):
        messages.success(request, _("Kept."))
        return redirect(project.url("projects:realised"))
    context = {
        "project": project,
        "station": "value",
        "page": selectors.realised_page(project),
        "team": team_calibration(project),
        "own": own_calibration(request.actor),
        "form": form,
        "may_contribute": may_contribute(project, request.actor),
    }
    status = 422 if form.is_bound else 200
    return render(request, "projects/realised.html", context, status=status)


def _entered(request: PortalRequest, project: Project, form: RealisedForm) -> bool:
    """Save what was typed; what the model refuses is said beside its field."""
    start, end = form.period
    quantity = form.quantity
    row = RealisedValue(
        project=project,
        quantity=quantity,
        starts_on=start,
        ends_on=end,
        **form.said(quantity),
    )
    try:
        services.enter_realised(row, actor=request.actor)
    except ValidationError as error:
        _refuse(form, error)
        return False
    return True


def _refuse(form: CorrectionForm, error: ValidationError) -> None:
    """Say what the model refuses beside the box it is about."""
    for name, said in error.message_dict.items():
        place = {"starts_on": "quarter", "ends_on": "quarter"}.get(name, name)
        form.add_error(place if place in form.fields else None, said)


@signed_in
@require_http_methods(["GET", "POST"])
def realised_correct(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Enter what stands instead of a value; the old one is kept."""
    row = get_object_or_404(
        RealisedValue.objects.contributable_by(request.actor).select_related(
            "project", "quantity"
        ),
        project__slug=slug,
        pk=pk,
        superseded_by=None,
    )
    form = CorrectionForm(
        request.POST or None, initial=_typed(row), decimal=decimal_sign(request)
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.correct_realised(
                row, actor=request.actor, said=form.said(row.quantity)
            )
        except ValidationError as error:
            _refuse(form, error)
        except CorrectedAlready as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Corrected. The earlier value is kept."))
            return redirect(row.project.url("projects:realised"))
    context = {
        "project": row.project,
        "station": "value",
        "row": row,
        "form": form,
        "period": selectors.period_words(row.starts_on, row.ends_on),
        "what": Wording(row.quantity, row.project.currency).label
        if row.quantity
        else _("net money"),
    }
    status = 422 if form.is_bound else 200
    return render(request, "projects/realised_correct.html", context, status=status)


def _typed(row: RealisedValue) -> dict[str, object]:
    """Return the value as a person would type it."""
    scale = row.quantity.scale if row.quantity else 1.0
    numbers = {
        name: f"{kept / scale:.12g}"
        for name in ("value", "low", "high")
        if (kept := getattr(row, name)) is not None
    }
    return {**numbers, "method": row.method, "note": row.note}
