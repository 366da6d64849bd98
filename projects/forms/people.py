"""Forms of stakeholders and of asking them."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.models import User
from projects.forms.rows import InProjectForm
from projects.models import Project, Stakeholder


class StakeholderForm(InProjectForm[Stakeholder]):
    """Who somebody is in the project, and what they sign as."""

    account = forms.EmailField(
        label=_("Account"),
        required=False,
        help_text=_(
            "The address they sign in with, if they have an account. Without one "
            "they answer by link."
        ),
    )

    class Meta:
        model = Stakeholder
        fields = ("name", "title", "group", "capacity", "email")
        help_texts = {
            "title": _("For example: head of customer service."),
            "capacity": _("Only for people whose signature a decision needs."),
            "email": _("Where the link to the estimate goes."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.user:
            self.initial["account"] = self.instance.user.email

    def clean_account(self) -> User | None:
        """Return the account of this address."""
        address = self.cleaned_data["account"]
        if not address:
            return None
        user = User.objects.filter(email__iexact=address, is_active=True).first()
        if user is None:
            raise forms.ValidationError(
                _(
                    "Nobody signs in as %(address)s. Leave this empty, or ask a "
                    "portal admin to invite them."
                ),
                params={"address": address},
            )
        taken = self.project.stakeholders.filter(user=user).exclude(pk=self.instance.pk)
        if taken.exists():
            raise forms.ValidationError(
                _("%(name)s is listed with this account already."),
                params={"name": taken[0].name},
            )
        return user

    def _post_clean(self) -> None:
        self.instance.user = self.cleaned_data.get("account")
        super()._post_clean()  # type: ignore[misc]  # Django's own hook, not in the stubs


class JoinForm(InProjectForm[Stakeholder]):
    """A member takes a seat among those who have a say."""

    class Meta:
        model = Stakeholder
        fields = ("name", "title", "group")

    def __init__(
        self, *args: Any, project: Project, user: User | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, project=project, **kwargs)
        self.instance.user = user
        if user:
            self.instance.email = user.email
            self.initial.setdefault("name", user.display_name)


DEFAULT_DAYS = 7


class DateForm(forms.Form):
    """Until when an answer is asked for."""

    deadline = forms.DateField(
        label=_("Answer by"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("The link works until the end of that day."),
    )

    def clean_deadline(self) -> datetime:
        """Return the end of the chosen day."""
        day: date = self.cleaned_data["deadline"]
        if day < timezone.localdate():
            raise forms.ValidationError(
                _("%(day)s is over. Choose today or a later day."),
                params={"day": day.isoformat()},
            )
        return end_of(day)


class PeopleForm(DateForm):
    """Whom to ask, and until when."""

    people = forms.ModelMultipleChoiceField(
        Stakeholder.objects.none(),
        label=_("Who is asked"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one person.")},
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people: Any = self.fields["people"]
        people.queryset = project.stakeholders.all()
        self.initial.setdefault(
            "deadline", timezone.localdate() + timedelta(days=DEFAULT_DAYS)
        )


class AskForm(PeopleForm):
    """Whom to ask for their estimates, until when, and with which words."""

    field_order = ("people", "deadline", "message")
    message = forms.CharField(
        label=_("A word from you"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class RoundForm(PeopleForm):
    """Why people are asked once more, whom, and until when."""

    field_order = ("reason", "people", "deadline")
    reason = forms.CharField(
        label=_("Why ask again?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Everybody asked reads it above the questions."),
        error_messages={
            "required": _("Say why: people read it before they answer again.")
        },
    )


def end_of(day: date) -> datetime:
    """Return the last second of a day in the reader's zone."""
    return timezone.make_aware(datetime.combine(day, time(23, 59, 59)))


class DeclineForm(forms.Form):
    """Somebody would rather not answer, or knows who should."""

    instead = forms.CharField(
        label=_("Who should be asked instead?"), required=False, max_length=120
    )
    reason = forms.CharField(
        label=_("Anything to add?"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def said(self) -> str:
        """Return the answer as one text."""
        instead, reason = (self.cleaned_data[name] for name in ("instead", "reason"))
        ask = _("Ask %(name)s instead.") % {"name": instead} if instead else ""
        return f"{ask} {reason}".strip()[:500]
