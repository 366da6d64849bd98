"""A choice of projects in words: what is in, what is out and why, what would change it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from charts.marks import Axis, axis_for
from engine.numbers import money, per_hundred, plain, two_digits
from engine.value.portfolio import Rule, Rules, WhatIf
from engine.version import ENGINE_VERSION
from projects.selectors.portfolio.asked_rules import (
    free_key,
    pairs_of,
    query_of,
    with_key,
    without_key,
)
from projects.selectors.portfolio.choice import SEED, Choice, Problem
from projects.selectors.portfolio.rows import PortfolioRow

NAMED = 2  # names in a sentence before "and 3 more"
MOST_LEFT_OUT = 15  # lines before the rest waits behind a click
SAME = 0.5  # of the currency; less is rounding


@dataclass(frozen=True)
class Line:
    """One project of the choice, or one that was left out."""

    row: PortfolioRow
    often: str  # in how many of a hundred futures it is chosen
    why: str  # what taking it, or leaving it out, would do
    is_ruled: bool  # a rule says so
    url_with: str
    url_without: str
    url_free: str


@dataclass(frozen=True)
class PlatformLine:
    """A platform that is bought, or not."""

    name: str
    cost: float  # a year, as a negative amount
    is_in: bool
    users: int


@dataclass(frozen=True)
class Answer:
    """What would be chosen if one thing were different."""

    change: str
    effect: str
    how: str  # what comes in and what goes


@dataclass(frozen=True)
class RuleLine:
    """One rule, and the address without it."""

    words: str
    url: str


@dataclass(frozen=True)
class ChoicePage:
    """The optimiser's page."""

    problem: Problem
    choice: Choice | None  # None if the rules contradict each other
    contradiction: tuple[Rule, ...]
    asked: Rules  # as the address has them

    @property
    def currency(self) -> str:
        """What sums are in."""
        return self.problem.rates.reporting

    @property
    def is_shrunk(self) -> bool:
        """Whether gains are shrunk by what came true in the past."""
        return self.problem.shrink is not None

    def _url(self, rules: Rules) -> str:
        return query_of(rules, is_shrunk=self.is_shrunk)

    @property
    def has_limits(self) -> bool:
        """Whether budget or people are limited."""
        return self.asked.budget is not None or self.asked.people is not None

    @property
    def params(self) -> list[tuple[str, str]]:
        """The rules but the limits, for the hidden fields of a form."""
        bare = replace(self.problem.rules, budget=None, people=None)
        return pairs_of(bare, is_shrunk=False)

    @property
    def every_param(self) -> list[tuple[str, str]]:
        """All rules, for the form that saves them."""
        return pairs_of(self.problem.rules, is_shrunk=self.is_shrunk)

    @property
    def answer(self) -> str:
        """What to do, in one sentence."""
        if self.choice is None:
            return _("These rules contradict each other.")
        found = self.choice.selection
        if not found.chosen:
            return _("Nothing is worth doing under these rules.")
        words = ngettext(
            "Do %(n)s of %(all)s projects: it brings about %(money)s a year,",
            "Do %(n)s of %(all)s projects: they bring about %(money)s a year,",
            len(found.chosen),
        )
        return words % {
            "n": len(found.chosen),
            "all": len(self.problem.rows),
            "money": money(found.value, self.currency),
        }

    @property
    def aside(self) -> str:
        """How sure that is."""
        found = self.choice.selection if self.choice else None
        if found is None or found.p5 is None or found.p95 is None or not found.chosen:
            return ""
        return _("9 times in 10 between %(low)s and %(high)s.") % {
            "low": money(found.p5, self.currency),
            "high": money(found.p95, self.currency),
        }

    @property
    def note(self) -> str:
        """What it takes, and what the limits leave."""
        if self.choice is None:
            return _("Drop one of them; the others can be kept.")
        found, rules = self.choice.selection, self.problem.rules
        parts = [
            _("They take %(cost)s of %(budget)s")
            % {
                "cost": money(found.cost, self.currency),
                "budget": money(rules.budget, self.currency),
            }
            if rules.budget is not None
            else _("They take %(cost)s") % {"cost": money(found.cost, self.currency)},
            _("%(people)s of %(most)s people")
            % {"people": _count(found.people), "most": _count(rules.people)}
            if rules.people is not None
            else _("%(people)s people") % {"people": _count(found.people)},
        ]
        said = _("%(cost)s and %(people)s.") % {"cost": parts[0], "people": parts[1]}
        if not self.has_limits:
            return said + " " + _("Nothing is limited yet: all that gains is in.")
        if not found.is_proven:
            return said + " " + _("The search was cut short: better may exist.")
        return said

    @property
    def unknown_people(self) -> int:
        """How many projects do not say how many people they need."""
        return sum(each.people is None for each in self.problem.rows.values())

    @cached_property
    def axis(self) -> Axis:
        """The scale of all range bars."""
        figures = [each.figures for each in self.problem.rows.values() if each.figures]
        ends = [end for each in figures for end in (each.low, each.high)]
        return axis_for(ends, currency=self.currency)

    @cached_property
    def chosen(self) -> list[Line]:
        """What is in, what brings most first."""
        inside = set(self.choice.selection.chosen) if self.choice else set()
        return self._lines(key for key in self.problem.rows if key in inside)

    @cached_property
    def left_out(self) -> list[Line]:
        """What is out, what would bring most first."""
        if self.choice is None:
            return []
        inside = set(self.choice.selection.chosen)
        return self._lines(key for key in self.problem.rows if key not in inside)

    @property
    def left_out_shown(self) -> list[Line]:
        """What is out and worth a look at once."""
        return self.left_out[:MOST_LEFT_OUT]

    @property
    def left_out_more(self) -> list[Line]:
        """What else is out."""
        return self.left_out[MOST_LEFT_OUT:]

    @property
    def project_names(self) -> list[tuple[str, str]]:
        """The projects one can make a rule about."""
        return [(key, row.project.name) for key, row in self.problem.rows.items()]

    @property
    def names(self) -> list[tuple[str, str]]:
        """Projects and platforms one can make a rule about."""
        platforms = self.problem.platforms.items()
        return [
            *self.project_names,
            *((key, each.platform.name) for key, each in platforms),
        ]

    def _lines(self, keys: Iterable[str]) -> list[Line]:
        lines = [self._line(key, self.problem.rows[key]) for key in keys]
        return sorted(
            lines, key=lambda each: -(each.row.figures.mean if each.row.figures else 0)
        )

    def _line(self, key: str, row: PortfolioRow) -> Line:
        rules = self.problem.rules
        shares = self.choice.frequency.shares if self.choice else {}
        return Line(
            row=row,
            often=per_hundred(shares[key]) if key in shares else "–",
            why=self._why(key, row),
            is_ruled=key in rules.mandatory or key in rules.excluded,
            url_with=self._url(with_key(rules, key)),
            url_without=self._url(without_key(rules, key)),
            url_free=self._url(free_key(rules, key)),
        )

    def _why(self, key: str, row: PortfolioRow) -> str:
        rules = self.problem.rules
        if key in rules.excluded:
            return _("A rule leaves it out") + self._after(key)
        if key in rules.mandatory:
            return _("A rule takes it in") + self._after(key)
        forced = self.choice.forced.get(key) if self.choice else None
        if forced is None:
            is_loss = row.figures is not None and row.figures.mean <= 0
            return _("It loses money on average") if is_loss else ""
        if forced.selection is None:
            return _("Taking it contradicts: %(rules)s") % {
                "rules": "; ".join(self.said(rule) for rule in forced.contradiction)
            }
        if forced.change.kind == "without":
            return self._without(forced)
        said = {
            "effect": self._effect(forced),
            "names": self._names(forced.left, most=1),
        }
        if not forced.left:
            return said["effect"]
        return _("%(effect)s; it pushes out %(names)s") % said

    def _after(self, key: str) -> str:
        forced = self.choice.forced.get(key) if self.choice else None
        if forced is None or forced.gain is None:
            return ""
        return "; " + _("without the rule: %(effect)s") % {
            "effect": self._effect(forced)
        }

    def _without(self, answer: WhatIf) -> str:
        entered = [each for each in answer.entered if each in self.problem.rows]
        said = {"effect": self._effect(answer), "names": self._names(entered, most=1)}
        if not entered:
            return said["effect"]
        return _("%(effect)s; %(names)s would come in") % said

    def _moved(self, answer: WhatIf) -> str:
        """Return what comes in and what goes in a changed choice."""
        parts = []
        if answer.left:
            parts.append(
                _("pushes out %(names)s") % {"names": self._names(answer.left)}
            )
        if answer.entered:
            names = self._names(answer.entered)
            parts.append(_("brings in %(names)s") % {"names": names})
        return _(" and ").join(parts)

    def _effect(self, answer: WhatIf) -> str:
        gain = answer.gain or 0.0
        if abs(gain) < SAME:
            return _("as much as before")
        words = _("%(money)s a year more") if gain > 0 else _("%(money)s a year less")
        return words % {"money": money(abs(gain), self.currency)}

    def _names(self, keys: Sequence[str], *, most: int = NAMED) -> str:
        names = [self.problem.name_of(key) for key in keys]
        if len(names) <= most:
            return _(" and ").join(names)
        more = len(names) - most
        return ngettext(
            "%(names)s and %(n)s more", "%(names)s and %(n)s more", more
        ) % {"names": ", ".join(names[:most]), "n": more}

    @property
    def platforms(self) -> list[PlatformLine]:
        """The platforms that any project builds on."""
        if self.choice is None:
            return []
        inside = set(self.choice.selection.platforms)
        chosen = set(self.choice.selection.chosen)
        found = []
        for each in self.problem.built():
            priced = self.problem.platforms[each.key]
            users = sum(use.key in chosen for use in each.uses)
            found.append(
                PlatformLine(
                    name=priced.platform.name,
                    cost=each.value,
                    is_in=each.key in inside,
                    users=users,
                )
            )
        return found

    @property
    def answers(self) -> list[Answer]:
        """What would be chosen with other limits, and without each rule."""
        if self.choice is None:
            return []
        asked = (*self.choice.limits, *self.choice.rules)
        return [self._answer(each) for each in asked]

    def _answer(self, each: WhatIf) -> Answer:
        if each.selection is None:
            rules = "; ".join(self.said(rule) for rule in each.contradiction)
            return Answer(
                self._changed(each),
                _("cannot be"),
                _("It contradicts: %(rules)s.") % {"rules": rules},
            )
        how = self._moved(each)
        return Answer(
            self._changed(each),
            self._effect(each),
            _("It %(moved)s.") % {"moved": how} if how else _("The choice stays."),
        )

    def _changed(self, answer: WhatIf) -> str:
        change = answer.change
        if change.rule is not None:
            return _("Without the rule: %(rule)s") % {"rule": self.said(change.rule)}
        more = change.amount > 0
        if change.kind == "budget":
            words = _("%(amount)s more budget") if more else _("%(amount)s less budget")
            return words % {"amount": money(abs(change.amount), self.currency)}
        amount = abs(change.amount)
        words = (
            ngettext("%(n)s person more", "%(n)s people more", round(amount))
            if more
            else ngettext("%(n)s person fewer", "%(n)s people fewer", round(amount))
        )
        return words % {"n": two_digits(amount)}

    @property
    def rule_lines(self) -> list[RuleLine]:
        """The rules but the limits, each with the address without it."""
        return [
            RuleLine(self.said(rule), self._url(self.problem.rules.without(rule)))
            for rule in self.problem.rules.single()
            if rule.kind not in {"budget", "people"}
        ]

    @property
    def contradicting(self) -> list[RuleLine]:
        """The rules that cannot be kept together."""
        return [
            RuleLine(
                self.said(rule),
                ""
                if rule.kind == "platform"
                else self._url(self.problem.rules.without(rule)),
            )
            for rule in self.contradiction
        ]

    def said(self, rule: Rule) -> str:
        """Return a rule in words."""
        names = [f"“{self.problem.name_of(key)}”" for key in rule.keys]
        words = {
            "budget": _("the budget of %(limit)s"),
            "people": _("the limit of %(limit)s people"),
            "mandatory": _("%(one)s has to be in"),
            "excluded": _("%(one)s stays out"),
            "exclusive": _("at most one of %(all)s"),
            "requires": _("%(one)s only with %(other)s"),
            "platform": _("%(one)s needs the platform %(other)s"),
        }[rule.kind]
        limit = ""
        if rule.limit is not None:
            limit = (
                money(rule.limit, self.currency)
                if rule.kind == "budget"
                else _count(rule.limit)
            )
        return words % {
            "limit": limit,
            "one": names[0] if names else "",
            "other": names[1] if len(names) > 1 else "",
            "all": ", ".join(names),
        }

    @property
    def seed(self) -> int:
        """What the futures were drawn with."""
        return SEED

    @property
    def engine_version(self) -> str:
        """What computed it."""
        return ENGINE_VERSION

    @property
    def regret(self) -> float:
        """What knowing the future before choosing would add, a year on average."""
        return self.choice.frequency.regret if self.choice else 0.0


def _count(people: float | None) -> str:
    return plain(round(people or 0.0, 2))
