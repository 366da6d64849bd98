"""The metrics one person is asked about: their own kind first, others on request."""

from dataclasses import dataclass

from projects.models import Metric, MetricAlignment, Stakeholder

# Nearest first: what each group is at home with.
_NEAREST = {
    Stakeholder.Group.BUSINESS: ("business", "domain", "technical"),
    Stakeholder.Group.EXPERT: ("domain", "business", "technical"),
    Stakeholder.Group.DATA_SCIENTIST: ("technical", "domain", "business"),
}


@dataclass(frozen=True)
class MetricAsked:
    """One metric, with what the person has said of it so far; nobody else's word."""

    metric: Metric
    said: MetricAlignment | None
    is_named: bool  # by somebody, perhaps by the person
    is_own: bool  # of the kind the person is at home with

    @property
    def is_first(self) -> bool:
        """Whether it matters to the person; the others wait behind "Show more"."""
        return self.is_named or self.is_own

    @property
    def is_primary(self) -> bool:
        """Whether they judge by it before all others."""
        return self.said is not None and self.said.weight == "primary"

    @property
    def objects(self) -> bool:
        """Whether they are against it."""
        return self.said is not None and self.said.agreed == "no"

    @property
    def agreed_before(self) -> int:
        """The earlier version their word is on; 0 if it is on this one."""
        return self.said.version if self.said and self.said.is_outdated else 0


def metrics_asked(stakeholder: Stakeholder) -> list[MetricAsked]:
    """Return every metric in use, those that matter to the person first."""
    nearest = _NEAREST[Stakeholder.Group(stakeholder.group)]
    metrics = Metric.objects.filter(project=stakeholder.project).in_use()
    rows = metrics.prefetch_related("alignments")
    found = [_asked(metric, stakeholder, nearest[0]) for metric in rows]
    return sorted(
        found,
        key=lambda each: (
            not each.is_first,
            nearest.index(each.metric.kind),
            not each.is_named,
        ),
    )


def _asked(metric: Metric, stakeholder: Stakeholder, own: str) -> MetricAsked:
    words = {each.stakeholder_id: each for each in metric.alignments.all()}
    said = words.get(stakeholder.pk)
    if said is not None:
        said.metric = metric  # at hand for its version
    return MetricAsked(metric, said, is_named=bool(words), is_own=metric.kind == own)


def metrics_said(stakeholder: Stakeholder) -> list[MetricAlignment]:
    """Return what a person says of the metrics in use: primary, besides, against."""
    rows = MetricAlignment.objects.filter(
        stakeholder=stakeholder, metric__retired_at=None
    ).exclude(agreed=MetricAlignment.Agreed.OPEN)
    return list(
        rows.select_related("metric").order_by("weight", "-agreed", "metric__position")
    )
