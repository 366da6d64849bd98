"""A value case: what turns the estimates of several people into money."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from engine.errors import EngineError
from engine.value.case import correlation
from engine.value.case.correlation import Correlation
from engine.value.case.parts import (
    CELLS,
    COUNTED,
    MISSES,
    CaseProblem,
    Driver,
    Forecast,
    Per,
    Quantity,
)
from engine.value.case.stored import (
    driver_from_json,
    driver_to_json,
    forecast_from_json,
    quantity_from_json,
    quantity_to_json,
    read_text,
    read_text_or_none,
    read_whole,
)
from engine.value.formula import Expression, FormulaError, blocks_of, parse
from engine.words import gettext_noop as _
from engine.words import joined

MAX_HORIZON_YEARS = 50
_NEVER_APART = (frozenset({""}), frozenset({""}))  # what is multiplied by itself


@dataclass(frozen=True)
class ValueCase:
    """Quantities, and what they mean in money.

    Attributes
    ----------
    volume, prevalence : expression over the quantities, or None
        Cases per year and the share of them that is positive, of the target
        population. Without a volume nothing is counted per case: the yearly net
        is that of the drivers per year, and a run is not priced.
    tpr, fpr : str
        The names of the two quantities assumed until a run replaces them.
    ramp_up : tuple of float
        The share of the yearly net reached in year 1, 2, …; 1 afterwards.
    success_probability : float
        The chance that anything is gained or paid yearly; one-off amounts fall
        due either way.
    forecast : Forecast, optional
        Makes it a regression case: the volume counts forecasts, its drivers count
        per unit of error less than today, and no prevalence is needed.
    correlations : tuple of Correlation
        The pairs of quantities that move together; all others are independent.
    metrics : tuple of str
        The names of the quantities that are metrics of a model, assumed until a run
        replaces them; none in a case that counts cases or errors of forecasts.
    """

    quantities: tuple[Quantity, ...]
    drivers: tuple[Driver, ...]
    volume: str | None
    prevalence: str | None
    horizon_years: int
    discount_rate: float
    tpr: str = "tpr"
    fpr: str = "fpr"
    ramp_up: tuple[float, ...] = ()
    success_probability: float = 1.0
    forecast: Forecast | None = None
    correlations: tuple[Correlation, ...] = ()
    metrics: tuple[str, ...] = ()

    @cached_property
    def by_name(self) -> dict[str, Quantity]:
        """The quantities by their names."""
        return {quantity.name: quantity for quantity in self.quantities}

    @cached_property
    def volume_formula(self) -> Expression:
        """Cases per year; raises CaseProblem without a volume."""
        return _formula(self.volume, "volume")

    @cached_property
    def prevalence_formula(self) -> Expression:
        """The positive share; raises CaseProblem without one."""
        return _formula(self.prevalence, "prevalence")

    @property
    def is_per_case(self) -> bool:
        """Whether it counts cases caught and missed, so that classifiers have a price."""
        return self.volume is not None and self.forecast is None

    @property
    def is_forecast(self) -> bool:
        """Whether the case counts errors of forecasts, so that regressions have one."""
        return self.forecast is not None

    @cached_property
    def forecast_formulas(self) -> dict[str, Expression]:
        """The expressions of the forecast by name; none in any other case."""
        items = self.forecast.items() if self.forecast else ()
        return {name: parse(text) for name, text in items}

    def counted(self, *pers: Per) -> tuple[Driver, ...]:
        """Return the drivers that are added up, for any of `pers`."""
        return tuple(d for d in self.drivers if d.is_counted and d.per in pers)

    def means(self) -> dict[str, float]:
        """Return the mean of each quantity, after clipping."""
        return {quantity.name: quantity.mean for quantity in self.quantities}

    @cached_property
    def blocks(self) -> tuple[tuple[str, ...], ...]:
        """The names of the quantities in independent blocks, in order."""
        return correlation.blocks(self.by_name, self.correlations)

    @cached_property
    def linked(self) -> tuple[tuple[str, ...], ...]:
        """The blocks of quantities that move together with another one."""
        return tuple(block for block in self.blocks if len(block) > 1)

    @property
    def measured(self) -> "ValueCase":
        """The case once a run has measured its two rates, or its metrics.

        What was believed of them moved with other quantities; the error of a test
        set does not.
        """
        known = {self.tpr, self.fpr} if self.is_per_case else set(self.metrics)
        if not any(known & c.pair for c in self.correlations):
            return self
        kept = tuple(c for c in self.correlations if not known & c.pair)
        return replace(self, correlations=kept)

    @cached_property
    def is_multilinear(self) -> bool:
        """Whether the mean of the yearly net is the net of the means.

        It is not where a quantity is multiplied by one that moves with it.
        """
        return self._keeps_means(
            {name: block[0] for block in self.linked for name in block}
        )

    @cached_property
    def is_linear_in_each(self) -> bool:
        """Whether the net is linear in each quantity, the others held."""
        return self._keeps_means({})

    def _keeps_means(self, alike: Mapping[str, str]) -> bool:
        formulas = [driver.formula for driver in self.counted(*Per)]
        if not all(formula.is_multilinear(alike) for formula in formulas):
            return False
        if self.forecast is not None:
            products = self._products_of_forecast(self.forecast, alike)
        else:
            products = self._products(alike) if self.is_per_case else iter(())
        return all(_are_apart(factors, alike) for factors in products)

    def _products_of_forecast(
        self, forecast: Forecast, alike: Mapping[str, str]
    ) -> Iterator[tuple[frozenset[str], ...]]:
        volume = self.volume_formula
        formulas = (volume, *self.forecast_formulas.values())
        if not all(formula.is_multilinear(alike) for formula in formulas):
            yield _NEVER_APART
        missed = {
            Per.UNDER: parse(forecast.under_today).names | parse(forecast.under).names,
            Per.OVER: parse(forecast.over_today).names | parse(forecast.over).names,
        }
        for driver in self.counted(*MISSES):
            yield (volume.names, missed[driver.per], driver.formula.names)

    def _products(
        self, alike: Mapping[str, str]
    ) -> Iterator[tuple[frozenset[str], ...]]:
        shared = (self.volume_formula, self.prevalence_formula)
        if not all(formula.is_multilinear(alike) for formula in shared):
            yield _NEVER_APART
        # The rates are added up, never multiplied by each other: one factor.
        rates = frozenset({self.tpr, self.fpr})
        base = (*(formula.names for formula in shared), rates)
        yield base
        for driver in self.counted(*CELLS):
            yield (*base, driver.formula.names)

    def problems(self) -> list[str]:
        """Return what keeps the case from being computed, one sentence each."""
        return [
            *_repeated(_("quantity"), (q.name for q in self.quantities)),
            *_repeated(_("driver"), (d.name for d in self.drivers)),
            *self._problems_of_quantities(),
            *self._problems_of_drivers(),
            *self._problems_of_cases(),
            *self._problems_of_metrics(),
            *self._problems_of_time(),
            *correlation.problems(self.correlations, self.by_name),
        ]

    def check(self) -> None:
        """Raise CaseProblem with everything that `problems` found."""
        if found := self.problems():
            raise CaseProblem(joined("; ", found))

    def _problems_of_quantities(self) -> Iterator[str]:
        for quantity in self.quantities:
            if not quantity.name.isidentifier() or not quantity.name.isascii():
                yield _(
                    "quantity %(name)r: use letters, digits and underscores, starting "
                    "with a letter"
                ) % {"name": quantity.name}
            if not quantity.lower <= quantity.upper:
                yield _(
                    "quantity %(name)r: lower bound %(low)g is not at most upper bound "
                    "%(high)g"
                ) % {
                    "name": quantity.name,
                    "low": quantity.lower,
                    "high": quantity.upper,
                }

    def _problems_of_drivers(self) -> Iterator[str]:
        if not self.counted(*Per):
            yield _("no driver is counted in money: add at least one")
        rates = {self.tpr, self.fpr} if self.is_per_case else set()
        for driver in self.drivers:
            where = _("driver %(name)r") % {"name": driver.name}
            if driver.counted not in COUNTED:
                yield _("%(where)s: counted %(counted)r is none of %(known)s") % {
                    "where": where,
                    "counted": driver.counted,
                    "known": COUNTED,
                }
            yield from self._problems_of_text(where, driver.expression)
            if named := sorted(rates & _names_in(driver.expression)):
                yield _(
                    "%(where)s names %(name)r: the share of cases in each cell is "
                    "multiplied in already; leave it out"
                ) % {"where": where, "name": named[0]}

    def _problems_of_text(self, where: str, text: str) -> Iterator[str]:
        try:
            parse(text).check_names(self.by_name)
        except FormulaError as problem:
            yield _("%(where)s: %(problem)s") % {
                "where": where,
                "problem": problem.args[0],
            }

    def _problems_of_metrics(self) -> Iterator[str]:
        for name in self.metrics:
            if name not in self.by_name:
                yield _("metric %(name)r is no quantity: assume a value for now") % {
                    "name": name
                }
        if self.metrics and (self.volume is not None or self.forecast):
            yield _(
                "a case that counts cases or errors of forecasts is priced by those: "
                "name no metrics, or empty its volume"
            )

    def _problems_of_cases(self) -> Iterator[str]:
        if self.forecast is not None:
            yield from self._problems_of_forecast(self.forecast)
            return
        for driver in self.counted(*MISSES):
            yield _(
                "driver %(name)r counts per unit of error (%(per)s) but the case has no "
                "forecast: say how far forecasts miss today"
            ) % {"name": driver.name, "per": driver.per}
        if self.volume is None:
            for driver in self.counted(*CELLS):
                yield _(
                    "driver %(name)r counts per case (%(per)s) but the case has no "
                    "volume: name the cases per year, or count per year"
                ) % {"name": driver.name, "per": driver.per}
            return
        yield from self._problems_of_text(_("volume"), self.volume)
        if self.prevalence is None:
            yield _("a volume needs a prevalence: name the share of positive cases")
        else:
            yield from self._problems_of_text(_("prevalence"), self.prevalence)
        for name, meaning in (
            (self.tpr, _("recall")),
            (self.fpr, _("false alarm rate")),
        ):
            if name not in self.by_name:
                yield _("quantity %(name)r is missing: assume a %(rate)s for now") % {
                    "name": name,
                    "rate": meaning,
                }

    def _problems_of_forecast(self, forecast: Forecast) -> Iterator[str]:
        for driver in self.counted(*CELLS):
            yield _(
                "driver %(name)r counts per case (%(per)s) but the case counts errors of "
                "forecasts: count per unit of error, or per year"
            ) % {"name": driver.name, "per": driver.per}
        if self.volume is None:
            yield _("a forecast needs a volume: name the forecasts per year")
        else:
            yield from self._problems_of_text(_("volume"), self.volume)
        for name, text in forecast.items():
            where = _("forecast, %(name)s") % {"name": name}
            yield from self._problems_of_text(where, text)

    def _problems_of_time(self) -> Iterator[str]:
        if not 1 <= self.horizon_years <= MAX_HORIZON_YEARS:
            yield _("horizon of %(n)d years: choose 1 to %(most)d") % {
                "n": self.horizon_years,
                "most": MAX_HORIZON_YEARS,
            }
        if not -1 < self.discount_rate < math.inf:
            yield _("discount rate %(rate)s: choose one above -1, as 0.08") % {
                "rate": self.discount_rate
            }
        if not 0 <= self.success_probability <= 1:
            yield _("success probability %(share)s: choose a share from 0 to 1") % {
                "share": self.success_probability
            }
        if not all(0 <= share < math.inf for share in self.ramp_up):
            yield _("ramp-up %(shares)s: each year's share must be 0 or more") % {
                "shares": self.ramp_up
            }

    def to_json(self) -> dict[str, Any]:
        """Return the case as JSON; the same case always gives the same content."""
        more: dict[str, Any] = {}
        if self.forecast:
            more["forecast"] = dict(self.forecast.items())
        if self.correlations:
            more["correlations"] = list(map(correlation.to_json, self.correlations))
        if self.metrics:
            more["metrics"] = list(self.metrics)
        return more | {
            "quantities": [quantity_to_json(q) for q in self.quantities],
            "drivers": [driver_to_json(d) for d in self.drivers],
            "volume": self.volume,
            "prevalence": self.prevalence,
            "tpr": self.tpr,
            "fpr": self.fpr,
            "horizon_years": self.horizon_years,
            "discount_rate": float(self.discount_rate),
            "ramp_up": [float(share) for share in self.ramp_up],
            "success_probability": float(self.success_probability),
        }

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "ValueCase":
        """Return the case that `to_json` wrote.

        Raises
        ------
        CaseProblem
            If a part is missing or has an unknown value.
        """
        try:
            return cls(
                quantities=tuple(map(quantity_from_json, content["quantities"])),
                drivers=tuple(map(driver_from_json, content["drivers"])),
                volume=read_text_or_none(content, "volume"),
                prevalence=read_text_or_none(content, "prevalence"),
                tpr=read_text(content, "tpr"),
                fpr=read_text(content, "fpr"),
                horizon_years=read_whole(content, "horizon_years"),
                discount_rate=float(content["discount_rate"]),
                ramp_up=tuple(map(float, content["ramp_up"])),
                success_probability=float(content["success_probability"]),
                forecast=forecast_from_json(content.get("forecast")),
                correlations=tuple(
                    map(correlation.from_json, content.get("correlations", ()))
                ),
                metrics=tuple(content.get("metrics", ())),
            )
        except KeyError as missing:
            msg = f"value case: {missing} is missing; write it with to_json"
            raise CaseProblem(msg) from missing
        except EngineError:
            raise
        except (TypeError, AttributeError, ValueError) as error:
            msg = f"value case: {error}; write it with to_json"
            raise CaseProblem(msg) from error


def _are_apart(factors: tuple[frozenset[str], ...], alike: Mapping[str, str]) -> bool:
    """Whether no factor of a product depends on another one."""
    owners = [blocks_of(names, alike) for names in factors]
    return len(frozenset().union(*owners)) == sum(map(len, owners))


def _formula(text: str | None, what: str) -> Expression:
    if text is None:
        msg = _("the value case has no %(what)s: name one to count single cases") % {
            "what": what
        }
        raise CaseProblem(msg)
    return parse(text)


def _names_in(text: str) -> frozenset[str]:
    try:
        return parse(text).names
    except FormulaError:
        return frozenset()


def _repeated(what: str, names: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield _("%(what)s %(name)r appears twice: rename one") % {
                "what": what,
                "name": name,
            }
        seen.add(name)
