"""What a data set is promised to be, written in a form or as JSON."""

import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from core import audit
from core.access import PortalRequest, signed_in
from dataquality import tasks
from dataquality.forms import RulesForm, RulesJsonForm
from dataquality.models import DataSet
from dataquality.selectors import pages
from dataquality.views.reach import data_set_of


@signed_in
def rules_edit(request: PortalRequest, slug: str, name: str) -> HttpResponse:
    """Write the common rules in words."""
    row = data_set_of(request, slug, name, right="editable_by")
    newest = pages.newest_ready(row)
    columns = [each["name"] for each in newest.columns] if newest else []
    form = RulesForm(request.POST or None, data_set=row, columns=columns)
    if (
        request.method == "POST"
        and form.is_valid()
        and _keep(request, row, form, form.rules())
    ):
        return redirect(newest or row)
    context = {"form": form, "columns": columns, "as_json": False}
    return _answer(request, row, context, form)


@signed_in
def rules_json(request: PortalRequest, slug: str, name: str) -> HttpResponse:
    """Write every rule as JSON."""
    row = data_set_of(request, slug, name, right="editable_by")
    text = json.dumps(row.rules, indent=2, ensure_ascii=False)
    form = RulesJsonForm(request.POST or None, initial={"rules": text})
    if (
        request.method == "POST"
        and form.is_valid()
        and _keep(request, row, form, form.cleaned_data["rules"])
    ):
        return redirect(pages.newest_ready(row) or row)
    return _answer(request, row, {"form": form, "as_json": True}, form)


def _keep(
    request: PortalRequest, row: DataSet, form: Form, rules: dict[str, Any]
) -> bool:
    """Save the rules and assess the newest version by them; False if refused."""
    before, row.rules = row.rules, rules
    try:
        row.full_clean()
    except ValidationError as error:
        row.rules = before
        place = "rules" if "rules" in form.fields else None
        form.add_error(place, error.messages)
        return False
    row.save(update_fields=["rules"])
    audit.record(
        request.actor, "change rules", project_id=row.project_id, subject=row.name
    )
    if newest := pages.newest_ready(row):
        tasks.start_assessing(newest, actor=request.actor)
        messages.success(request, _("Kept. The newest version is being assessed."))
    return True


def _answer(
    request: PortalRequest, row: DataSet, context: dict[str, Any], form: Form
) -> HttpResponse:
    context |= {"project": row.project, "station": "data", "data_set": row}
    status = 422 if form.is_bound else 200
    return render(request, "dataquality/rules_form.html", context, status=status)
