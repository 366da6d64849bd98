"""What each kind asks, checked as data: no database, no pages."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.training.catalogue import FAMILIES
from projects.kinds import (
    KINDS,
    LEVEL_OF_FAMILY,
    DetailProblems,
    attested_of,
    bounds_of,
    checked_details,
    compliance,
)
from projects.kinds.catalogue import allowed_families
from projects.models import Requirement

BATCH = {"mode": "batch", "every": 1, "period": "month"}


def test_every_kind_of_requirement_has_its_fields():
    assert set(KINDS) == set(Requirement.Kind.values)


def test_every_family_that_can_be_trained_has_a_level():
    assert set(LEVEL_OF_FAMILY) == set(FAMILIES)


def test_an_interpretable_level_leaves_out_forests_boosting_and_networks():
    assert allowed_families(2.0) == ("baseline", "linear", "tree")
    assert set(allowed_families(0.0)) == set(FAMILIES)


@pytest.mark.parametrize(
    ("details", "days"),
    [
        (BATCH, 31.0),
        ({**BATCH, "every": 2, "period": "week"}, 14.0),
        ({**BATCH, "freshness_days": 7}, 7.0),
        ({"mode": "batch", "every": 12, "period": "hour"}, 0.5),
    ],
)
def test_a_batch_asks_for_data_of_its_own_period_unless_stated(details, days):
    (bound,) = bounds_of("frequency", checked_details("frequency", details))
    assert (bound.metric_key, bound.comparison) == ("data_age_days", "le")
    assert bound.threshold == pytest.approx(days)


def test_real_time_is_a_test_of_the_slow_answers_of_a_run():
    found = bounds_of("frequency", {"mode": "real_time", "latency_ms": 120})
    assert [(b.metric_key, b.threshold, b.about) for b in found] == [
        ("latency_p99", 120.0, "run")
    ]


def test_deployment_computes_what_runs_measure_and_has_the_rest_attested():
    details = {"latency_p99_ms": 200, "model_mb": 50, "memory_mb": 512}
    found = {b.metric_key: b.threshold for b in bounds_of("deployment", details)}
    assert found == {"latency_p99": 200.0, "model_bytes": 50.0}
    assert attested_of("deployment", details) == ("memory at most 512 MB",)


@pytest.mark.parametrize(
    ("kind", "details", "field", "said"),
    [
        ("frequency", {"mode": "sometimes"}, "mode", "Choose among: real_time, batch"),
        ("frequency", {"mode": "batch"}, "every", "is not answered"),
        ("frequency", {**BATCH, "every": 1.5}, "every", "whole number"),
        ("frequency", {**BATCH, "every": True}, "every", "is not a number"),
        ("frequency", {**BATCH, "rows": float("nan")}, "rows", "out of range"),
        ("frequency", {**BATCH, "colour": 1}, "colour", "There is no such field"),
        ("accuracy", {"mode": "batch"}, "mode", "There is no such field"),
        ("transparency", {"level": "explained"}, "explanations", "is not answered"),
        (
            "transparency",
            {"level": "explained", "explanations": "all"},
            "explanations",
            "is no list",
        ),
        ("deployment", {"model_mb": -1}, "model_mb", "from 0.001 to"),
        ("compliance", {"slices": ["a" * 200]}, "slices", "200 characters"),
        ("compliance", {"gap_metric": "recall"}, "gap_most", "is not answered"),
        (
            "compliance",
            {"gap_metric": "recall", "gap_most": 5},
            "slices",
            "Name the groups",
        ),
        ("compliance", {"gap_metric": "rmse"}, "gap_metric", "Choose among"),
        (
            "compliance",
            {"template": "gdpr", "answers": {"no_such": {"answer": "yes"}}},
            "answers.no_such",
            "asks no such question",
        ),
        (
            "compliance",
            {"template": "gdpr", "answers": {"rights": {"answer": "perhaps"}}},
            "answers.rights",
            "Give yes, no or na",
        ),
        (
            "compliance",
            {"template": "gdpr", "answers": {"rights": {"answer": "na"}}},
            "answers.rights",
            "why it does not apply",
        ),
    ],
)
def test_an_answer_that_cannot_be_used_names_its_field_and_the_remedy(
    kind, details, field, said
):
    with pytest.raises(DetailProblems) as found:
        checked_details(kind, details)
    assert said in found.value.by_field[field]


def test_what_another_answer_took_away_is_not_kept():
    details = {"mode": "real_time", "latency_ms": 100, "every": 3, "period": "day"}
    assert checked_details("frequency", details) == {
        "mode": "real_time",
        "latency_ms": 100,
    }


@given(st.dictionaries(st.text(max_size=8), st.integers() | st.text() | st.none()))
def test_whatever_is_sent_is_checked_or_refused_and_never_half_taken(details):
    for kind in KINDS:
        with suppress(DetailProblems):
            found = checked_details(kind, details)
            assert set(found) <= {ask.key for ask in KINDS[kind].asks}
            assert checked_details(kind, found) == found


def test_questions_appear_by_answers():
    first = [q.key for q in compliance.asked({"template": "gdpr"})]
    assert first == ["personal_data"]
    yes = {"template": "gdpr", "answers": {"personal_data": {"answer": "yes"}}}
    asked = [q.key for q in compliance.asked(yes)]
    assert "dpia" in asked
    assert "intervention" not in asked  # only after a decision by the model alone
    yes["answers"]["automated"] = {"answer": "yes"}
    assert "intervention" in [q.key for q in compliance.asked(yes)]


def test_an_answer_to_a_question_no_longer_asked_decides_nothing():
    details = {
        "template": "gdpr",
        "answers": {
            "personal_data": {"answer": "no"},
            "automated": {"answer": "yes"},
        },
    }
    assert [q.key for q in compliance.asked(details)] == ["personal_data"]
    assert compliance.score(details).share == 1.0


def test_open_questions_count_as_not_met():
    details = {
        "template": "hipaa",
        "answers": {
            "phi": {"answer": "yes"},
            "deidentified": {"answer": "no"},
            "permitted": {"answer": "yes"},
            "minimum_necessary": {"answer": "no"},
            "breach": {"answer": "na", "note": "a pilot without records"},
        },
    }
    found = compliance.score(details)
    # 13 questions, two of them only for associates and one not applicable.
    assert (found.met, found.against, found.open) == (3, 1, 7)
    assert found.share == pytest.approx(3 / 11)


def test_a_gap_between_groups_is_measured_in_place_of_a_word_for_it():
    compared = {"slices": ["region", "age < 30"]}
    assert attested_of("compliance", compared) == (
        "errors compared over region, age < 30",
    )
    bounded = {**compared, "gap_metric": "fpr", "gap_most": 5}
    found = bounds_of("compliance", bounded)
    assert [(b.metric_key, b.slice, b.threshold, b.comparison) for b in found] == [
        ("fpr_gap", "region", 0.05, "le"),
        ("fpr_gap", "age < 30", 0.05, "le"),
    ]
    assert attested_of("compliance", bounded) == ()


def test_slices_and_retention_bring_up_questions_of_their_own():
    plain = {"template": "sr_11_7", "answers": {"model": {"answer": "no"}}}
    assert compliance.score(plain).open == 0
    more = {**plain, "slices": ["age"], "retention_days": 365}
    assert [q.key for q in compliance.asked(more)][1:] == [
        "slices_compared",
        "retention_kept",
    ]


@pytest.mark.parametrize("template", compliance.TEMPLATES.values())
def test_each_question_names_its_passage_and_asks_for_earlier_ones_only(template):
    seen = set()
    for question in template.questions:
        assert question.passage
        assert {each.key for each in question.when} <= seen
        seen.add(question.key)
    assert len(seen) == len(template.questions)
