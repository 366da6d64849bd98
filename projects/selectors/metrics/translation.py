"""What a run means to each group: its metrics, carried to theirs and to money."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from engine.errors import EngineError
from engine.numbers import money, per_hundred, two_digits
from engine.value.links import Measured, Reading, readings
from projects.models import NET_VALUE, Evidence, Metric, Project, Stakeholder
from projects.selectors.metrics.alignment import MetricRow, alignment
from projects.selectors.metrics.links import (
    assumed,
    engine_links,
    links_of,
    value_of,
)
from projects.selectors.value import current_case

DRAWS = 2_000
Group = Stakeholder.Group


@dataclass(frozen=True)
class Said:
    """One metric of a run, as a sentence carries it."""

    metric: Metric
    reading: Reading

    @property
    def is_measured(self) -> bool:
        """Whether it was measured, not carried here by links."""
        return len(self.reading.path) == 1


@dataclass(frozen=True)
class GroupSentence:
    """What a run means to one group, in one sentence."""

    group: Stakeholder.Group
    metric: Metric | None  # what the group judges by
    words: str


@dataclass(frozen=True)
class Translation:
    """A run in the words of each group that has people."""

    label: str
    url: str
    sentences: tuple[GroupSentence, ...]
    said: dict[str, Said]  # by metric key, the money included where it is known


def candidate_translation(project: Project) -> Translation | None:
    """Return what the nominated candidate means; None without one, or unmeasured."""
    if not project.candidate_id:
        return None
    return translation_of(project, project.candidate_kind, project.candidate_id)


def translation_of(project: Project, kind: str, subject_id: str) -> Translation | None:
    """Return what one subject, such as a run, means; None if nothing is measured."""
    return translate(
        project,
        Evidence.objects.filter(
            project=project,
            subject_kind=kind,
            subject_id=subject_id,
            requirement_version=None,
            superseded_by=None,
            slice="",
        ),
    )


def translate(project: Project, rows: Iterable[Evidence]) -> Translation | None:
    """Return what one run's evidence rows mean to each group; None without any."""
    measured = {row.metric_key: row for row in rows if row.value is not None}
    if not measured:
        return None
    board = alignment(project)
    metrics = {row.metric.key: row.metric for row in board}
    said = _said(project, measured, metrics)
    any_row = next(iter(measured.values()))
    return Translation(
        label=any_row.subject_label,
        url=any_row.subject_url,
        sentences=tuple(_sentences(project, board, said)),
        said=said,
    )


def _said(
    project: Project, rows: dict[str, Evidence], metrics: dict[str, Metric]
) -> dict[str, Said]:
    case = current_case(project)
    engine_case = case.to_engine()
    measured = {
        key: Measured(row.value or 0.0, row.low, row.high, row.unit == "share")
        for key, row in rows.items()
    }
    try:
        found = readings(
            engine_links(links_of(project)),
            measured,
            engine_case,
            replaced=assumed(engine_case),
            draws=DRAWS,
            seed=case.seed,
        )
    except EngineError:
        # A case that has no futures carries nothing; what was measured stays.
        found = {k: Reading(m.value, m.low, m.high, (k,)) for k, m in measured.items()}
    return {
        key: Said(metrics[key], reading)
        for key, reading in found.items()
        if key in metrics
    }


def primary_of(board: list[MetricRow], group: Stakeholder.Group) -> Metric | None:
    """Return the metric most people of a group judge by; of equals the first."""
    number = list(Group).index(group)
    votes = Counter(
        {
            row.metric: count
            for row in board
            if (count := sum(each.names_it for each in row.groups[number].people))
        }
    )
    return votes.most_common(1)[0][0] if votes else None


def _sentences(
    project: Project, board: list[MetricRow], said: dict[str, Said]
) -> Iterable[GroupSentence]:
    for number, group in enumerate(Group):
        if board and board[0].groups[number].people:
            metric = primary_of(board, group)
            words = _sentence(project, group, metric, said)
            yield GroupSentence(group, metric, words)


def _sentence(
    project: Project,
    group: Stakeholder.Group,
    metric: Metric | None,
    said: dict[str, Said],
) -> str:
    if metric is None:
        return _("This group names no primary metric yet.")
    if metric.key not in said:
        return _(
            "“%(metric)s” was not measured on this run, and no link leads to it."
        ) % {"metric": metric.title}
    chain = _chain(project, metric.key, said)
    teller = {
        Group.DATA_SCIENTIST: _to_data_scientist,
        Group.EXPERT: _to_expert,
        Group.BUSINESS: _to_business,
    }[group]
    return teller(metric, chain, said.get(NET_VALUE), project.currency)


def _chain(project: Project, key: str, said: dict[str, Said]) -> list[Said]:
    """Return the metrics on the way from what was measured through `key`, no money."""
    through = [each.reading.path for each in said.values() if key in each.reading.path]
    if key == NET_VALUE:
        to_money = {
            link.cause.key for link in links_of(project) if link.effect.key == NET_VALUE
        }
        through = [each.reading.path for k, each in said.items() if k in to_money]
    longest = max(through, key=len, default=())
    return [said[each] for each in longest if each in said and each != NET_VALUE]


def _to_data_scientist(
    metric: Metric, chain: list[Said], net: Said | None, currency: str
) -> str:
    """Return the whole way, each measured metric with its interval."""
    return _arrows([_exact(each, currency) for each in chain], net, currency)


def _to_expert(
    metric: Metric, chain: list[Said], net: Said | None, currency: str
) -> str:
    """Return the way from the group's own metric on, in plain words."""
    keys = [each.metric.key for each in chain]
    own = keys.index(metric.key) if metric.key in keys else 0
    steps = [_plain(each, currency) + _band(each) for each in chain[own:]]
    words = _arrows(steps, net, currency)
    if not own:
        return _first_upper(words)
    first = chain[0]
    return _("From %(metric)s %(value)s: %(words)s") % {
        "metric": first.metric.title,
        "value": value_of(first.metric, first.reading.value, currency),
        "words": words,
    }


def _to_business(
    metric: Metric, chain: list[Said], net: Said | None, currency: str
) -> str:
    """Return the money first, then where it comes from."""
    last = _plain(chain[-1], currency) + _band(chain[-1]) if chain else ""
    if net is None:
        return _first_upper(_("%(last)s; this run has no price.") % {"last": last})
    words = _("About %(money)s a year") % {
        "money": money(net.reading.value, currency)
    } + _between(net.reading, currency)
    return f"{words}: {last}." if last else f"{words}."


def _arrows(steps: list[str], net: Said | None, currency: str) -> str:
    last = _("no price") if net is None else _money_step(net.reading, currency)
    return " → ".join([*steps, last]) + "."


def _money_step(reading: Reading, currency: str) -> str:
    words = _("about %(money)s a year") % {"money": money(reading.value, currency)}
    if reading.low is None or reading.high is None:
        return words
    return _("%(words)s (%(low)s to %(high)s)") % {
        "words": words,
        "low": money(reading.low, currency),
        "high": money(reading.high, currency),
    }


def _between(reading: Reading, currency: str) -> str:
    if reading.low is None or reading.high is None:
        return ""
    return _(", 9 times in 10 between %(low)s and %(high)s") % {
        "low": money(reading.low, currency),
        "high": money(reading.high, currency),
    }


def _exact(said: Said, currency: str) -> str:
    """Return "F1 0.71 (0.65–0.77)": the name and the number, a share as a share."""
    reading, unit = said.reading, said.metric.unit
    if unit not in {"share", "money"} and not said.is_measured:
        return _plain(said, currency) + _band(said)
    text = f"{said.metric.title} {two_digits(reading.value)}"
    if reading.low is None or reading.high is None:
        return text
    return f"{text} ({two_digits(reading.low)}–{two_digits(reading.high)})"


def _is_sentence(said: Said) -> bool:
    """Whether the metric's plain words carry its value: "finds {n} of 100 …"."""
    return "{n}" in said.metric.words or "{x}" in said.metric.words


def _plain(said: Said, currency: str) -> str:
    """Return the value in plain words: "finds 79 of 100 positive cases"."""
    metric, value = said.metric, said.reading.value
    if not _is_sentence(said):
        return f"{metric.title} {value_of(metric, value, currency)}"
    in_100 = per_hundred(value) if 0 <= value <= 1 else two_digits(100 * value)
    # Not str.format: people write these words.
    return metric.words.replace("{n}", in_100).replace("{x}", two_digits(value))


def _band(said: Said) -> str:
    reading = said.reading
    if reading.low is None or reading.high is None or said.metric.unit == "share":
        return ""
    return f" ({two_digits(reading.low)}–{two_digits(reading.high)})"


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]
