"""Checks of gates: plain values in, a state and a sentence out."""

import pytest

from projects.models import GateKey
from projects.selectors.gates import checks
from projects.selectors.gates.changes import material_changes, reworded
from projects.selectors.gates.checks import CheckState, Score
from projects.selectors.requirements import State

MET, FAILED = CheckState.MET, CheckState.FAILED
TOO_LITTLE, NOT_APPLICABLE = CheckState.TOO_LITTLE, CheckState.NOT_APPLICABLE
KINDS = ("frequency", "accuracy", "transparency", "compliance", "deployment")


@pytest.mark.parametrize(
    ("chance", "has_answers", "state"),
    [
        (0.84, True, MET),
        (0.80, True, MET),
        (0.79, True, FAILED),
        (1.0, False, TOO_LITTLE),
    ],
)
def test_the_chance_of_paying_back_is_held_to_its_bound(chance, has_answers, state):
    found = checks.pays_back(
        chance=chance, least=0.8, has_answers=has_answers, url="/v/"
    )
    assert found.state is state
    assert found.blocks is (state is not MET)


@pytest.mark.parametrize(
    ("years", "state", "said"),
    [(2.5, MET, "2.5 years"), (3.5, FAILED, "at most 3"), (None, FAILED, "no future")],
)
def test_the_money_has_to_be_back_in_time(years, state, said):
    found = checks.payback(years=years, most=3, has_answers=True, url="")
    assert found.state is state
    assert said in found.words


def test_each_kind_is_written_or_stated_as_not_needed():
    def check(kinds, not_needed=(), musts=1):
        return checks.requirements_complete(
            kinds=kinds, not_needed=not_needed, musts=musts, url=""
        )

    assert check(KINDS).state is MET
    missing = check(KINDS[1:])
    assert missing.state is FAILED
    assert "prediction frequency" in missing.words
    left_out = check(KINDS[1:], ["frequency"])
    assert left_out.state is MET
    assert "not needed: prediction frequency" in left_out.words
    assert check(KINDS, musts=0).state is FAILED


def test_what_nobody_can_measure_is_named():
    found = checks.requirements_measurable(written=2, unmeasurable=["fast"], url="")
    assert found.state is FAILED
    assert "fast" in found.words


def test_unresolved_metrics_and_nobody_asked_keep_the_gate_closed():
    assert checks.metrics_agreed(people=0, unresolved=[], url="").state is TOO_LITTLE
    assert checks.metrics_agreed(people=2, unresolved=["x"], url="").state is FAILED
    assert checks.metrics_agreed(people=2, unresolved=[], url="").state is MET


@pytest.mark.parametrize(
    ("cost", "state", "said"),
    [
        (None, NOT_APPLICABLE, "type what finding out costs"),
        (3_000.0, FAILED, "Find out first"),
        (11_000.0, MET, "at most €11k"),
    ],
)
def test_finding_out_is_advised_where_it_is_worth_more_and_blocks_nothing(
    cost, state, said
):
    found = checks.find_out_first(
        worth=11_000.0, cost=cost, question="save rate", currency="EUR", url=""
    )
    assert found.state is state
    assert said in found.words
    assert not found.blocks


@pytest.mark.parametrize(
    ("score", "state"),
    [
        (Score(0.95, "customers, version 2", "/d/"), MET),
        (Score(0.89, "customers, version 2", "/d/"), FAILED),
        (Score(None, "customers, version 2", "/d/"), TOO_LITTLE),
        (None, TOO_LITTLE),
    ],
)
def test_a_score_is_held_to_its_bound_and_none_is_no_pass(score, state):
    assert checks.quality("timeliness", score=score, least=0.9, url="").state is state


@pytest.mark.parametrize(
    ("musts", "state"),
    [
        ({"recall": State.MET, "latency": State.MET}, MET),
        ({"recall": State.MET, "latency": State.FAILED}, FAILED),
        ({"recall": State.MET, "latency": State.TOO_LITTLE}, TOO_LITTLE),
        ({"recall": State.MET, "latency": State.STALE}, TOO_LITTLE),
        ({"recall": State.NOT_YET}, TOO_LITTLE),
        ({}, TOO_LITTLE),
    ],
)
def test_a_candidate_meets_every_must_or_the_gate_stays_closed(musts, state):
    found = checks.candidate_meets_musts(candidate="quiet-heron", musts=musts, url="")
    assert found.state is state
    none = checks.candidate_meets_musts(candidate="", musts=musts, url="")
    assert none.state is TOO_LITTLE


@pytest.mark.parametrize(
    ("low", "is_stale", "state"),
    [
        (1.0, False, MET),
        (0.0, False, FAILED),
        (-5.0, False, FAILED),
        (1.0, True, TOO_LITTLE),
        (None, False, TOO_LITTLE),
    ],
)
def test_the_lower_end_of_the_money_lies_above_zero(low, is_stale, state):
    found = checks.money_above_zero(
        candidate="quiet-heron",
        low=low,
        high=None if low is None else 10.0,
        is_stale=is_stale,
        currency="EUR",
        url="",
    )
    assert found.state is state


@pytest.mark.parametrize(
    ("realised", "state"), [(None, TOO_LITTLE), (50.0, MET), (9.0, FAILED)]
)
def test_what_came_true_is_held_to_the_signed_band(realised, state):
    found = checks.realised_in_band(
        realised=realised, low=10.0, high=90.0, periods=2, currency="EUR", url=""
    )
    assert found.state is state


def content(chance=0.80, threshold=0.7, state="met", candidate="r1", data="d1"):
    return {
        "question": "Go?",
        "verdict": "go",
        "rationale": "it pays",
        "currency": "EUR",
        "value_case": {"result": {"p_pays_back": chance}},
        "musts": [
            {
                "requirement": 1,
                "title": "recall holds",
                "threshold": threshold,
                "comparison": "ge",
                "unit": "share",
                "state": state,
            }
        ],
        "candidate": {"id": candidate, "label": candidate},
        "data": {"data:1": {"digest": data, "label": f"customers {data}"}},
    }


def said(after, gate=GateKey.MODEL):
    return [str(each) for each in material_changes(content(), after, gate=gate)]


@pytest.mark.parametrize(
    ("chance", "is_material"),
    [(0.80, False), (0.85, False), (0.75, False), (0.8501, True), (0.7499, True)],
)
def test_more_than_five_points_of_paying_back_are_material(chance, is_material):
    assert bool(said(content(chance=chance))) is is_material


def test_a_change_is_said_from_old_to_new():
    assert said(content(chance=0.91)) == [
        "the chance that it pays back: 80\N{NO-BREAK SPACE}% → 91\N{NO-BREAK SPACE}%"
    ]
    assert said(content(threshold=0.75)) == [
        "recall holds: at least 70\N{NO-BREAK SPACE}% → at least 75\N{NO-BREAK SPACE}%"
    ]
    assert said(content(state="failed")) == ["recall holds: met → failing"]
    assert said(content(candidate="r2")) == ["the candidate: r1 → r2"]
    assert said(content(data="d2")) == ["the data: customers d1 → customers d2"]


def test_a_design_gate_outlives_the_candidate_and_data_it_makes_room_for():
    for after in (content(candidate="r2"), content(data="d2"), content(state="failed")):
        assert said(after, GateKey.DESIGN) == []
    assert said(content(threshold=0.75), GateKey.DESIGN)
    assert said(content(chance=0.9), GateKey.DESIGN)


def test_a_must_that_comes_or_goes_is_material():
    without = content() | {"musts": []}
    assert said(without, GateKey.DESIGN) == [
        "recall holds: at least 70\N{NO-BREAK SPACE}% → no must"
    ]


def test_a_reworded_proposal_says_what_it_said_before():
    after = content() | {"verdict": "no_go"}
    assert [str(each) for each in reworded(content(), after)] == [
        "proposal: go → no-go"
    ]
