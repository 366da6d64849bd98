"""Forms of a project and of who may do what in it."""

from decimal import Decimal as Exact
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from core.models import Team, User
from engine.value.templates import TEMPLATES, CaseTemplate
from projects.forms.numbers import NumberField
from projects.models import Project, Role
from projects.selectors.words import Decimal, translated


class CurrencyForm(forms.ModelForm[Project]):
    """What is typed of a project's currency: eur is meant as EUR."""

    def clean_currency(self) -> str:
        """Return the code in capitals."""
        return str(self.cleaned_data["currency"]).upper()


class ProjectForm(CurrencyForm):
    """A new project: what it is about and in what money it counts.

    Without a task it gets the one its template's runs can be priced for.
    """

    class Meta:
        model = Project
        fields: tuple[str, ...] = (
            "name",
            "template",
            "problem",
            "decision_supported",
            "task",
            "currency",
            "horizon_years",
        )
        help_texts = {
            "name": _("Short, as people call it."),
            "template": _(
                "It brings the questions of the value estimate; all can be changed."
            ),
            "task": _("What a model answers with; only what fits has a price."),
            "problem": _("What goes wrong today, in two or three sentences."),
            "decision_supported": _(
                "Who does what differently, once the model has spoken."
            ),
            "currency": _("Three letters: EUR, USD, GBP, CHF …"),
            "horizon_years": _("Over how many years gains and costs are counted."),
        }
        widgets = {"problem": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        task: Any = self.fields["task"]
        task.required, task.initial = False, ""
        task.choices = [("", _("what fits the template")), *Project.Task.choices]
        self.initial["task"] = self.initial.get("task") or ""

    @property
    def chosen_template(self) -> CaseTemplate:
        """The template chosen, or shown first."""
        key = str(self["template"].value() or "")
        return TEMPLATES.get(key) or TEMPLATES[Project.Template.CHURN]

    @property
    def questions(self) -> list[str]:
        """What the chosen template asks, in a few words each."""
        return [translated(each.label) for each in self.chosen_template.asked]

    @property
    def fitting(self) -> list[str]:
        """The tasks whose runs the chosen template prices."""
        return [str(Project.Task(key).label) for key in self.chosen_template.tasks]

    def clean(self) -> dict[str, Any]:
        """Choose the task that fits, or refuse one whose runs could not be priced."""
        data = super().clean() or {}
        template = TEMPLATES.get(data.get("template", ""))
        if template is None or "task" in self.errors:
            return data
        data["task"] = data.get("task") or template.tasks[0]
        if data["task"] not in template.tasks:
            self.add_error(
                "task",
                _(
                    "“%(template)s” prices runs of %(task)s only. Choose that, or "
                    "“Something else” as the template."
                )
                % {
                    "template": Project.Template(template.key).label,
                    "task": Project.Task(template.tasks[0]).label,
                },
            )
        return data


class ProjectSettingsForm(CurrencyForm):
    """What can be changed of a project later, and what the portfolio weighs."""

    people_needed = NumberField(
        label=_("People needed"),
        required=False,
        least=0.0,
        most=1e5,
        help_text=_("Full-time people until it runs; 0.5 is one for half of the time."),
    )
    budget_needed = NumberField(
        label=_("Budget needed"),
        required=False,
        least=0.0,
        most=1e13,
        help_text=_(
            "To build it and run it for a year. Empty: as the value case has it."
        ),
    )

    class Meta(ProjectForm.Meta):
        fields = (
            "name",
            "problem",
            "decision_supported",
            "currency",
            "horizon_years",
            "people_needed",
            "budget_needed",
        )
        help_texts = {
            **ProjectForm.Meta.help_texts,
            "currency": _("Amounts keep their digits; they are not converted."),
        }

    def __init__(
        self, *args: Any, decimal: Decimal | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name in ("people_needed", "budget_needed"):
            cast(NumberField, self.fields[name]).decimal = decimal
            kept = self.initial.get(name)
            self.initial[name] = "" if kept is None else f"{float(kept):.12g}"

    def clean_budget_needed(self) -> Exact | None:
        """Return the amount with the two decimals that are kept."""
        value = self.cleaned_data["budget_needed"]
        return None if value is None else Exact(repr(value)).quantize(Exact("0.01"))


class MemberForm(forms.Form):
    """A person or a team gets a role."""

    email = forms.EmailField(label=_("Person, by e-mail"), required=False)
    team = forms.ModelChoiceField(
        Team.objects.all(), label=_("or a team"), required=False, empty_label="–"
    )
    role = forms.ChoiceField(
        label=_("Role"), choices=Role.choices, initial=Role.CONTRIBUTOR
    )

    def clean_email(self) -> User | None:
        """Return the person of this address."""
        address = self.cleaned_data["email"]
        if not address:
            return None
        user = User.objects.filter(email__iexact=address, is_active=True).first()
        if user is None:
            raise forms.ValidationError(
                _("Nobody signs in as %(address)s. Ask a portal admin to invite them."),
                params={"address": address},
            )
        return user

    def clean(self) -> dict[str, Any]:
        """Ask for exactly one of person and team."""
        data = super().clean() or {}
        if not self.errors and bool(data.get("email")) == bool(data.get("team")):
            self.add_error("email", _("Give a person or a team, one of the two."))
        return data


class RoleForm(forms.Form):
    """A member's role changes; empty takes it away."""

    role = forms.ChoiceField(choices=[("", _("none")), *Role.choices], required=False)


class FilterForm(forms.Form):
    """Which projects are listed."""

    q = forms.CharField(required=False, max_length=120)
    archived = forms.BooleanField(required=False)
