"""Coming in and going out: django-allauth's views under our addresses and policies."""

from datetime import timedelta
from typing import Any

from allauth.account import views as allauth_views
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from core import services
from core.access import PortalRequest, public, signed_in
from core.forms import (
    AskForResetForm,
    FirstForm,
    FirstPasswordForm,
    PasswordForm,
    ResetForm,
    SignInForm,
)
from core.models import SignInLink, User

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
# Said in the session of somebody who came by link: they may choose a password
# without typing the one they may have forgotten.
BY_LINK = "came_by_link"
BY_LINK_FOR = timedelta(minutes=30)

_sign_in = allauth_views.LoginView.as_view(form_class=SignInForm)


def has_owner() -> bool:
    """Return whether somebody can manage this portal."""
    return User.objects.filter(is_portal_admin=True, is_active=True).exists()


@public
def account_login(request: PortalRequest) -> HttpResponseBase:
    """Ask for e-mail and password."""
    if request.method == "GET" and not has_owner():
        return redirect("welcome")
    response: HttpResponseBase = _sign_in(request)
    return response


@public
@require_POST
def account_logout(request: PortalRequest) -> HttpResponseBase:
    """End this session."""
    response: HttpResponseBase = allauth_views.logout(request)
    return response


@public
@never_cache
@require_http_methods(["GET", "POST"])
def account_reset_password(request: PortalRequest) -> HttpResponseBase:
    """Mail a link that sets a new password; without mail, say whom to ask."""
    if not settings.MAIL_CONFIGURED:
        return render(request, "account/no_mail.html")
    view = allauth_views.PasswordResetView.as_view(form_class=AskForResetForm)
    response: HttpResponseBase = view(request)
    return response


account_reset_password_done = public(allauth_views.password_reset_done)
account_reset_password_from_key = public(
    allauth_views.PasswordResetFromKeyView.as_view(form_class=ResetForm)
)
account_reset_password_from_key_done = public(
    allauth_views.password_reset_from_key_done
)
account_change_password = signed_in(
    allauth_views.PasswordChangeView.as_view(form_class=PasswordForm)
)
account_set_password = signed_in(
    allauth_views.PasswordSetView.as_view(form_class=FirstPasswordForm)
)


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_link(request: PortalRequest, secret: str) -> HttpResponse:
    """Show whom a one-time link signs in; the button, not the visit, uses it up."""
    link = SignInLink.find(secret)
    if link is None:
        return render(request, "core/link_expired.html", status=404)
    if request.method != "POST":
        return render(request, "core/sign_in_link.html", {"person": link.user})
    if not services.use_link(link):
        return render(request, "core/link_expired.html", status=404)
    login(request, link.user, backend=BACKEND)
    request.session[BY_LINK] = timezone.now().timestamp()
    return redirect("core:first")


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def first(request: PortalRequest) -> HttpResponse:
    """Ask somebody who came by link for their name, address and a password."""
    person = _person(request)
    if person.has_usable_password() and not _came_by_link(request):
        return redirect("core:me")
    form = FirstForm(request.POST or None, instance=User.objects.get(pk=person.pk))
    if not form.is_valid():
        context = {"form": form, "has_password": person.has_usable_password()}
        return render(request, "core/first.html", context)
    _introduce(request, person, form.cleaned_data)
    messages.success(request, _("Welcome. Your password is set."))
    return redirect("home")


def _came_by_link(request: PortalRequest) -> bool:
    came: float = request.session.get(BY_LINK, 0.0)
    return timezone.now().timestamp() - came < BY_LINK_FOR.total_seconds()


def _introduce(request: PortalRequest, person: User, said: dict[str, Any]) -> None:
    person.name = said["name"]
    person.save(update_fields=["name"])
    if said["email"] != person.email:
        services.change_address(person, said["email"])
    services.set_password(person, said["password1"])
    login(request, person, backend=BACKEND)  # the session of the new password
    request.session.pop(BY_LINK, None)


def _person(request: PortalRequest) -> User:
    person = request.actor.user
    if person is None:
        raise Http404
    return person


@public
@require_safe
def welcome(request: PortalRequest) -> HttpResponse:
    """Say how to let the first owner in; gone once there is one."""
    if has_owner():
        raise Http404
    return render(request, "core/welcome.html", {"address": settings.PUBLIC_URL})
