"""How far a version has moved from another one, as pages and the API tell it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from charts import drift as charts
from core.models import Job
from dataquality.models import DataSetVersion, Drift
from dataquality.selectors.columns import COUNTED, Picture
from engine.drift import LARGE, LEAST_ROWS, MODERATE, ColumnDrift
from engine.drift import Drift as TableDrift
from engine.numbers import plain

TOP = 5
SHOWN = 1000  # columns in a table of a page; the API knows all
VERDICTS = {
    "stable": gettext_lazy("stable"),
    "moderate": gettext_lazy("moved"),
    "large": gettext_lazy("moved far"),
    "too few rows": gettext_lazy("too few rows to say"),
    "not compared": gettext_lazy("not compared"),
}


@dataclass(frozen=True)
class MovedColumn:
    """One column in words."""

    name: str
    kind: str
    verdict: str
    is_loud: bool
    effect: str  # Jensen-Shannon distance
    effect_per_cent: float  # of its scale, for a bar
    other: str  # the effect size that fits its kind, by name
    psi: str
    psi_value: float | None
    psi_words: str  # where it lies between the marks
    chance: str  # the p-value of its test, by name
    missing: str
    can_open: bool
    unseen: tuple[str, ...]


@dataclass(frozen=True)
class DriftShown:
    """How far a version has moved, from the sentence to the columns."""

    row: Drift
    finding: str
    columns: tuple[MovedColumn, ...]
    columns_left: int
    schema: tuple[str, ...]  # what was added, removed or changed its kind, in words
    rows: str
    method: str
    bounds: tuple[float, ...] = (MODERATE, LARGE)  # of the bands of PSI

    @property
    def is_pinned(self) -> bool:
        """Whether it is held against the data set's reference."""
        return self.row.reference_id == self.row.version.data_set.reference_version_id

    @property
    def top(self) -> tuple[MovedColumn, ...]:
        """The columns that moved most, for a report."""
        return tuple(each for each in self.columns if each.can_open)[:TOP]


def drift_between(after: DataSetVersion, before: DataSetVersion) -> DriftShown | None:
    """Return how far `after` has moved from `before`; None until it is computed."""
    rows = Drift.objects.filter(version=after, reference=before)
    row = rows.select_related("version__data_set", "reference").first()
    return shown_drift(row) if row else None


def drifts_of(version: DataSetVersion) -> tuple[DriftShown, ...]:
    """Return the drifts of a version's report: from the one before, from the pinned."""
    wanted = {version.parent_id, version.data_set.reference_version_id} - {None}
    rows = version.drifts.filter(
        reference__in=wanted, reference__deleted_at=None
    ).select_related("reference")
    found = []
    for row in rows.order_by("-reference__number"):
        row.version = version
        found.append(shown_drift(row))
    return tuple(found)


def drift_job(version: DataSetVersion) -> Job | None:
    """Return the job that holds the version against others now."""
    unfinished = Job.objects.unfinished().filter(
        project_id=version.data_set.project_id,
        kind="drift",
        params__version_id=version.pk,
    )
    return unfinished.first()


def shown_drift(row: Drift) -> DriftShown:
    """Return a drift in words."""
    table = row.table()
    return DriftShown(
        row=row,
        finding=_finding(row, table),
        columns=tuple(_moved(each) for each in table.columns[:SHOWN]),
        columns_left=max(len(table.columns) - SHOWN, 0),
        schema=_schema(table),
        rows=_rows(table),
        method=_method(table),
    )


def _finding(row: Drift, table: TableDrift) -> str:
    """Return the one sentence: which columns moved far, or that none did."""
    reference = row.reference.title
    far = [each.name for each in table.columns if each.verdict == "large"]
    some = [each.name for each in table.columns if each.verdict == "moderate"]
    if far or some:
        template = ngettext(
            "%(n)s column moved since %(reference)s, most of all %(names)s",
            "%(n)s columns moved since %(reference)s, most of all %(names)s",
            len(far) + len(some),
        )
        names = ", ".join((far + some)[:3])
        return template % {
            "n": len(far) + len(some),
            "reference": reference,
            "names": names,
        }
    compared = [each for each in table.columns if each.psi is not None]
    if not compared:
        return _("No column can be held against %(reference)s") % {
            "reference": reference
        }
    if any(each.verdict == "too few rows" for each in compared):
        return _("Too few rows to say whether a column moved since %(reference)s") % {
            "reference": reference
        }
    new = [each.name for each in compared if each.classes and each.classes.unseen]
    if new:
        return _("No column moved since %(reference)s; %(names)s has new values") % {
            "reference": reference,
            "names": ", ".join(new[:3]),
        }
    return _("No column moved since %(reference)s") % {"reference": reference}


def _rows(table: TableDrift) -> str:
    before, after = table.rows
    return _("%(before)s rows before, %(after)s now") % {
        "before": plain(before),
        "after": plain(after),
    }


def _schema(table: TableDrift) -> tuple[str, ...]:
    told = (
        (_("added: %(names)s"), table.added),
        (_("removed: %(names)s"), table.removed),
        (_("of another kind: %(names)s"), table.changed),
    )
    return tuple(
        words % {"names": ", ".join(names[:20]) + ("…" if len(names) > 20 else "")}
        for words, names in told
        if names
    )


def _method(table: TableDrift) -> str:
    return _(
        "Effect is the Jensen-Shannon distance: 0 alike, 1 nothing in common. PSI’s marks "
        "%(moderate)s and %(large)s are a convention, not a test; its shares are at least "
        "%(eps)s. Below %(least)s rows on a side nothing is called moved. A p-value "
        "rejects anything on enough rows: look at the effect first."
    ) % {
        "moderate": f"{MODERATE:g}",
        "large": f"{LARGE:g}",
        "eps": f"{table.eps:.4f}",
        "least": LEAST_ROWS,
    }


def _moved(column: ColumnDrift) -> MovedColumn:
    before, after = column.missing
    same = f"{before:.1%}" == f"{after:.1%}"
    return MovedColumn(
        name=column.name,
        kind=column.kind,
        verdict=str(VERDICTS[column.verdict]),
        is_loud=column.verdict in {"moderate", "large"},
        effect="–" if column.js is None else f"{column.js:.2f}",
        effect_per_cent=100 * column.effect,
        other=_other_effect(column),
        psi="–" if column.psi is None else f"{column.psi:.2f}",
        psi_value=column.psi,
        psi_words=_place(column.psi),
        chance=_chance(column),
        missing=f"{after:.1%}" if same else f"{before:.1%} → {after:.1%}",
        can_open=column.psi is not None,
        unseen=column.classes.unseen if column.classes else (),
    )


def _place(psi: float | None) -> str:
    """Return where a PSI lies between the marks, for those who see no bar."""
    if psi is None:
        return ""
    said = {"psi": f"{psi:.2f}", "moderate": f"{MODERATE:g}", "large": f"{LARGE:g}"}
    if psi < MODERATE:
        return _("PSI %(psi)s, below the first mark %(moderate)s") % said
    if psi < LARGE:
        return _("PSI %(psi)s, between the marks %(moderate)s and %(large)s") % said
    return _("PSI %(psi)s, past the second mark %(large)s") % said


def _other_effect(column: ColumnDrift) -> str:
    if column.classes is not None:
        return _("Cramér’s V %(value)s") % {"value": f"{column.classes.cramers_v:.2f}"}
    if column.numbers is None:
        return "–"
    said = _("KS %(ks)s") % {"ks": f"{column.numbers.ks:.2f}"}
    if column.numbers.wasserstein_sd is None:
        return said
    carried = _("carried %(sd)s sd") % {"sd": f"{column.numbers.wasserstein_sd:.2f}"}
    return f"{said}, {carried}"


def _chance(column: ColumnDrift) -> str:
    if column.classes is not None:
        return _("χ² %(p)s") % {"p": _p(column.classes.chi2_p)}
    if column.numbers is not None:
        return _("KS %(p)s") % {"p": _p(column.numbers.ks_p)}
    return "–"


def _p(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p {value:.3f}"


@dataclass(frozen=True)
class OpenedColumn:
    """One column of two versions, with its pictures."""

    name: str
    pictures: tuple[Picture, ...]
    unseen: tuple[str, ...]


def opened_column(
    after: DataSetVersion, before: DataSetVersion, name: str
) -> OpenedColumn | None:
    """Return the pictures of one column; None if it was not compared."""
    row = Drift.objects.filter(version=after, reference=before).first()
    columns = row.table().columns if row else ()
    found = [each for each in columns if each.name == name and each.psi is not None]
    if not found:
        return None
    column = found[0]
    titles = (before.title, after.title)
    shares = Picture(
        charts.shares_chart(column, titles, COUNTED),
        _("%(column)s: share of rows in each tenth of before") % {"column": column.name}
        if column.edges
        else _("%(column)s: share of rows in each class") % {"column": column.name},
        charts.describe_drift(column),
    )
    overlaid = _overlaid(after, before, column)
    pictures = (overlaid, shares) if overlaid else (shares,)
    unseen = column.classes.unseen if column.classes else ()
    return OpenedColumn(column.name, pictures, unseen)


def _overlaid(
    after: DataSetVersion, before: DataSetVersion, column: ColumnDrift
) -> Picture | None:
    """Return both histograms over each other, where both versions have one."""
    if not column.edges:
        return None
    old, new = (
        each.profile.table().column(column.name).histogram for each in (before, after)
    )
    if old is None or new is None:
        return None
    chart = charts.histograms_chart(
        old,
        new,
        (before.title, after.title),
        COUNTED,
        is_time=column.kind in {"date", "datetime"},
    )
    words = _("Area: %(before)s. Line: %(after)s. Each covers its own rows as a whole.")
    said = words % {"before": before.title, "after": after.title}
    return Picture(
        chart, _("%(column)s, both versions") % {"column": column.name}, said
    )
