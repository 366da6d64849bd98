"""What other currencies are worth, for an admin."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.access import PortalRequest, admin_only
from core.pages import decimal_sign
from projects.forms.portfolio import RateForm
from projects.models import CurrencyRate
from projects.selectors.portfolio.rates import rates_on
from projects.services.portfolio import delete_rate, save_rate


@admin_only
@require_http_methods(["GET", "POST"])
def rates(request: PortalRequest) -> HttpResponse:
    """List the rates; a POST types one."""
    form = RateForm(request.POST or None, decimal=decimal_sign(request))
    if request.method == "POST" and form.is_valid():
        save_rate(form.save(commit=False), actor=request.actor)
        messages.success(request, _("Kept."))
        return redirect("projects:rates")
    now = rates_on(timezone.localdate())
    context = {
        "form": form,
        "rates": CurrencyRate.objects.select_related("typed_by"),
        "now": {row.pk for row in now.by_currency.values()},
        "reporting": now.reporting,
    }
    status = 422 if form.is_bound else 200
    return render(request, "projects/portfolio_rates.html", context, status=status)


@admin_only
@require_POST
def rate_delete(request: PortalRequest, pk: int) -> HttpResponse:
    """Take a rate away."""
    delete_rate(get_object_or_404(CurrencyRate, pk=pk), actor=request.actor)
    return redirect("projects:rates")
