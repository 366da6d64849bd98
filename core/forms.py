"""What people type on their own pages and on those of an admin."""

from datetime import timedelta
from typing import Any

from allauth.account.forms import (
    ChangePasswordForm,
    LoginForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
    SetPasswordForm,
)
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core import notices
from core.models import ApiToken, NoticeChoice, Team, User
from core.models.people import PLACEHOLDER_DOMAIN, time_zones

GOOD_PASSWORD = _("At least 12 characters, and none that many people use.")


def _relabel(form: forms.Form, labels: dict[str, Any]) -> None:
    """Give fields of another package our words, and no text inside their boxes."""
    for name, field in form.fields.items():
        field.widget.attrs.pop("placeholder", None)
        field.label = labels.get(name, field.label)
        if name == "password1":
            field.help_text = GOOD_PASSWORD
        elif isinstance(field.widget, forms.PasswordInput):
            field.help_text = ""


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth is untyped
    """E-mail and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _relabel(self, {"login": _("E-mail"), "password": _("Password")})


class AskForResetForm(ResetPasswordForm):  # type: ignore[misc]  # allauth is untyped
    """The address a reset link is mailed to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _relabel(self, {"email": _("E-mail")})


NEW_PASSWORD = {
    "oldpassword": _("Current password"),
    "password1": _("New password"),
    "password2": _("New password, again"),
}


class ResetForm(ResetPasswordKeyForm):  # type: ignore[misc]  # allauth is untyped
    """A new password, by a mailed link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _relabel(self, NEW_PASSWORD)


class PasswordForm(ChangePasswordForm):  # type: ignore[misc]  # allauth is untyped
    """A new password, by the current one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _relabel(self, NEW_PASSWORD)


class FirstPasswordForm(SetPasswordForm):  # type: ignore[misc]  # allauth is untyped
    """A password of somebody who has none."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _relabel(self, NEW_PASSWORD)


def _zone_choices() -> list[tuple[str, str]]:
    names = sorted(time_zones())
    places = [
        name for name in names if "/" in name and not name.startswith(("Etc/", "posix"))
    ]
    return [(name, name.replace("_", " ")) for name in ["UTC", *places]]


class FirstForm(forms.ModelForm[User]):
    """Who somebody is that came by link, and the password they choose."""

    password1 = forms.CharField(
        label=_("Password"),
        help_text=GOOD_PASSWORD,
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label=_("Password, again"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    class Meta:
        model = User
        fields = ("name", "email")
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
        }
        labels = {"name": _("Your name"), "email": _("E-mail")}
        help_texts = {"email": _("You sign in with it.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
        if self.instance.has_placeholder_address:
            self.initial["email"] = ""
            self.initial["name"] = ""

    def clean_email(self) -> str:
        """Refuse the address that only stands in for one."""
        email: str = self.cleaned_data["email"].lower()
        if email.endswith(f"@{PLACEHOLDER_DOMAIN}"):
            raise ValidationError(
                _("This address only stands in for one; write your own.")
            )
        return email

    def clean(self) -> dict[str, Any]:
        """Hold the two passwords against each other, and the first against the rules."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        first, again = values.get("password1"), values.get("password2")
        if first and again and first != again:
            self.add_error("password2", _("The two passwords differ."))
        elif first:
            person = User(email=values.get("email", ""), name=values.get("name", ""))
            try:
                validate_password(first, person)
            except ValidationError as error:
                self.add_error("password1", error)
        return values


class NoticeForm(forms.Form):
    """How somebody wants to be told of each kind of event."""

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        self.chosen = notices.choices_of(person)
        for kind in notices.kinds():
            self.fields[kind.key] = forms.ChoiceField(
                label=str(kind.title),
                choices=NoticeChoice.Way.choices,
                initial=self.chosen[kind.key],
                required=False,
                widget=forms.Select(attrs={"class": "select"}),
            )

    def save(self) -> None:
        """Keep what differs from how it was; a kind that was not sent stays."""
        for key, way in self.cleaned_data.items():
            if way and way != self.chosen[key]:
                notices.choose(self.person, key, way)


class ProfileForm(forms.ModelForm[User]):
    """Name, address and how numbers, times and the page look."""

    zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=_zone_choices,
        help_text=_("Times on every page are shown in it."),
    )
    password = forms.CharField(
        label=_("Current password"),
        help_text=_("Only to change the e-mail: it is what you sign in with."),
        required=False,
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    class Meta:
        model = User
        fields = ("name", "email", "password", "zone", "number_format", "theme")
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
        }
        labels = {
            "name": _("Name"),
            "email": _("E-mail"),
            "number_format": _("Numbers"),
            "theme": _("Look"),
        }

    field_order = ("name", "email", "password", "zone", "number_format", "theme")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What the form is about is the row as it was, not as it is being typed.
        self.before = User.objects.get(pk=self.instance.pk)
        # The stored hash must never reach the page.
        self.initial.pop("password", None)
        if not self.before.has_usable_password():
            del self.fields["password"]

    @property
    def changes_address(self) -> bool:
        """Whether another e-mail was typed."""
        return bool(self.cleaned_data["email"].lower() != self.before.email)

    def clean(self) -> dict[str, Any]:
        """Ask for the current password before the address changes."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if "password" in self.fields and "email" in values and self.changes_address:
            typed = values.get("password", "")
            if not typed or not self.before.check_password(typed):
                self.add_error(
                    "password", _("Type your current password to change the e-mail.")
                )
        # Else the model form would write what was typed into the column of the hash.
        self.instance.password = self.before.password
        return values

    def _post_clean(self) -> None:
        typed = self.cleaned_data.pop("password", None)
        super()._post_clean()  # type: ignore[misc]  # not in the stubs
        self.cleaned_data["password"] = typed


ALL = "all"


def _project_id(chosen: str) -> int | None:
    return None if chosen == ALL else int(chosen)


class TokenForm(forms.Form):
    """What a new token is for, what it may do, and until when."""

    LIFETIMES = (
        (30, _("30 days")),
        (90, _("90 days")),
        (365, _("a year")),
    )

    name = forms.CharField(
        label=_("What is it for?"),
        max_length=80,
        help_text=_("Such as “notebook on my laptop”."),
    )
    scope = forms.ChoiceField(
        label=_("What may it do?"),
        choices=ApiToken.Scope.choices,
        initial=ApiToken.Scope.WRITE,
        help_text=_("Never more than you may yourself."),
    )
    project = forms.TypedChoiceField(label=_("Where?"), coerce=_project_id)
    days = forms.TypedChoiceField(
        label=_("For how long?"), choices=LIFETIMES, coerce=int, initial=90
    )

    def __init__(self, *args: Any, projects: dict[int, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["project"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [(ALL, _("in all my projects")), *projects.items()]

    @property
    def lifetime(self) -> timedelta:
        """How long the token is to live."""
        return timedelta(days=self.cleaned_data["days"])


class InviteForm(forms.ModelForm[User]):
    """Somebody who shall have an account."""

    class Meta:
        model = User
        fields = ("name", "email", "is_portal_admin")
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "off"}),
            "email": forms.EmailInput(attrs={"autocomplete": "off"}),
        }
        labels = {
            "name": _("Name"),
            "email": _("E-mail"),
            "is_portal_admin": _("may manage people and jobs"),
        }


class TeamForm(forms.ModelForm[Team]):
    """A team's name."""

    class Meta:
        model = Team
        fields = ("name",)
        labels = {"name": _("Name of the team")}


class MemberForm(forms.Form):
    """Somebody to put into a team."""

    person: "forms.ModelChoiceField[User]" = forms.ModelChoiceField(
        label=_("Person"), queryset=User.objects.none(), empty_label=_("Choose")
    )

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["person"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - declared above
        field.queryset = User.objects.filter(is_active=True).exclude(teams=team)
