"""What the pages of the data room show."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Prefetch
from django.utils.translation import gettext as _

from core.models import Job
from dataquality.models import Check, CheckResult, DataSet, DataSetVersion
from dataquality.selectors.alerts import alerts_waiting
from dataquality.selectors.scores import (
    LEADING,
    ScoreShown,
    agreed_scores,
    finding,
    must_keep,
    results_of,
    shown_scores,
)
from projects.models import Project
from projects.selectors.requirements import freshness_target

VERSIONS_SHOWN = 100


@dataclass(frozen=True)
class DataSetRow:
    """One data set in the list of a project."""

    data_set: DataSet
    newest: DataSetVersion | None
    ready: DataSetVersion | None  # whose scores are shown
    scores: tuple[ScoreShown, ...]
    alerts: int  # that wait for somebody
    promises: bool  # whether it has a check

    @property
    def weakest(self) -> ScoreShown:
        """The lowest score, for narrow screens; one without a score if none has."""
        known = [each for each in self.scores if each.value is not None]
        return min(known or self.scores, key=lambda each: each.value or 0.0)


@dataclass(frozen=True)
class Shelf:
    """The data sets of a project, and what they say together."""

    rows: tuple[DataSetRow, ...]
    finding: str
    leading: DataSetVersion | None


def shelf(project: Project) -> Shelf:
    """Return the project's data sets with the scores of their newest ready versions."""
    agreed = agreed_scores(project)
    checks = Check.objects.live().filter(data_set=OuterRef("pk"))
    data_sets = DataSet.objects.filter(project=project, deleted_at=None).annotate(
        promises=Exists(checks)
    )
    # A list needs scores, not whole profiles.
    versions = DataSetVersion.objects.select_related("profile").defer(
        "profile__content", "profile__sample"
    )
    listed = data_sets.select_related("project").prefetch_related(
        Prefetch("versions", versions)
    )
    waiting = alerts_waiting([project]).get(project.pk, {})
    rows = tuple(_row(each, agreed, waiting.get(each.pk, 0)) for each in listed)
    with_data = [(row, row.ready) for row in rows if row.ready is not None]
    # The same choice as the overview makes: what promises something stands first.
    promising = [each for each in with_data if each[0].promises] or with_data
    leading = max(
        promising, key=lambda each: (each[1].created_at, each[1].pk), default=None
    )
    return Shelf(
        rows=rows,
        finding=_finding(leading[1], leading[0].scores) if leading else "",
        leading=leading[1] if leading else None,
    )


def _finding(version: DataSetVersion, scores: tuple[ScoreShown, ...]) -> str:
    return finding(scores, broken=must_keep(version.profile))


def _row(data_set: DataSet, agreed: dict[str, float], alerts: int) -> DataSetRow:
    versions = list(data_set.versions.all())
    for each in versions:
        each.data_set = data_set
    ready = next((each for each in versions if each.is_ready), None)
    scores = shown_scores(ready.profile if ready else None, agreed)
    return DataSetRow(
        data_set=data_set,
        newest=versions[0] if versions else None,
        ready=ready,
        scores=scores[: len(LEADING)],
        alerts=alerts,
        promises=data_set.promises,  # type: ignore[attr-defined]  # annotated
    )


def newest_ready(data_set: DataSet) -> DataSetVersion | None:
    """Return the newest version whose table can be used."""
    row = data_set.versions.filter(state=DataSetVersion.State.READY).first()
    if row is not None:
        row.data_set = data_set
    return row


@dataclass(frozen=True)
class VersionRow:
    """One version in the list of a data set."""

    version: DataSetVersion
    scores: tuple[ScoreShown, ...]


@dataclass(frozen=True)
class Promise:
    """A check in words, and whether the newest ready version breaks it."""

    words: str
    is_broken: bool


@dataclass(frozen=True)
class DataSetCard:
    """Everything the page of a data set says."""

    ready: DataSetVersion | None
    finding: str
    scores: tuple[ScoreShown, ...]
    rows: tuple[VersionRow, ...]
    promises: tuple[Promise, ...]  # the broken first
    broken: int  # checks that must hold and do not
    can_compare: bool
    jobs: tuple[Job, ...]  # of versions that are being read


def data_set_card(data_set: DataSet) -> DataSetCard:
    """Return what the page of a data set says."""
    agreed = agreed_scores(data_set.project)
    versions = list(
        data_set.versions.select_related("profile", "created_by", "job")
        .defer("profile__content", "profile__sample")
        .prefetch_related("tags")[:VERSIONS_SHOWN]
    )
    for each in versions:
        each.data_set = data_set
    rows = tuple(
        VersionRow(
            each,
            shown_scores(each.profile if each.is_ready else None, agreed)[
                : len(LEADING)
            ],
        )
        for each in versions
    )
    ready = [each for each in versions if each.is_ready]
    scores = shown_scores(ready[0].profile if ready else None, agreed)
    results = results_of(ready[0].profile) if ready else []
    broken = sum(each.fails_requirement for each in results)
    return DataSetCard(
        ready=ready[0] if ready else None,
        finding=finding(scores, broken=broken) if ready else "",
        scores=scores,
        rows=rows,
        promises=_promises(data_set, results),
        broken=broken,
        can_compare=len(ready) > 1,
        jobs=tuple(each.job for each in versions if each.is_under_way and each.job),
    )


def _promises(data_set: DataSet, results: Sequence[CheckResult]) -> tuple[Promise, ...]:
    """Return each live check in words; a requirement in force sets the age."""
    target = freshness_target(data_set.project)
    broken = {each.declared_check_id for each in results if not each.is_kept}
    found = []
    for check in data_set.checks.live():
        if check.kind == "freshness" and target is not None:
            check.params = {**check.params, "max_age_days": target.days}
            said = {"check": check.words, "asked": target.title}
            words = _("%(check)s, by “%(asked)s”") % said
        else:
            words = check.words
        found.append(Promise(words, is_broken=check.pk in broken))
    return tuple(sorted(found, key=lambda each: not each.is_broken))


def job_of(version: DataSetVersion) -> Job | None:
    """Return the job whose progress the page of a version shows."""
    unfinished = Job.objects.unfinished().filter(
        project_id=version.data_set.project_id,
        kind__in=["profile", "profile_again", "assess"],
        params__version_id=version.pk,
    )
    return unfinished.first() or (None if version.is_ready else version.job)


def newest_columns(data_set: DataSet) -> list[str]:
    """Return the columns of the newest version that is ready."""
    ready = data_set.versions.filter(state=DataSetVersion.State.READY)
    columns = ready.values_list("columns", flat=True).first()
    return [each["name"] for each in columns or []]
