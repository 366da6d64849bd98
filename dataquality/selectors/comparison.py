"""What changed from one version of a data set to another, column by column."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from dataquality.models import DataSetVersion, Profile
from dataquality.selectors.scores import ScoreShown, shown_scores
from engine.numbers import plain
from engine.profile import ColumnProfile

# Shares that differ by less are the same to a reader.
SAME_SHARE = 0.0005


@dataclass(frozen=True)
class Change:
    """One column in two versions; None where it is not there."""

    name: str
    words: str
    before: ColumnProfile | None
    after: ColumnProfile | None
    is_loud: bool  # it came, went, or changed its kind

    @property
    def kind(self) -> str:
        """What it holds now, or held last."""
        column = self.after or self.before
        return column.kind if column else ""


@dataclass(frozen=True)
class ScoreChange:
    """One dimension in two versions."""

    before: ScoreShown
    after: ScoreShown


@dataclass(frozen=True)
class Comparison:
    """Two versions side by side."""

    before: DataSetVersion
    after: DataSetVersion
    rows_gained: int
    changes: tuple[Change, ...]  # of columns that differ
    unchanged: int
    scores: tuple[ScoreChange, ...]

    @property
    def rows_words(self) -> str:
        """How many rows more or fewer there are."""
        if not self.rows_gained:
            return _("as many rows")
        number = plain(abs(self.rows_gained))
        more = _("%(n)s rows more") if self.rows_gained > 0 else _("%(n)s rows fewer")
        return more % {"n": number}


def compare_versions(before: DataSetVersion, after: DataSetVersion) -> Comparison:
    """Return what changed; both versions are ready."""
    old, new = _columns(before.profile), _columns(after.profile)
    names = [*new, *(name for name in old if name not in new)]
    changes = tuple(
        change
        for name in names
        if (change := _change(name, old.get(name), new.get(name)))
    )
    pairs = zip(
        shown_scores(before.profile, {}), shown_scores(after.profile, {}), strict=True
    )
    return Comparison(
        before=before,
        after=after,
        rows_gained=(after.rows or 0) - (before.rows or 0),
        changes=changes,
        unchanged=len(names) - len(changes),
        scores=tuple(ScoreChange(*pair) for pair in pairs),
    )


def _columns(profile: Profile) -> dict[str, ColumnProfile]:
    return {column.name: column for column in profile.table().columns}


def _change(
    name: str, old: ColumnProfile | None, new: ColumnProfile | None
) -> Change | None:
    """Return how a column differs, or None if it does not."""
    if old is None or new is None:
        words = _("added") if old is None else _("removed")
        return Change(name, words, old, new, is_loud=True)
    said = []
    if old.kind != new.kind:
        said.append(_("%(old)s became %(new)s") % {"old": old.kind, "new": new.kind})
    if abs(old.missing_share - new.missing_share) > SAME_SHARE:
        said.append(_more_missing(old, new))
    if old.distinct != new.distinct:
        said.append(
            _("%(old)s different values, now %(new)s")
            % {"old": plain(old.distinct), "new": plain(new.distinct)}
        )
    if not said:
        return None
    return Change(name, ", ".join(said), old, new, is_loud=old.kind != new.kind)


def _more_missing(old: ColumnProfile, new: ColumnProfile) -> str:
    words = (
        _("more missing")
        if new.missing_share > old.missing_share
        else _("less missing")
    )
    return f"{words} ({old.missing_share:.1%} → {new.missing_share:.1%})"
