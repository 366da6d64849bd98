"""Which groups of cases a project's requirements speak of."""

from collections.abc import Iterable
from dataclasses import dataclass

from projects.kinds.catalogue import GAP
from projects.models import MetricAlignment, Project, RequirementVersion
from projects.selectors.requirements import versions_in_force


@dataclass(frozen=True)
class AskedSlice:
    """One slice of one metric that a bound names; the metric may be a gap."""

    slice: str
    metric_key: str


@dataclass(frozen=True)
class AskedSlices:
    """What is to be measured by group, and for which metrics."""

    bounds: tuple[AskedSlice, ...]
    compared: tuple[str, ...]  # groups whose errors are held against each other
    agreed: tuple[str, ...]  # keys somebody judges by, or that a bound names

    @property
    def named(self) -> tuple[str, ...]:
        """The slices that have to keep a bound of their own."""
        own = (each.slice for each in self.bounds if not is_gap(each.metric_key))
        return tuple(dict.fromkeys(own))

    def __bool__(self) -> bool:
        return bool(self.bounds or self.compared)


def is_gap(metric_key: str) -> bool:
    """Whether a metric says how far apart groups are."""
    return metric_key.endswith(GAP)


def asked_slices(project: Project) -> AskedSlices:
    """Return the groups that the requirements in force name."""
    versions = versions_in_force(project)
    bounds = [bound for version in versions for bound in version.bounds]
    sliced = [AskedSlice(each.slice, each.metric_key) for each in bounds if each.slice]
    gaps = (each.slice for each in sliced if is_gap(each.metric_key))
    agreed = MetricAlignment.objects.filter(
        stakeholder__project=project,
        agreed=MetricAlignment.Agreed.YES,
        metric__retired_at=None,
    ).values_list("metric__key", flat=True)
    keys = [each.metric_key for each in sliced] + [b.metric_key for b in bounds]
    return AskedSlices(
        tuple(dict.fromkeys(sliced)),
        tuple(dict.fromkeys([*_compared(versions), *gaps])),
        tuple(
            dict.fromkeys([*map(_plain, keys), *agreed.order_by("metric__position")])
        ),
    )


def _plain(metric_key: str) -> str:
    return metric_key.removesuffix(GAP)


def _compared(versions: Iterable[RequirementVersion]) -> Iterable[str]:
    for version in versions:
        yield from version.details.get("slices") or ()
