"""What was measured beside a compliance requirement: gaps of groups, personal data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from projects.kinds.catalogue import GAP
from projects.models import Evidence, Project
from projects.selectors.requirements import is_stale
from projects.selectors.shown import shown, shown_range

# How many columns of a data set version look personal; one row more for each of them,
# its name as the slice, the kind in words as the note.
PERSONAL_COLUMNS = "personal_columns"
PERSONAL_COLUMN = "personal_column"


@dataclass(frozen=True)
class Subject:
    """What was measured, by name and address."""

    label: str
    url: str


@dataclass(frozen=True)
class GapShown:
    """How far apart the groups of a slice are in one metric, or why nobody can tell."""

    slice: str
    metric: str
    value: str  # "" where it could not be measured
    between: str
    note: str
    glyph: str


@dataclass(frozen=True)
class Compared:
    """The groups a requirement wants compared, as the candidate does for them."""

    candidate: Subject | None
    gaps: tuple[GapShown, ...]
    lacking: tuple[str, ...]  # slices nothing was measured for


@dataclass(frozen=True)
class ColumnFound:
    """A column that looks personal."""

    column: str
    words: str  # what it looks like, and how that was seen
    data: Subject
    is_listed: bool
    is_sure: bool  # its values show it, not its name alone

    @property
    def glyph(self) -> str:
        """The shape that shows whether it is listed."""
        if self.is_listed:
            return "tick"
        return "failing" if self.is_sure else "waiting"


@dataclass(frozen=True)
class PersonalFound:
    """What profiles of the project's current data found, held against the list."""

    columns: tuple[ColumnFound, ...]
    data: tuple[Subject, ...]  # what was looked through
    is_denied: bool  # the answers say that no personal data is used

    @property
    def unlisted(self) -> tuple[ColumnFound, ...]:
        """The columns that the requirement does not list."""
        return tuple(each for each in self.columns if not each.is_listed)

    @property
    def is_sure(self) -> bool:
        """Whether the values of an unlisted column show that it is personal."""
        return any(each.is_sure for each in self.unlisted)


def candidate_of(project: Project) -> Subject | None:
    """Return the run the project's musts are judged by, from its evidence."""
    if project.candidate_kind != "run" or not project.candidate_id:
        return None
    row = Evidence.objects.filter(
        project=project, subject_kind="run", subject_id=project.candidate_id
    ).first()
    return Subject(row.subject_label, row.subject_url) if row else None


def compared(project: Project, details: Mapping[str, Any]) -> Compared | None:
    """Return how the candidate does for the groups to compare; None without any."""
    slices = details.get("slices") or ()
    if not slices:
        return None
    rows = Evidence.objects.filter(
        project=project,
        subject_kind="run",
        subject_id=project.candidate_id,
        metric_key__endswith=GAP,
        slice__in=slices,
        requirement_version=None,
        superseded_by=None,
    )
    titles = dict(project.metrics.values_list("key", "title"))
    by_place = sorted(rows.order_by("pk"), key=lambda row: slices.index(row.slice))
    metrics = list(dict.fromkeys(row.metric_key for row in by_place))
    found = sorted(by_place, key=lambda row: metrics.index(row.metric_key))
    return Compared(
        candidate=candidate_of(project),
        gaps=tuple(_gap(row, titles, project.currency) for row in found),
        lacking=tuple(each for each in slices if each not in {r.slice for r in found}),
    )


def _gap(row: Evidence, titles: Mapping[str, str], currency: str) -> GapShown:
    key = row.metric_key.removesuffix(GAP)
    is_known = row.value is not None
    return GapShown(
        slice=row.slice,
        metric=titles.get(key, key),
        value=shown(row.value, row.unit, currency) if is_known else "",
        between=shown_range(row.low, row.high, row.unit, currency),
        note=row.note,
        glyph="" if is_known else "waiting",
    )


def personal_found(project: Project, details: Mapping[str, Any]) -> PersonalFound:
    """Return the columns of the project's current data that look personal."""
    rows = [
        row
        for row in Evidence.objects.filter(
            project=project,
            subject_kind="data_set_version",
            metric_key__in=(PERSONAL_COLUMN, PERSONAL_COLUMNS),
            requirement_version=None,
            superseded_by=None,
        ).order_by("subject_label", "pk")
        if not is_stale(project, row)
    ]
    listed = {str(each).casefold() for each in details.get("pii_columns") or ()}
    answers = details.get("answers") or {}
    return PersonalFound(
        columns=tuple(
            ColumnFound(
                row.slice,
                row.note,
                _subject(row),
                is_listed=row.slice.casefold() in listed,
                is_sure=row.value is not None,
            )
            for row in rows
            if row.metric_key == PERSONAL_COLUMN
        ),
        data=tuple(_subject(row) for row in rows if row.metric_key == PERSONAL_COLUMNS),
        is_denied=(answers.get("personal_data") or {}).get("answer") == "no",
    )


def _subject(row: Evidence) -> Subject:
    return Subject(row.subject_label, f"{row.subject_url}#personal")
