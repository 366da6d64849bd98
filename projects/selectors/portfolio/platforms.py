"""Shared platforms as the optimiser prices them, in the reporting currency."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.access import Actor, Right
from engine.value.portfolio import Platform as EnginePlatform
from engine.value.portfolio import Use
from projects.models import Platform, PlatformUse, Project
from projects.selectors.portfolio.rates import Rates

DEFAULT_YEARS = 3
PREFIX = "platform:"


def key_of(platform: Platform) -> str:
    """Return what names a platform among projects; no short name holds a colon."""
    return f"{PREFIX}{platform.pk}"


@dataclass(frozen=True)
class PricedPlatform:
    """A platform, what it costs, and which of the reader's projects build on it."""

    platform: Platform
    uses: tuple[PlatformUse, ...]  # by projects the reader may see
    years: int  # over which its cost to build is spread
    yearly: float | None  # in the reporting currency; None without a rate
    budget: float | None  # to build it and run it for a year
    unit: float | None  # what 1 of its currency is worth

    @property
    def key(self) -> str:
        """What names it among projects."""
        return key_of(self.platform)

    @property
    def words(self) -> str:
        """Why it is not counted."""
        if self.yearly is not None:
            return ""
        return _("no rate for %(currency)s") % {"currency": self.platform.currency}

    def to_engine(self, keys: set[str]) -> EnginePlatform:
        """Return it for the engine, with its uses among these projects.

        Raises
        ------
        ValueError
            If there is no rate for its currency.
        """
        if self.yearly is None or self.budget is None or self.unit is None:
            raise ValueError(self.words)
        return EnginePlatform(
            key=self.key,
            value=-self.yearly,
            cost=self.budget,
            uses=tuple(
                Use(
                    key=each.project.slug,
                    weight=each.weight,
                    is_needed=each.is_needed,
                    cost_without=self.unit * float(each.cost_without),
                )
                for each in self.uses
                if each.project.slug in keys
            ),
        )


def priced_platforms(actor: Actor, rates: Rates) -> list[PricedPlatform]:
    """Return the platforms somebody sees; of their projects only those they see too."""
    seen = PlatformUse.objects.filter(
        project__in=Project.objects.visible_to(actor).filter(archived_at=None)
    ).select_related("project")
    rows = list(Platform.objects.visible_to(actor))
    uses: dict[int, list[PlatformUse]] = {each.pk: [] for each in rows}
    for use in seen.filter(platform__in=rows).order_by("project__name"):
        uses[use.platform_id].append(use)
    return [_priced(each, uses[each.pk], rates) for each in rows]


def _priced(
    platform: Platform, uses: Sequence[PlatformUse], rates: Rates
) -> PricedPlatform:
    unit = rates.worth(1.0, platform.currency)
    once, yearly = float(platform.cost_once), float(platform.cost_yearly)
    years = max((each.project.horizon_years for each in uses), default=DEFAULT_YEARS)
    return PricedPlatform(
        platform=platform,
        uses=tuple(uses),
        years=years,
        yearly=None if unit is None else unit * (yearly + once / years),
        budget=None if unit is None else unit * (once + yearly),
        unit=unit,
    )


def deleted_platforms(actor: Actor) -> QuerySet[Platform]:
    """Return the platforms of somebody's own that lie in the trash."""
    if actor.user is None or actor.only_project_id or actor.limit < Right.EDIT:
        return Platform.objects.none()
    return Platform.objects.filter(created_by=actor.user, deleted_at__isnull=False)
