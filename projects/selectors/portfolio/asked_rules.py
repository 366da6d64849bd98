"""The optimiser's rules as an address says them, so that a choice can be shared."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from urllib.parse import urlencode

from django.http import QueryDict

from engine.value.portfolio import Rule, Rules

# The names of rules in an address.
WITH, WITHOUT, APART, NEEDS = "with", "without", "apart", "needs"
BETWEEN = "~"  # in no short name
MOST_RULES = 400  # more is no address that a person made


def rules_of(params: QueryDict, *, budget: float | None, people: float | None) -> Rules:
    """Return the rules an address asks for; what is no rule is left out.

    `one`, `rule` and `other` are those of the form that adds a rule.
    """
    given = {name: params.getlist(name) for name in (WITH, WITHOUT, APART, NEEDS)}
    one, other = params.get("one", ""), params.get("other", "")
    name = params.get("rule", "")
    if one and name in given:
        is_pair = name in {APART, NEEDS}
        given[name].append(f"{one}{BETWEEN}{other}" if is_pair else one)
    return Rules(
        budget=budget,
        people=people,
        mandatory=_unique(given[WITH]),
        excluded=_unique(given[WITHOUT]),
        exclusive=_pairs(given[APART]),
        requires=_pairs(given[NEEDS]),
    )


def _unique(keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for key in keys if key))[:MOST_RULES]


def _pairs(texts: Iterable[str]) -> tuple[tuple[str, str], ...]:
    found = []
    for text in _unique(texts):
        one, _sign, other = text.partition(BETWEEN)
        if one and other and one != other:
            found.append((one, other))
    return tuple(found)


def pairs_of(rules: Rules, *, is_shrunk: bool) -> list[tuple[str, str]]:
    """Return the rules as the parameters of an address."""
    found = [
        (name, typed(limit))
        for name, limit in (("budget", rules.budget), ("people", rules.people))
        if limit is not None
    ]
    found += [(WITH, key) for key in rules.mandatory]
    found += [(WITHOUT, key) for key in rules.excluded]
    found += [(APART, BETWEEN.join(keys)) for keys in rules.exclusive]
    found += [(NEEDS, BETWEEN.join(keys)) for keys in rules.requires]
    return [*found, ("shrink", "on")] if is_shrunk else found


def query_of(rules: Rules, *, is_shrunk: bool) -> str:
    """Return the rules as the query of an address."""
    return f"?{urlencode(pairs_of(rules, is_shrunk=is_shrunk))}"


def typed(amount: float) -> str:
    """Return a number that is read alike whatever the reader's decimal sign."""
    text = f"{Decimal(f'{amount:.12g}'):f}"
    _whole, dot, fraction = text.partition(".")
    # Three digits behind the sign could be thousands.
    return f"{text}0" if dot and len(fraction) == 3 else text


def with_key(rules: Rules, key: str) -> Rules:
    """Return the rules with a project that has to be in."""
    freed = free_key(rules, key)
    return replace(freed, mandatory=(*freed.mandatory, key))


def without_key(rules: Rules, key: str) -> Rules:
    """Return the rules with a project that has to stay out."""
    freed = free_key(rules, key)
    return replace(freed, excluded=(*freed.excluded, key))


def free_key(rules: Rules, key: str) -> Rules:
    """Return the rules with a project that may be in or out."""
    return rules.without(Rule("mandatory", (key,))).without(Rule("excluded", (key,)))
