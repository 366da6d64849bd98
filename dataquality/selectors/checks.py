"""What the Checks page of a data set shows."""

from dataclasses import dataclass

from django.utils.functional import Promise

from core.words import in_words
from dataquality.models import Check, CheckResult, DataSet, DataSetVersion, Profile
from dataquality.selectors.kinds import KIND_TITLES
from dataquality.selectors.pages import job_of, newest_ready
from dataquality.selectors.scores import LABELS
from engine.checks import KINDS, Declared
from engine.checks.documents import FORMATS, About
from engine.checks.suggest import suggest

FORMAT_TITLES = {
    "yaml": "YAML",
    "odcs": "Open Data Contract (ODCS 3)",
    "gx": "Great Expectations",
}


@dataclass(frozen=True)
class CheckRow:
    """One check and what became of it in the newest version."""

    check: Check
    title: str | Promise
    result: CheckResult | None


@dataclass(frozen=True)
class Group:
    """The checks of one dimension."""

    label: str
    rows: tuple[CheckRow, ...]


@dataclass(frozen=True)
class Suggestion:
    """A check that holds in the newest version, and is not declared yet."""

    id: str
    words: str
    title: str | Promise


@dataclass(frozen=True)
class Checks:
    """Everything the page says."""

    groups: tuple[Group, ...]
    total: int
    broken: int  # that must hold and do not
    newest: DataSetVersion | None
    is_running: bool
    suggestions: tuple[Suggestion, ...]
    formats: tuple[tuple[str, str], ...]


def checks_of(data_set: DataSet) -> Checks:
    """Return a data set's checks by dimension, with their newest results."""
    newest = newest_ready(data_set)
    profile = profile_of(newest)
    results = {}
    if profile is not None:
        results = {each.declared_check_id: each for each in profile.results.all()}
    checks = list(data_set.checks.live().select_related("owner"))
    groups = []
    for name, label in LABELS.items():
        rows = tuple(
            CheckRow(each, title_of(each.kind), results.get(each.pk))
            for each in checks
            if each.dimension == name
        )
        if rows:
            groups.append(Group(str(label), rows))
    found = [row.result for group in groups for row in group.rows if row.result]
    return Checks(
        groups=tuple(groups),
        total=len(checks),
        broken=sum(each.fails_requirement for each in found),
        newest=newest,
        is_running=newest is not None and job_of(newest) is not None,
        suggestions=tuple(
            Suggestion(each.id, in_words(each.check().words()), title_of(each.kind))
            for each in suggestions_for(data_set)
        ),
        formats=tuple((each, FORMAT_TITLES[each]) for each in FORMATS),
    )


def title_of(kind: str) -> str | Promise:
    """Return what a kind of check is called."""
    return KIND_TITLES[kind][0] if kind in KIND_TITLES else kind


def purpose_of(kind: str) -> str | Promise:
    """Return what a kind of check promises."""
    return KIND_TITLES[kind][1] if kind in KIND_TITLES else ""


@dataclass(frozen=True)
class KindOffered:
    """A kind of check to choose."""

    kind: str
    title: str | Promise
    purpose: str | Promise


def kinds_offered() -> tuple[tuple[str, tuple[KindOffered, ...]], ...]:
    """Return the kinds of checks by the dimension they are of."""
    return tuple(
        (
            str(label),
            tuple(
                KindOffered(kind, *KIND_TITLES[kind])
                for kind in KIND_TITLES
                if KINDS[kind].dimension == dimension
            ),
        )
        for dimension, label in LABELS.items()
    )


def profile_of(version: DataSetVersion | None) -> Profile | None:
    """Return the profile of a version, if it has one."""
    return Profile.objects.filter(version=version).first() if version else None


def suggestions_for(data_set: DataSet) -> list[Declared]:
    """Return what the newest profile suggests and the data set has not got.

    What lies in the trash was thrown away on purpose and is not suggested again.
    """
    profile = profile_of(newest_ready(data_set))
    if profile is None:
        return []
    there = [each.declared() for each in data_set.checks.all()]
    return suggest(profile.table(), there)


def about(data_set: DataSet) -> About:
    """Return what a document of checks says of the data set."""
    newest = newest_ready(data_set)
    columns = newest.columns if newest else []
    return About(
        name=data_set.slug,
        id=f"{data_set.project.slug}-{data_set.slug}",
        columns={each["name"]: each["kind"] for each in columns},
        retention_days=data_set.retention_days,
    )
