"""The question, the rules it is tested under, and which models to try."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.words import in_words
from dataquality.models import DataSetVersion
from dataquality.services import table_path
from engine.errors import EngineError
from engine.training.catalogue import FAMILIES
from engine.training.metrics import specs
from engine.training.protocol import Protocol as Rules
from engine.training.protocol import default_folds
from engine.training.target import TargetColumn, check_target, target_column
from experiments.models import Experiment
from experiments.selectors.impute import fillable
from experiments.services import TrialAsked
from projects.models import Project

DEFAULT_FAMILIES = ("baseline", "linear", "boosting", "neural")
MOST_SEEDS = 5


class ChooseTarget(forms.Form):
    """From which table, predicting which column."""

    version = forms.ModelChoiceField(
        label=gettext_lazy("Data"), queryset=DataSetVersion.objects.none()
    )
    target = forms.ChoiceField(label=gettext_lazy("Column to predict"))

    def __init__(
        self, *args: Any, versions: Any, version: DataSetVersion, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].queryset = versions  # type: ignore[attr-defined]  # a ModelChoiceField
        names = [column["name"] for column in version.columns]
        self.fields["target"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]  # a ChoiceField


class ExperimentForm(forms.ModelForm[Experiment]):
    """An experiment with its protocol and the families of its first sweep."""

    positive = forms.ChoiceField(
        label=gettext_lazy("Value to look for"),
        help_text=gettext_lazy("The case one would act on."),
    )
    primary_metric = forms.ChoiceField(
        label=gettext_lazy("Primary metric"),
        help_text=gettext_lazy(
            "Orders runs that have no price. Money orders the others."
        ),
    )
    families = forms.MultipleChoiceField(
        label=gettext_lazy("Models to try"), widget=forms.CheckboxSelectMultiple
    )
    holdout_percent = forms.IntegerField(
        label=gettext_lazy("Holdout in %"),
        help_text=gettext_lazy("Rows no model sees before it is judged."),
        min_value=5,
        max_value=50,
        initial=20,
    )
    folds = forms.IntegerField(
        label=gettext_lazy("Folds"), min_value=2, max_value=20, required=False
    )
    repeats = forms.IntegerField(
        label=gettext_lazy("Repeats"), min_value=1, max_value=10, required=False
    )
    seeds = forms.CharField(
        label=gettext_lazy("Seeds"),
        help_text=gettext_lazy("Each model is trained once per seed."),
        initial="1",
        max_length=60,
    )
    excluded = forms.MultipleChoiceField(
        label=gettext_lazy("Columns to leave out"),
        help_text=gettext_lazy(
            "Columns that name rows, never vary or are empty are left out by "
            "themselves; one that copies the target is refused."
        ),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Experiment
        fields = ("project", "name", "hypothesis", "motivation")
        widgets = {"project": forms.HiddenInput}
        help_texts = {
            "hypothesis": gettext_lazy(
                "What you expect, so that the result can prove it wrong."
            ),
            "motivation": gettext_lazy("Why it matters, for whom."),
        }

    def __init__(
        self,
        *args: Any,
        project: Project,
        version: DataSetVersion,
        target: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.project, self.version, self.target = project, version, target
        self.column = _column(version, target)
        # Kept, though nobody types it: a constraint needs all of its columns.
        self.fields["project"].disabled = True
        self.initial["project"] = project
        self.fields["hypothesis"].required = True
        self.fields["hypothesis"].widget.attrs["rows"] = 3
        self.fields["motivation"].widget.attrs["rows"] = 3
        self._fill_choices()
        self.fillable = fillable(version, target=target)
        for each in self.fillable:
            self.fields[f"impute_{each.plan.pk}"] = forms.ChoiceField(
                label=each.column,
                choices=each.choices,
                initial=each.plan.strategy,
                required=False,
            )

    @property
    def gaps(self) -> list[forms.BoundField]:
        """The fields that say by what gaps are filled, one for each column."""
        return [self[f"impute_{each.plan.pk}"] for each in self.fillable]

    def _fill_choices(self) -> None:
        task = self.project.task
        fields: Any = self.fields
        fields["primary_metric"].choices = [
            (key, spec.title) for key, spec in specs(task).items()
        ]
        fields["families"].choices = [
            (key, f"{family.title}: {family.plain}") for key, family in FAMILIES.items()
        ]
        fields["families"].initial = DEFAULT_FAMILIES
        fields["excluded"].choices = [
            (column["name"], column["name"])
            for column in self.version.columns
            if column["name"] != self.target
        ]
        folds, repeats = default_folds(self.version.rows or 0)
        fields["folds"].initial, fields["repeats"].initial = folds, repeats
        if task != Project.Task.BINARY:
            del self.fields["positive"]
            return
        values = self.column.values[:50] if self.column else ()
        fields["positive"].choices = [(v, f"{v} ({n})") for v, n in values]
        fields["positive"].initial = self.column.rarest if self.column else ""

    def clean_seeds(self) -> tuple[int, ...]:
        """Return the seeds as whole numbers."""
        parts = self.cleaned_data["seeds"].replace(",", " ").split()
        if not all(part.isascii() and part.isdecimal() for part in parts):
            raise ValidationError(_("Write whole numbers, such as 1 2 3."))
        if not 1 <= len(parts) <= MOST_SEEDS:
            raise ValidationError(
                _("Give one to %(most)s seeds.") % {"most": MOST_SEEDS}
            )
        return tuple(dict.fromkeys(int(part) % 2**31 for part in parts))

    def clean(self) -> dict[str, Any]:
        """Hold the rules to the engine's own, and the target to its column."""
        said = super().clean() or {}
        self.instance.project = self.project
        if self.errors:
            return said
        try:
            if self.column is None:
                raise EngineError(
                    f"target {self.target!r}: the table has no such column"
                )
            check_target(
                self.column, task=self.project.task, positive=said.get("positive", "")
            )
            said["rules"] = self._rules(said)
        except EngineError as problem:
            raise ValidationError(in_words(problem)) from problem
        return said

    def _rules(self, said: dict[str, Any]) -> Rules:
        task = self.project.task
        metric = said["primary_metric"]
        folds, repeats = default_folds(self.version.rows or 0)
        return Rules(
            task=task,  # type: ignore[arg-type]  # the model's choices are the engine's
            target=self.target,
            positive=said.get("positive", ""),
            data_digest="",
            primary_metric=metric,
            direction=specs(task)[metric].direction,
            splitter="kfold" if task == Project.Task.REGRESSION else "stratified",
            holdout_share=said["holdout_percent"] / 100,
            folds=said["folds"] or folds,
            repeats=said["repeats"] or repeats,
            excluded=tuple(said["excluded"]),
            seeds=said["seeds"],
            impute={
                each.column: chosen
                for each in self.fillable
                if each.column not in said["excluded"]
                and (chosen := said[f"impute_{each.plan.pk}"])
            },
        )

    def trials(self) -> list[TrialAsked]:
        """Return one trial per family and seed, the baseline once."""
        seeds = self.cleaned_data["seeds"]
        return [
            TrialAsked(family, {}, seed)
            for family in self.cleaned_data["families"]
            for seed in (seeds[:1] if family == "baseline" else seeds)
        ]


def _column(version: DataSetVersion, target: str) -> TargetColumn | None:
    try:
        return target_column(table_path(version), target)
    except (EngineError, KeyError):
        return None


class TrialForm(forms.Form):
    """One more trial of a family, with parameters of one's choice."""

    def __init__(
        self, *args: Any, family: str, task: str, seeds: tuple[int, ...], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.family = family
        for param in FAMILIES[family].params_of(task):  # type: ignore[arg-type]  # a task of the engine
            self.fields[f"param_{param.key}"] = _param_field(param)
        self.fields["seed"] = forms.TypedChoiceField(
            label=_("Seed"), choices=[(s, s) for s in seeds], coerce=int
        )

    def trial(self) -> TrialAsked:
        """Return what to train."""
        said = self.cleaned_data
        params = {
            key.removeprefix("param_"): value
            for key, value in said.items()
            if key.startswith("param_")
        }
        return TrialAsked(self.family, params, said["seed"])


def _param_field(param: Any) -> forms.Field:
    if param.choices:
        return forms.ChoiceField(
            label=param.title,
            choices=[(choice, choice) for choice in param.choices],
            initial=param.default,
        )
    kind = forms.IntegerField if isinstance(param.default, int) else forms.FloatField
    return kind(
        label=param.title,
        min_value=param.low,
        max_value=param.high,
        initial=param.default,
        help_text=_("From %(low)s to %(high)s.")
        % {"low": f"{param.low:g}", "high": f"{param.high:g}"},
    )


class ConclusionForm(forms.Form):
    """What was found, in a person's own words."""

    text = forms.CharField(
        label=gettext_lazy("Conclusion"),
        help_text=gettext_lazy(
            "What the runs say of the hypothesis, and what follows. It is kept with "
            "the leaderboard as it stands now."
        ),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=8000,
    )
