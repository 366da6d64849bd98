"""What is worth an alert, each condition in a sentence."""

from collections.abc import Sequence

from dataquality.models import DataSetVersion
from dataquality.selectors.arrivals import Expected
from dataquality.selectors.trends import Trends, trends_of
from engine.history import Series
from engine.numbers import plain
from engine.words import Sentence, gettext_noop
from projects.models import Evidence
from projects.selectors.requirements import versions_in_force

SUBJECT = "data_set_version"
NAMES = {
    "accuracy": gettext_noop("Accuracy"),
    "completeness": gettext_noop("Completeness"),
    "consistency": gettext_noop("Consistency"),
    "timeliness": gettext_noop("Timeliness"),
    "validity": gettext_noop("Validity"),
    "uniqueness": gettext_noop("Uniqueness"),
}
LEADING = tuple(f"{name}_score" for name in list(NAMES)[:4])
_BELOW = gettext_noop(
    "%(score)s of version %(n)s is %(value)s of 100, below what “%(title)s” asks for "
    "(%(least)s)."
)
_SCORE_ODD = gettext_noop(
    "%(score)s went from %(before)s to %(after)s of 100 with version %(n)s, out of step "
    "with the versions before (z = %(z)s)."
)
_ROWS_ODD = gettext_noop(
    "Version %(n)s has %(after)s rows after %(before)s, out of step with the versions "
    "before (z = %(z)s)."
)
_MISSING_ODD = gettext_noop(
    "%(after)s of %(column)s is missing in version %(n)s after %(before)s, out of step "
    "with the versions before (z = %(z)s)."
)
_MORE_ODD = gettext_noop("%(first)s %(more)s more columns are out of step.")
_LATE = gettext_noop(
    "No version came after version %(n)s of %(came)s; one was due on %(due)s."
)


def failed_scores(versions: Sequence[DataSetVersion]) -> dict[int, dict[str, str]]:
    """Return by version the requirements that its leading scores fail, by evidence."""
    found: dict[int, dict[str, str]] = {each.pk: {} for each in versions}
    by_id = {str(each.pk): each for each in versions}
    rows = Evidence.objects.filter(
        subject_kind=SUBJECT,
        subject_id__in=by_id,
        metric_key__in=LEADING,
        verdict=Evidence.Verdict.FAILED,
        superseded_by=None,
    ).select_related("requirement_version", "project")
    in_force: dict[int, set[int]] = {}
    for row in rows:
        asked = row.requirement_version
        version = by_id[row.subject_id]
        if row.project_id not in in_force:
            in_force[row.project_id] = {
                each.pk for each in versions_in_force(row.project)
            }
        if asked is None or asked.pk not in in_force[row.project_id]:
            continue
        bound = asked.bound_of(row.metric_key, row.slice)
        key = f"{asked.requirement_id}:{row.metric_key}"
        found[version.pk][key] = _BELOW % {
            "score": NAMES[row.metric_key.removesuffix("_score")],
            "n": version.number,
            "value": _of_100(row.value),
            "title": asked.title,
            "least": _of_100(bound.threshold if bound else None),
        }
    return found


def odd_changes(version: DataSetVersion) -> dict[str, str]:
    """Return what is out of step in a version, by what it is."""
    trends = trends_of(version.data_set, upto=version.number)
    found: dict[str, str] = {}
    for each in trends.scores:
        if each.ends_odd:
            found[f"{each.name}_score"] = _odd_score(each, version)
    if trends.rows.ends_odd:
        found["rows"] = _ROWS_ODD % {
            "n": version.number,
            "before": plain(int(_before(trends.rows))),
            "after": plain(int(trends.rows.values[-1] or 0)),
            "z": _z(trends.rows),
        }
    return found | _odd_gaps(trends, version)


def _odd_score(series: Series, version: DataSetVersion) -> Sentence:
    return _SCORE_ODD % {
        "score": NAMES[series.name],
        "n": version.number,
        "before": _of_100(_before(series)),
        "after": _of_100(series.values[-1]),
        "z": _z(series),
    }


def _odd_gaps(trends: Trends, version: DataSetVersion) -> dict[str, str]:
    """Return one sentence for all columns whose gaps are out of step, the worst first."""
    odd = [each for each in trends.missing if each.ends_odd]
    if not odd:
        return {}
    worst = max(odd, key=lambda each: abs(each.z[-1] or 0.0))
    said = _MISSING_ODD % {
        "after": f"{worst.values[-1] or 0.0:.1%}",
        "column": worst.name[:80],
        "n": version.number,
        "before": f"{_before(worst):.1%}",
        "z": _z(worst),
    }
    if len(odd) > 1:
        said = _MORE_ODD % {"first": said, "more": len(odd) - 1}
    return {"missing": said}


def late(newest: DataSetVersion, expected: Expected) -> Sentence:
    """Return that the version after the newest did not come."""
    return _LATE % {
        "n": newest.number,
        "came": f"{newest.created_at:%Y-%m-%d}",
        "due": f"{expected.due_at:%Y-%m-%d}",
    }


def _before(series: Series) -> float:
    """Return the last known value before the newest."""
    return next(each for each in reversed(series.values[:-1]) if each is not None)


def _of_100(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}"


def _z(series: Series) -> str:
    return f"{series.z[-1] or 0.0:.1f}".replace("-", "−")
