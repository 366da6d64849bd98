"""What one person says of the metrics they are asked about, on one page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField, BoundWidget
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.models import Metric, MetricAlignment
from projects.selectors.metrics import MetricAsked
from projects.services.metric_words import Word


@dataclass(frozen=True)
class MetricQuestion:
    """One metric on the page, with its boxes."""

    asked: MetricAsked
    primary: BoundWidget
    also: BoundField
    objects: BoundField
    comment: BoundField
    version: str  # name of the box that tells which version was read

    @property
    def metric(self) -> Metric:
        """What is asked about."""
        return self.asked.metric

    @property
    def is_used(self) -> bool:
        """Whether anything is ticked or written of it."""
        boxes = (self.also, self.objects, self.comment)
        return self.primary.data["selected"] or any(box.value() for box in boxes)


class MetricWordsForm(forms.Form):
    """One metric before all others, any number besides, and what one objects to."""

    primary = forms.ChoiceField(
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy(
                "Nothing was sent yet: choose the one you would judge by before all "
                "others."
            ),
            "invalid_choice": gettext_lazy(
                "Nothing was sent yet. It is not used any more: choose another one."
            ),
        },
    )

    def __init__(
        self, asked: Sequence[MetricAsked], data: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.asked = list(asked)
        primary: Any = self.fields["primary"]
        primary.choices = [(str(each.metric.pk), each.metric) for each in self.asked]
        for each in self.asked:
            self._ask(each)

    def _ask(self, asked: MetricAsked) -> None:
        pk, said = asked.metric.pk, asked.said
        self.fields[f"also_{pk}"] = forms.BooleanField(
            label=gettext_lazy("Counts too"), required=False
        )
        self.fields[f"objects_{pk}"] = forms.BooleanField(
            label=gettext_lazy("I object"), required=False
        )
        self.fields[f"comment_{pk}"] = forms.CharField(
            label=gettext_lazy("In your words"),
            required=False,
            max_length=500,
            widget=forms.Textarea(attrs={"rows": 1}),
        )
        if said is None:
            return
        if asked.is_primary:
            self.initial["primary"] = str(pk)
        self.initial[f"also_{pk}"] = not asked.is_primary and not asked.objects
        self.initial[f"objects_{pk}"] = asked.objects
        self.initial[f"comment_{pk}"] = said.comment

    @property
    def questions(self) -> list[MetricQuestion]:
        """The metrics with their boxes, in the order they are asked."""
        return [
            MetricQuestion(
                asked=each,
                primary=radio,
                also=self[f"also_{each.metric.pk}"],
                objects=self[f"objects_{each.metric.pk}"],
                comment=self[f"comment_{each.metric.pk}"],
                version=_version(each.metric),
            )
            for each, radio in zip(self.asked, self["primary"], strict=True)
        ]

    @property
    def first(self) -> list[MetricQuestion]:
        """Those that matter to the person."""
        return [each for each in self.questions if each.asked.is_first]

    @property
    def more(self) -> list[MetricQuestion]:
        """The rest, which waits behind "Show more"."""
        return [each for each in self.questions if not each.asked.is_first]

    @property
    def uses_more(self) -> bool:
        """Whether the rest holds something that was ticked or written."""
        return any(each.is_used for each in self.more)

    def clean(self) -> dict[str, Any]:
        """Ask for a reason where one objects; refuse words on an older definition."""
        for each in self.asked:
            pk, metric = each.metric.pk, each.metric
            if self.cleaned_data.get(f"objects_{pk}") and not self.cleaned_data.get(
                f"comment_{pk}"
            ):
                self.add_error(
                    f"comment_{pk}", _("Say what is wrong with it: others read why.")
                )
            read = self.data.get(_version(metric), "")
            if self._names(metric) and read != str(metric.version):
                self.add_error(
                    None,
                    _("“%(metric)s” means something else since you opened this page.")
                    % {"metric": metric.title}
                    + " "
                    + _("Read it again, then send."),
                )
        return self.cleaned_data

    def _names(self, metric: Metric) -> bool:
        said = self.cleaned_data
        boxes = (f"also_{metric.pk}", f"objects_{metric.pk}")
        return said.get("primary") == str(metric.pk) or any(
            said.get(box) for box in boxes
        )

    @property
    def words(self) -> list[Word]:
        """What was said, one word a metric that was named."""
        weight, agreed = MetricAlignment.Weight, MetricAlignment.Agreed
        said = self.cleaned_data
        return [
            Word(
                metric,
                weight.PRIMARY
                if said["primary"] == str(metric.pk)
                else weight.SECONDARY,
                agreed.NO if said[f"objects_{metric.pk}"] else agreed.YES,
                said[f"comment_{metric.pk}"],
            )
            for metric in (each.metric for each in self.asked)
            if self._names(metric)
        ]


def _version(metric: Metric) -> str:
    return f"version_{metric.pk}"
