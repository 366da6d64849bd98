"""What each shared platform costs, whom it serves, and whether it pays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from engine.numbers import money
from engine.value.portfolio import Candidate, PlatformPrice, Rules, price_platforms
from engine.value.simulate import Summary, summarise
from projects.models import PlatformUse
from projects.selectors.portfolio.choice import Problem
from projects.selectors.portfolio.platforms import PricedPlatform


@dataclass(frozen=True)
class Share:
    """One project's part of a platform."""

    use: PlatformUse
    gain: float | None  # of the project, a year; None if it is not counted
    bears: float  # of what the platform costs, a year; 0 where it is not done
    adds: float  # what the platform is worth to it, a year

    @property
    def after(self) -> float | None:
        """What the project brings after its share."""
        return None if self.gain is None else self.gain - self.bears


@dataclass(frozen=True)
class PlatformPage:
    """What a platform costs and brings, with the portfolio chosen anew without it."""

    priced: PricedPlatform
    price: PlatformPrice | None  # None without a rate or a counted project
    shares: tuple[Share, ...]
    gain: Summary | None  # what it adds after its cost, a year
    currency: str

    @property
    def cost(self) -> str:
        """What it costs a year."""
        return money(self.priced.yearly or 0.0, self.currency)

    @property
    def enabled(self) -> list[Share]:
        """The projects that are done with it, what gains most by it first."""
        return sorted(
            (each for each in self.shares if each.adds > 0), key=lambda one: -one.adds
        )

    @property
    def unless(self) -> int | None:
        """How few of its projects have to fail until it does not pay; None: it never does."""
        return fewest_failing(
            [each.adds for each in self.enabled], self.priced.yearly or 0.0
        )

    @property
    def answer(self) -> str:
        """What it costs, whom it serves, whether it pays: one sentence."""
        name = self.priced.platform.name
        if self.priced.yearly is None:
            return _("%(name)s is not counted: %(why)s.") % {
                "name": name,
                "why": self.priced.words,
            }
        if not self.enabled:
            return _(
                "%(name)s costs %(cost)s a year, and no counted project uses it."
            ) % {
                "name": name,
                "cost": self.cost,
            }
        worth = sum(each.adds for each in self.enabled)
        words = ngettext(
            "%(name)s costs %(cost)s a year and serves %(n)s project to which it is "
            "worth %(worth)s: %(verdict)s",
            "%(name)s costs %(cost)s a year and serves %(n)s projects to which it is "
            "worth %(worth)s: %(verdict)s",
            len(self.enabled),
        )
        return words % {
            "name": name,
            "cost": self.cost,
            "n": len(self.enabled),
            "worth": money(worth, self.currency),
            "verdict": self.verdict,
        }

    @property
    def verdict(self) -> str:
        """Whether it pays, and until when."""
        few = self.unless
        if few == 1 == len(self.enabled):
            return _("it pays unless that one fails.")
        if few == 0:
            missing = (self.priced.yearly or 0.0) - sum(
                each.adds for each in self.enabled
            )
            return _("it does not pay, %(money)s a year are missing.") % {
                "money": money(missing, self.currency)
            }
        if few is None:
            return _("it pays.")
        return ngettext(
            "it pays unless one of them fails.",
            "it pays unless %(n)s of them fail.",
            few,
        ) % {"n": few}

    @property
    def pays(self) -> bool:
        """Whether its projects are worth more than it costs."""
        return bool(self.enabled) and self.unless != 0

    @property
    def moved(self) -> str:
        """What the portfolio brings without it, with all else chosen anew."""
        if self.price is None or not self.price.worth or not self.enabled:
            return ""
        words = (
            _("Chosen anew without it, the portfolio brings %(money)s a year less.")
            if self.price.worth > 0
            else _(
                "Chosen anew without it, the portfolio brings %(money)s a year more."
            )
        )
        return words % {"money": money(abs(self.price.worth), self.currency)}

    @property
    def aside(self) -> str:
        """How sure that is."""
        if self.gain is None or not self.enabled:
            return ""
        return _(
            "After its cost it adds %(low)s to %(high)s a year, 9 times in 10."
        ) % {
            "low": money(self.gain.p5, self.currency),
            "high": money(self.gain.p95, self.currency),
        }


def paying_words(pages: Sequence[PlatformPage]) -> str:
    """Return how many platforms pay for themselves, in one sentence."""
    used = [each for each in pages if each.enabled]
    if not used:
        return _("No platform serves a counted project yet.")
    paying = sum(each.pays for each in used)
    return ngettext(
        "%(paying)s of %(n)s platform pays for itself.",
        "%(paying)s of %(n)s platforms pay for themselves.",
        len(used),
    ) % {"paying": paying, "n": len(used)}


def fewest_failing(worths: Sequence[float], cost: float) -> int | None:
    """Return how few must fall away until the rest is worth less than the cost.

    0 if all together are worth less already; None if even nothing is enough, as for
    a platform that costs nothing.
    """
    left = sum(worths)
    if left < cost:
        return 0
    for count, worth in enumerate(sorted(worths, reverse=True), start=1):
        left -= worth
        if left < cost:
            return count
    return None


def platform_pages(problem: Problem) -> list[PlatformPage]:
    """Return the platforms with their price in a portfolio without limits."""
    candidates = {each.key: each for each in problem.candidates()}
    prices = {
        each.key: each
        for each in price_platforms(
            tuple(candidates.values()), Rules(), problem.built()
        )
    }
    every = (*problem.platforms.values(), *problem.unpriced)
    pages = [_page(each, problem, prices.get(each.key), candidates) for each in every]
    return sorted(pages, key=lambda each: each.priced.platform.name.casefold())


def _page(
    priced: PricedPlatform,
    problem: Problem,
    price: PlatformPrice | None,
    candidates: Mapping[str, Candidate],
) -> PlatformPage:
    bears = price.allocated if price else {}
    shares = tuple(
        Share(
            use=use,
            gain=candidates[key].worth if key in candidates else None,
            bears=bears.get(key, 0.0),
            adds=_added(use, candidates.get(key), priced.unit),
        )
        for use in priced.uses
        for key in [use.project.slug]
    )
    return PlatformPage(
        priced=priced,
        price=price,
        shares=shares,
        gain=_gain(priced, shares, candidates),
        currency=problem.rates.reporting,
    )


def _added(use: PlatformUse, candidate: Candidate | None, unit: float | None) -> float:
    """Return what a platform is worth to a project that is done with it, a year."""
    if candidate is None or unit is None or candidate.worth <= 0:
        return 0.0
    if use.is_needed:
        return candidate.worth
    return min(unit * float(use.cost_without), candidate.worth)


def _gain(
    priced: PricedPlatform, shares: Sequence[Share], candidates: Mapping[str, Candidate]
) -> Summary | None:
    served = [each for each in shares if each.adds > 0]
    if priced.yearly is None or not served:
        return None
    draws = np.full(1, -priced.yearly)
    for each in served:
        drawn = candidates[each.use.project.slug].value_draws
        is_enabled = each.use.is_needed and drawn is not None
        draws = draws + (drawn if is_enabled else each.adds)
    return summarise(draws)
