"""VALUE's vector 8, and what a best choice must be."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from engine.value.portfolio import (
    BadPortfolio,
    Candidate,
    Change,
    Infeasible,
    Platform,
    Rule,
    Rules,
    Use,
    allocate,
    forced_changes,
    frontier,
    limit_changes,
    optimise,
    price_platforms,
    rule_changes,
    selection_frequency,
    shrink,
    what_if,
)

approx = pytest.approx

VALUES = (300, 200, 140, 390, 95, 240, 160, 175)
COSTS = (160, 90, 60, 220, 45, 120, 75, 80)
PEOPLE = (3, 2, 1, 4, 1, 3, 2, 2)
EIGHT = tuple(
    Candidate(key, cost=cost, people=people, value=value)
    for key, value, cost, people in zip("ABCDEFGH", VALUES, COSTS, PEOPLE, strict=True)
)
LIMITS = Rules(budget=400, people=9)


def chosen(rules: Rules) -> tuple[float, str]:
    found = optimise(EIGHT, rules)
    return found.value, "".join(found.chosen)


def test_vector_8():
    found = optimise(EIGHT, LIMITS)
    assert (found.value, "".join(found.chosen)) == (850, "BCEFH")
    assert (found.cost, found.people) == (395, 9)
    assert found.is_proven


def test_vector_8_is_found_by_no_rule_of_thumb():
    every = [
        (sum(c.value for c in some), "".join(c.key for c in some))
        for some in itertools.chain.from_iterable(
            itertools.combinations(EIGHT, n) for n in range(len(EIGHT) + 1)
        )
        if sum(c.cost for c in some) <= 400 and sum(c.people for c in some) <= 9
    ]
    best, second = sorted(every, reverse=True)[:2]
    assert best == chosen(LIMITS)
    assert second[0] == 835

    def greedy(worth):
        taken, cost, people = [], 0.0, 0.0
        for each in sorted(EIGHT, key=worth, reverse=True):
            if cost + each.cost <= 400 and people + each.people <= 9:
                taken.append(each)
                cost, people = cost + each.cost, people + each.people
        return sum(c.value for c in taken), "".join(sorted(c.key for c in taken))

    assert greedy(lambda each: each.value / each.cost) == (770, "BCEGH")
    assert greedy(lambda each: each.value) == (690, "AD")
    relaxed = linprog(
        [-value for value in VALUES], [COSTS, PEOPLE], [400, 9], bounds=(0, 1)
    )
    assert -relaxed.fun == approx(865)
    assert -relaxed.ineqlin.marginals == approx(np.array([1.5, 20]))


@pytest.mark.parametrize(
    ("change", "best"),
    [
        ({"budget": 450}, (910, "ABCEH")),
        ({"people": 10}, (850, "BCEFH")),
        ({"budget": 450, "people": 10}, (930, "ABEGH")),
        ({"mandatory": ("D",)}, 785),
        ({"exclusive": (("B", "F"),)}, 815),
        ({"requires": (("F", "A"),)}, 815),
    ],
)
def test_vector_8_under_other_rules(change, best):
    found = chosen(replace(LIMITS, **change))
    assert found == best if isinstance(best, tuple) else found[0] == best


def test_what_if_solves_again_where_the_dual_misleads():
    budget, people = Change("budget", 50), Change("people", 1)
    more, another = what_if(EIGHT, LIMITS, [budget, people])
    assert more.gain == 60
    assert (more.entered, more.left) == (("A",), ("F",))
    # The relaxation's dual says 20 a person.
    assert another.gain == 0
    assert another.entered == another.left == ()


def test_steps_of_the_limits_are_a_tenth_and_a_person():
    found = {(c.kind, c.amount) for c in limit_changes(LIMITS)}
    assert found == {("budget", -40), ("budget", 40), ("people", -1), ("people", 1)}
    assert limit_changes(Rules()) == ()
    # A limit never falls below 0.
    assert Change("people", -99).of(LIMITS).people == 0


def test_forcing_a_project_the_other_way_never_gains():
    best = optimise(EIGHT, LIMITS)
    answers = what_if(EIGHT, LIMITS, forced_changes(best, "ABCDEFGH"))
    assert [a.change.kind for a in answers] == [
        "without" if key in "BCEFH" else "with" for key in "ABCDEFGH"
    ]
    assert all(answer.gain <= 0 for answer in answers)
    assert {a.change.key: a.gain for a in answers}["D"] == 785 - 850


def test_dropping_a_rule_says_what_it_costs():
    rules = replace(LIMITS, mandatory=("D",))
    (answer,) = what_if(EIGHT, rules, rule_changes(rules))
    assert str(answer.change.rule) == "'D' must be in"
    assert answer.gain == 850 - 785


def test_change_that_contradicts_the_rules_is_an_answer():
    rules = Rules(budget=100)
    (answer,) = what_if(EIGHT, rules, [Change("with", key="D")])
    assert answer.selection is None
    assert set(answer.contradiction) == {
        Rule("budget", (), 100),
        Rule("mandatory", ("D",)),
    }


def test_contradiction_names_a_smallest_set_of_rules():
    rules = Rules(
        budget=300,
        people=9,
        mandatory=("A", "C", "D"),
        excluded=("H",),
        exclusive=(("B", "F"),),
        requires=(("E", "B"),),
    )
    with pytest.raises(Infeasible) as caught:
        optimise(EIGHT, rules)
    # A and D cost 380 of 300; nothing else is to blame.
    assert set(caught.value.rules) == {
        Rule("budget", (), 300),
        Rule("mandatory", ("A",)),
        Rule("mandatory", ("D",)),
    }
    assert "'A' must be in" in str(caught.value)
    for rule in caught.value.rules:
        optimise(EIGHT, rules.without(rule))


@pytest.mark.parametrize(
    ("rules", "named"),
    [
        (Rules(mandatory=("A",), excluded=("A",)), {"mandatory", "excluded"}),
        (
            Rules(mandatory=("A", "B"), exclusive=(("A", "B"),)),
            {"mandatory", "exclusive"},
        ),
        (
            Rules(mandatory=("A",), requires=(("A", "B"),), excluded=("B",)),
            {"mandatory", "requires", "excluded"},
        ),
    ],
)
def test_each_kind_of_rule_can_be_named(rules, named):
    with pytest.raises(Infeasible) as caught:
        optimise(EIGHT, rules)
    assert {rule.kind for rule in caught.value.rules} == named


def test_ties_go_to_the_cheapest_then_to_the_first_key():
    same = [Candidate(key, cost=10, value=5) for key in "DCBA"]
    assert optimise(same, Rules(budget=20)).chosen == ("A", "B")
    dear = [Candidate("A", cost=12, value=5), Candidate("B", cost=10, value=5)]
    assert optimise(dear, Rules(budget=12)).chosen == ("B",)


def test_worthless_projects_stay_out_unless_a_rule_asks():
    bad = [Candidate("bad", cost=1, value=-3), Candidate("nil", cost=1, value=0)]
    good = Candidate("good", cost=1, value=5)
    assert optimise([*bad, good], Rules()).chosen == ("good",)
    forced = optimise([*bad, good], Rules(requires=(("good", "bad"),)))
    assert (forced.chosen, forced.value) == (("bad", "good"), 2)


def best_of_all(candidates, rules):
    """Try every choice."""
    best = 0.0
    for size in range(len(candidates) + 1):
        for picked in itertools.combinations(candidates, size):
            keys = {each.key for each in picked}
            if (
                sum(each.cost for each in picked) <= rules.budget + 1e-9
                and sum(each.people for each in picked) <= rules.people
                and all(len(keys & set(group)) < 2 for group in rules.exclusive)
                and all(b in keys for a, b in rules.requires if a in keys)
            ):
                best = max(best, sum(each.value for each in picked))
    return best


amounts = st.integers(0, 60)


@given(
    st.lists(
        st.tuples(st.integers(-20, 90), amounts, st.integers(0, 5)),
        min_size=1,
        max_size=8,
    ),
    amounts,
    st.integers(0, 12),
    st.data(),
)
@settings(max_examples=60, deadline=None)
def test_no_other_choice_is_worth_more(rows, budget, people, data):
    candidates = [
        Candidate(str(at), cost=cost, people=own, value=value)
        for at, (value, cost, own) in enumerate(rows)
    ]
    key = st.sampled_from([each.key for each in candidates])
    rules = Rules(
        budget=budget,
        people=people,
        exclusive=tuple(data.draw(st.lists(st.tuples(key, key), max_size=2))),
        requires=tuple(data.draw(st.lists(st.tuples(key, key), max_size=2))),
    )
    # A group of one project twice excludes nothing.
    rules = replace(rules, exclusive=tuple(g for g in rules.exclusive if g[0] != g[1]))
    found = optimise(candidates, rules)
    assert found.value == approx(best_of_all(candidates, rules))
    assert found.is_proven
    assert found == optimise(candidates[::-1], rules)


def test_many_projects_of_the_same_kind_are_still_solved():
    # More equal choices than can be listed: branch and cut decides.
    many = [Candidate(f"{at:03}", cost=10, people=1, value=7) for at in range(200)]
    found = optimise(many, Rules(budget=905, people=300))
    assert (len(found.chosen), found.value) == (90, 630)


def drawn(key, mean, sd, seed, cost=1.0):
    draws = np.random.default_rng(seed).normal(mean, sd, 4_000)
    return Candidate(key, cost=cost, value_draws=draws)


def test_frequency_of_one_project_against_another():
    # One of two fits; normal values with means 10 and 8, both with sd 5:
    # the first is better in Φ(2 / √50) = 0.6114 of the futures, and either is
    # negative at times.
    pair = [drawn("a", 10, 5, 1), drawn("b", 8, 5, 2)]
    found = selection_frequency(pair, Rules(budget=1), draws=2_000)
    a, b = (each.value_draws[:2_000] for each in pair)
    assert found.shares["a"] == approx(((a > b) & (a > 0)).mean())
    assert found.shares["b"] == approx(((b > a) & (b > 0)).mean())
    assert found.shares["a"] == approx(0.61, abs=4 * found.standard_error("a"))
    # E[max(a, b, 0)] − E[a]
    assert found.regret == approx((np.maximum(np.maximum(a, b), 0) - a).mean())
    assert found.choices == 3


def test_certain_project_is_always_in():
    sure = Candidate("sure", cost=1, value=1000)
    found = selection_frequency([sure, drawn("b", 8, 5, 2)], Rules(budget=1), draws=50)
    assert found.shares == {"b": 0.0, "sure": 1.0}
    assert found.regret == 0
    with pytest.raises(BadPortfolio, match="no candidate has draws"):
        selection_frequency([sure], Rules())


def test_band_is_that_of_the_sum():
    pair = [drawn("a", 10, 3, 1), drawn("b", 8, 4, 2)]
    found = optimise(pair, Rules())
    total = pair[0].value_draws + pair[1].value_draws
    assert (found.p5, found.p95) == approx(np.quantile(total, (0.05, 0.95)))
    assert found.value == approx(total.mean())
    assert optimise([*pair, Candidate("c", cost=0, value=1)], Rules()).p5 is None


def test_frontier_rises_to_what_everything_brings():
    points = frontier(EIGHT, Rules(people=9), budgets=[0, 400, 450, 850])
    best = [best_of_all(EIGHT, Rules(b, 9)) for b in (0, 400, 450, 850)]
    assert [point.selection.value for point in points] == best
    assert best[1:3] == [850, 910]
    # Without a limit on people, all is worth having.
    ends = frontier(EIGHT, Rules(), points=5)
    assert (ends[0].selection.value, ends[-1].selection.value) == (0, sum(VALUES))
    values = [point.selection.value for point in ends]
    assert values == sorted(values)
    # A budget too small for what must be done has no point.
    assert len(frontier(EIGHT, Rules(mandatory=("D",)), budgets=[100, 300])) == 1


def test_shrinking_takes_optimism_off_gains_and_adds_it_to_losses():
    draws = np.array([8.0, 12.0])
    gain, loss = shrink(
        [Candidate("a", 1, value_draws=draws), Candidate("b", 1, value=-10)], 0.8
    )
    assert (gain.worth, loss.worth) == (8, -12.5)
    assert gain.value_draws.tolist() == [6, 10]
    with pytest.raises(BadPortfolio, match="bias ratio 0"):
        shrink(EIGHT, 0)


def test_choice_of_the_most_flattered_is_shrunk_away():
    # Optimism of a half makes the large project lose to two small ones.
    three = [
        Candidate("large", cost=2, value=100),
        Candidate("one", cost=1, value=30),
        Candidate("two", cost=1, value=30),
    ]
    assert optimise(three, Rules(budget=2)).chosen == ("large",)
    large, *small = three
    mixed = [*shrink([large], 0.5), *small]
    assert optimise(mixed, Rules(budget=2)).chosen == ("one", "two")


STORE = Platform(
    "store",
    value=-100,
    cost=50,
    uses=(
        Use("A", weight=3),
        Use("B", weight=1),
        Use("C", is_needed=False, cost_without=30),
    ),
)


def test_platform_is_bought_when_what_it_enables_is_worth_more():
    (found,) = price_platforms(EIGHT[:3], Rules(), [STORE])
    # With: 300 + 200 + 140 − 100; without: only C, at 30 more.
    assert (found.with_it.value, found.without_it.value) == (540, 110)
    assert found.worth == 430
    assert found.pays
    assert found.enabled == ("A", "B", "C")
    assert found.without_it.chosen == ("C",)
    assert found.without_it.cost == 90
    # 100 over weights 3, 1 and 1
    assert found.allocated == {"A": 60, "B": 20, "C": 20}
    assert optimise(EIGHT[:3], Rules(), platforms=[STORE]) == found.with_it


def test_platform_no_project_pays_for_is_not_bought():
    dear = replace(STORE, value=-900)
    best = optimise(EIGHT[:3], Rules(), platforms=[dear])
    assert (best.chosen, best.platforms, best.value) == (("C",), (), 110)
    (found,) = price_platforms(EIGHT[:3], Rules(), [dear])
    assert found.worth == 640 - 900 - 110
    assert not found.pays


def test_two_platforms_are_weighed_jointly():
    # Neither carries A alone: A needs both.
    one = Platform("one", value=-100, cost=0, uses=(Use("A"),))
    two = Platform("two", value=-120, cost=0, uses=(Use("A"),))
    best = optimise(EIGHT[:1], Rules(), platforms=[one, two])
    assert (best.platforms, best.value) == (("one", "two"), 80)
    first, second = price_platforms(EIGHT[:1], Rules(), [one, two])
    assert (first.worth, second.worth) == (80, 80)


def test_platform_that_must_stay_out_takes_its_projects_along():
    rules = Rules(excluded=("store",), mandatory=("A",))
    with pytest.raises(Infeasible) as caught:
        optimise(EIGHT[:3], rules, platforms=[STORE])
    assert set(caught.value.rules) == {
        Rule("excluded", ("store",)),
        Rule("mandatory", ("A",)),
        Rule("platform", ("A", "store")),
    }
    (found,) = price_platforms(EIGHT[:3], replace(rules, mandatory=()), [STORE])
    assert found.with_it is not None
    assert allocate(STORE, ["H"]) == {}


@pytest.mark.parametrize(
    ("candidates", "rules", "said"),
    [
        ([*EIGHT, EIGHT[0]], Rules(), "'A' appears twice"),
        ([Candidate("x", cost=-1, value=1)], Rules(), "cost of 'x' is -1"),
        ([Candidate("x", cost=1, value=float("nan"))], Rules(), "value of 'x' is nan"),
        ([Candidate("x", cost=1)], Rules(), "'x' has no value"),
        (EIGHT, Rules(budget=-5), "budget is -5"),
        (EIGHT, Rules(requires=(("A", "Z"),)), "'Z' is no candidate"),
        (
            [
                Candidate("x", 1, value_draws=np.ones(3)),
                Candidate("y", 1, value_draws=np.ones(4)),
            ],
            Rules(),
            "draw as many futures",
        ),
    ],
)
def test_what_cannot_be_used_is_named(candidates, rules, said):
    with pytest.raises(BadPortfolio, match=said):
        optimise(candidates, rules)


def test_rules_survive_json():
    rules = Rules(400, 9, ("A",), ("B",), (("C", "D"),), (("E", "F"),))
    assert Rules.from_json(rules.to_json()) == rules
    assert Rules.from_json({}) == Rules()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"budgt": 1}, "'budgt' is no kind of rule"),
        ({"budget": "lots"}, "budget is 'lots'"),
        ({"mandatory": "A"}, "mandatory is 'A'"),
        ({"exclusive": ["A"]}, "exclusive is"),
        ({"requires": [["A"]]}, "requires takes pairs"),
        ({"requires": 3}, "requires is 3"),
    ],
)
def test_rules_of_another_shape_are_refused(content, said):
    with pytest.raises(BadPortfolio, match=said):
        Rules.from_json(content)
