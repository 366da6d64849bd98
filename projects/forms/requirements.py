"""Forms of requirements."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from projects import kinds
from projects.forms.numbers import NumberField
from projects.kinds import Ask, Type
from projects.kinds.catalogue import OWN_METRICS
from projects.kinds.compliance import (
    NOTE_CHARS,
    SAID_WORDS,
    Question,
    Said,
    asked,
    checked_answers,
    questions_of,
)
from projects.models import Project, Requirement, RequirementVersion
from projects.models.requirements import SAID
from projects.selectors.deriving import CONFIDENCES
from projects.selectors.words import Decimal

# What the form types; the structured fields come beside them.
TYPED = (
    "title",
    "test",
    "metric_key",
    "slice",
    "comparison",
    "threshold",
    "minimum_n",
    "unit",
    "source",
    "reason",
)


@dataclass(frozen=True)
class AskedField:
    """One structured field on the page, and on which answers it depends."""

    field: forms.BoundField
    when: str  # "name=value|value", or "" when it is always asked
    is_hidden: bool


@dataclass(frozen=True)
class KindFields:
    """The structured fields of one kind."""

    kind: str
    fields: tuple[AskedField, ...]
    is_hidden: bool


class RequirementForm(forms.ModelForm[RequirementVersion]):
    """One requirement: what must hold, the fields of its kind, how it is tested."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Requirement.Kind.choices)
    priority = forms.ChoiceField(
        label=_("Priority"), choices=Requirement.Priority.choices
    )
    threshold = NumberField(label=_("Threshold"), required=False)
    metric_key = forms.ChoiceField(label=_("Metric"), required=False)

    class Meta:
        model = RequirementVersion
        fields = TYPED
        help_texts = {
            "title": _("In words a business person would use."),
            "source": _("Who or what asks for it: a person, a law, a contract."),
            "unit": _("Empty: the metric's own."),
            "slice": _(
                "A group it must hold for, such as region = north or age < 30; a column "
                "alone means each of its groups, empty means everybody."
            ),
            "minimum_n": _("With fewer cases the verdict is “too little evidence”."),
        }
        labels = {"minimum_n": _("Least number of cases")}

    field_order = ["title", "kind", "priority", *TYPED[1:]]

    def __init__(
        self,
        *args: Any,
        project: Project,
        requirement: Requirement,
        decimal: Decimal | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        cast(NumberField, self.fields["threshold"]).decimal = decimal
        self.project = project
        self.requirement = requirement
        self.metrics = {each.key: each for each in project.metrics.all()}
        metric_key = cast(forms.ChoiceField, self.fields["metric_key"])
        metric_key.choices = [
            ("", "—"),
            *((key, each.title) for key, each in self.metrics.items()),
        ]
        # Kind and priority live on the requirement; a version's row needs its owner.
        self.instance.requirement = requirement
        self.instance.version = 1
        if requirement._state.adding:
            del self.fields["reason"]
        self.initial.setdefault("kind", requirement.kind)
        self.initial.setdefault("priority", requirement.priority)
        self.has_bad_details = False
        self._add_details(decimal)

    # -- the structured fields

    def _add_details(self, decimal: Decimal | None) -> None:
        kind = self.initial["kind"]
        before: Mapping[str, Any] = self.initial.get("details") or {}
        for each in kinds.KINDS.values():
            for ask in each.asks:
                name = f"{each.key}-{ask.key}"
                self.fields[name] = field_of(ask, decimal)
                if each.key == kind and ask.key in before:
                    self.initial[name] = _as_typed(ask, before[ask.key])
        # What its own fields say is not typed a second time below them.
        own = OWN_METRICS.get(kind, frozenset())
        if before and self.initial.get("metric_key") in own:
            self.initial.update(
                dict.fromkeys(("metric_key", "threshold", "unit", "slice"), "")
            )

    def kind_fields(self) -> Iterator[KindFields]:
        """Yield the structured fields by kind; those not asked now are hidden."""
        chosen = self["kind"].value()
        for kind in kinds.KINDS.values():
            if kind.asks:
                fields = tuple(self._asked(kind.key, ask) for ask in kind.asks)
                yield KindFields(kind.key, fields, is_hidden=kind.key != chosen)

    def _asked(self, kind: str, ask: Ask) -> AskedField:
        bound = self[f"{kind}-{ask.key}"]
        if ask.when is None:
            return AskedField(bound, "", is_hidden=False)
        other = f"{kind}-{ask.when.key}"
        when = f"{other}={'|'.join(ask.when.values)}"
        hidden = self[other].value() not in ask.when.values and not bound.errors
        return AskedField(bound, when, is_hidden=hidden)

    @property
    def shows_own_test(self) -> bool:
        """Whether the fields of a plain test are opened."""
        names = ("metric_key", "threshold", "slice", "unit", "comparison", "minimum_n")
        return (
            not kinds.KINDS[self.initial.get("kind", "accuracy")].asks
            or bool(self["metric_key"].value())
            or self["test"].value() == RequirementVersion.Test.ATTESTED
            or any(self[name].errors for name in names)
        )

    def _details(self, kind: str) -> dict[str, Any]:
        """Return the typed fields of a kind; errors are beside them."""
        typed = {}
        for ask in kinds.KINDS[kind].asks:
            value = self.cleaned_data.get(f"{kind}-{ask.key}")
            if value not in (None, "", []):
                typed[ask.key] = value
        # What was filled in before another answer took the question away.
        for ask in kinds.KINDS[kind].asks:
            if not ask.applies(typed):
                typed.pop(ask.key, None)
        return typed

    def _clean_details(self, kind: str) -> dict[str, Any]:
        typed = self._details(kind)
        names = [f"{kind}-{ask.key}" for ask in kinds.KINDS[kind].asks]
        if any(name in self.errors for name in names):
            self.has_bad_details = True
            return {}
        if kind == Requirement.Kind.COMPLIANCE and typed.get("template"):
            known = {each.key for each in questions_of(typed["template"])}
            before = (self.initial.get("details") or {}).get("answers") or {}
            kept = {key: each for key, each in before.items() if key in known}
            typed |= {"answers": kept} if kept else {}
        try:
            return kinds.checked_details(kind, typed)
        except kinds.DetailProblems as problems:
            self.has_bad_details = True
            for key, why in problems.by_field.items():
                self.add_error(f"{kind}-{key}", why)
            return {}

    # -- the plain test

    def clean_threshold(self) -> float | None:
        """Return the threshold in the metric's unit: `70 %` of a share is 0.7."""
        value: float | None = self.cleaned_data["threshold"]
        metric = self.metrics.get(self.data.get("metric_key", ""))
        if value is None or metric is None or metric.unit != "share":
            return value
        if "%" in self.data.get("threshold", ""):
            value /= 100
        if not 0 <= value <= 1:
            raise forms.ValidationError(
                _("“%(text)s” is no share: write it as 70 %% or 0.7."),
                params={"text": self.data.get("threshold")},
            )
        return value

    def clean(self) -> dict[str, Any]:
        """Say beside its field what a requirement lacks."""
        data = super().clean() or {}
        kind = data.get("kind")
        if kind is None:
            return data
        self.requirement.kind = kind
        self.instance.details = self._clean_details(kind)
        metric = self.metrics.get(data.get("metric_key", ""))
        if metric is not None and not data.get("unit"):
            data["unit"] = metric.unit
        if not self.has_bad_details and not self._is_structured(kind):
            self._need_plain_test(kind, data)
        return data

    def _is_structured(self, kind: str) -> bool:
        details = self.instance.details
        return bool(kinds.bounds_of(kind, details) or kinds.attested_of(kind, details))

    def _need_plain_test(self, kind: str, data: dict[str, Any]) -> None:
        if data.get("test") != RequirementVersion.Test.COMPUTED:
            return
        asks = kinds.KINDS[kind].asks
        if asks and not data.get("metric_key") and not self.instance.details:
            self.has_bad_details = True
            self.add_error(
                f"{kind}-{asks[0].key}",
                _("Fill these fields in, or say below how it is tested."),
            )
            return
        if not data.get("metric_key"):
            self.add_error("metric_key", _("Choose what is measured."))
        if data.get("threshold") is None and "threshold" not in self.errors:
            self.add_error("threshold", _("Give the value it is held against."))

    def _get_validation_exclusions(self) -> set[str]:
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # Django's own hook, not in the stubs
        # Its test comes from fields that are wrong: one message beside them is enough.
        return excluded | {"metric_key"} if self.has_bad_details else excluded

    def said(self) -> dict[str, Any]:
        """Return the fields of a version; how it was derived stays as it was."""
        return {
            name: getattr(self.instance, name) for name in SAID if name != "derivation"
        }


def field_of(ask: Ask, decimal: Decimal | None) -> forms.Field:
    """Return the form field of a structured field; what it lacks is said by its kind."""
    label = f"{ask.label}, {ask.unit}" if ask.unit else str(ask.label)
    common: dict[str, Any] = {
        "label": label,
        "help_text": ask.help,
        "required": False,
    }
    if ask.type in {Type.NUMBER, Type.WHOLE}:
        field = NumberField(least=ask.least, most=ask.most, **common)
        field.decimal = decimal
        return field
    if ask.type is Type.CHOICE and ask.is_required and len(ask.choices) <= 3:
        return forms.ChoiceField(
            choices=ask.choices, widget=forms.RadioSelect, **common
        )
    if ask.type is Type.CHOICE:
        return forms.ChoiceField(choices=[("", "—"), *ask.choices], **common)
    if ask.type is Type.CHOICES:
        return forms.MultipleChoiceField(
            choices=ask.choices, widget=forms.CheckboxSelectMultiple, **common
        )
    if ask.type is Type.NAMES:
        return NamesField(max_length=2000, **common)
    return forms.CharField(max_length=300, **common)


class NamesField(forms.CharField):
    """Names with commas between."""

    def clean(self, value: Any) -> Any:
        """Return the names as a list."""
        text = super().clean(value)
        return [part.strip() for part in text.split(",") if part.strip()]


def _as_typed(ask: Ask, value: Any) -> Any:
    return ", ".join(value) if ask.type is Type.NAMES else value


class AttestForm(forms.Form):
    """A person vouches for a requirement that no measurement can show."""

    holds = forms.TypedChoiceField(
        label=_("Does it hold?"),
        choices=[("yes", _("Yes")), ("no", _("No"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("How do you know?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    document = forms.FileField(
        label=_("Document"),
        required=False,
        help_text=_("Who sees the project can download it."),
    )


@dataclass(frozen=True)
class QuestionFields:
    """One question on the page with its three fields."""

    question: Question
    number: int
    answer: forms.BoundField
    note: forms.BoundField
    file: forms.BoundField
    document: Mapping[str, str] | None
    when: str
    is_hidden: bool

    @property
    def is_open(self) -> bool:
        """Whether the note and the document are shown at once."""
        return bool(self.note.value() or self.document or self.note.errors)


class AnswersForm(forms.Form):
    """The answers to a template's questions; open ones may stay open."""

    def __init__(self, *args: Any, version: RequirementVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.details: dict[str, Any] = dict(version.details)
        self.kept: dict[str, dict[str, Any]] = dict(self.details.get("answers") or {})
        fields = {"details.slices", "details.retention_days"}
        self.questions = [
            each
            for each in questions_of(self.details.get("template", ""))
            if all(
                self.details.get(when.key.removeprefix("details."))
                for when in each.when
                if when.key in fields
            )
        ]
        for question in self.questions:
            self._add(question)

    def _add(self, question: Question) -> None:
        kept = self.kept.get(question.key, {})
        choices = [
            (key, words)
            for key, words in SAID_WORDS.items()
            if not (question.is_fact and key == Said.NOT_APPLICABLE)
        ]
        self.fields[f"{question.key}-answer"] = forms.ChoiceField(
            label=str(question.words),
            choices=choices,
            widget=forms.RadioSelect,
            required=False,
            initial=kept.get("answer", ""),
        )
        self.fields[f"{question.key}-note"] = forms.CharField(
            label=_("Note"),
            max_length=NOTE_CHARS,
            required=False,
            initial=kept.get("note", ""),
            widget=forms.Textarea(attrs={"rows": 2}),
        )
        self.fields[f"{question.key}-file"] = forms.FileField(
            label=_("Document"), required=False, max_length=255
        )

    def question_fields(self) -> Iterator[QuestionFields]:
        """Yield every question there may be; those not asked now are hidden."""
        shown = {each.key for each in asked({**self.details, "answers": self._now()})}
        for number, question in enumerate(self.questions, start=1):
            kept = self.kept.get(question.key, {})
            yield QuestionFields(
                question=question,
                number=number,
                answer=self[f"{question.key}-answer"],
                note=self[f"{question.key}-note"],
                file=self[f"{question.key}-file"],
                document=kept.get("document"),
                when=";".join(
                    f"{each.key}-answer={'|'.join(each.values)}"
                    for each in question.when
                    if not each.key.startswith("details.")
                ),
                is_hidden=question.key not in shown,
            )

    def _now(self) -> dict[str, dict[str, str]]:
        return {
            each.key: {"answer": self[f"{each.key}-answer"].value() or ""}
            for each in self.questions
        }

    def clean(self) -> dict[str, Any]:
        """Say beside its question what an answer lacks."""
        data = super().clean() or {}
        for question in self.questions:
            try:
                checked_answers(
                    self.details["template"], {question.key: self._given(question.key)}
                )
            except kinds.DetailProblems as problems:
                for why in problems.by_field.values():
                    self.add_error(f"{question.key}-note", why)
        return data

    def _given(self, key: str) -> dict[str, Any]:
        kept = self.kept.get(key, {}).get("document")
        return {
            "answer": self.cleaned_data.get(f"{key}-answer", ""),
            "note": self.cleaned_data.get(f"{key}-note", ""),
            **({"document": kept} if kept else {}),
        }

    def new_files(self) -> dict[str, Any]:
        """Return the new files by question."""
        found = {q.key: self.cleaned_data.get(f"{q.key}-file") for q in self.questions}
        return {key: file for key, file in found.items() if file}

    def answers(self, documents: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
        """Return all answers; `documents` holds the new ones by question."""
        found = {each.key: self._given(each.key) for each in self.questions}
        for key, document in documents.items():
            found[key]["document"] = dict(document)
        return found


class DeriveForm(forms.Form):
    """Which metric the money is asked about, what is held, and how sure to be."""

    metric = forms.ChoiceField(label=_("What to bound"))
    fpr = NumberField(label=_("Others bothered, of 100"), least=0, most=100)
    recall = NumberField(label=_("Caught, of 100"), least=0, most=100)
    confidence = forms.TypedChoiceField(
        label=_("How sure to break even"),
        choices=[(f"{each:g}", f"{100 * each:g} %") for each in CONFIDENCES],
        coerce=float,
    )

    def __init__(
        self,
        *args: Any,
        metrics: Sequence[tuple[str, str]],
        held_by: Mapping[str, str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["metric"]
        choice.choices = metrics
        self.held_by = held_by

    @property
    def held(self) -> str:
        """The rate that is held for the metric asked about."""
        return self.held_by.get(self["metric"].value(), "")

    @property
    def has_choice(self) -> bool:
        """Whether there is more than one metric to ask about."""
        return len(self.held_by) > 1

    @property
    def holds(self) -> bool:
        """Whether a rate is held for any metric there is."""
        return any(self.held_by.values())

    @property
    def at(self) -> float | None:
        """The rate held, as a share."""
        value = self.cleaned_data.get(self.held) if self.held else None
        return None if value is None else float(value) / 100


class ImportForm(forms.Form):
    """Requirements as YAML: a file, or text."""

    file = forms.FileField(label=_("A YAML file"), required=False)
    text = forms.CharField(
        label=_("Or the text itself"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 14, "spellcheck": "false"}),
    )
