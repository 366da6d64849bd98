"""Requirements against each other and against runs, as plain values."""

import pytest

from core.access import Actor
from projects import services
from projects.kinds import Bound, bounds_of
from projects.kinds.conflicts import Measured, Rule, conflicts
from projects.models import Requirement
from projects.selectors.conflicts import conflicts_of
from projects.services import Measurement, Subject
from tests.factories import a_project


def say(value, unit):
    return f"{value:g} {unit}".strip()


def rule(number, title, *bounds, kind="accuracy", **details):
    return Rule(number, title, kind, bounds or bounds_of(kind, details), details)


def at_least(value, metric="recall", unit="share", slice_name=""):
    return Bound(metric, "ge", value, unit, slice=slice_name)


def at_most(value, metric="recall", unit="share", slice_name=""):
    return Bound(metric, "le", value, unit, slice=slice_name)


def a_run(name, family="", **values):
    levels = {"linear": 2.0, "tree": 2.0, "boosting": 1.0}
    if family:
        values["interpretability"] = levels[family]
    return Measured(
        name, name, f"/runs/{name}/", family, {(k, ""): v for k, v in values.items()}
    )


def found(rules, runs=()):
    return conflicts(rules, list(runs), say=say)


def test_nothing_contradicts_in_a_sound_list():
    rules = [
        rule(1, "catches", at_least(0.7)),
        rule(2, "bothers", at_most(0.3, "fpr")),
    ]
    assert not found(rules, [a_run("heron", recall=0.8, fpr=0.2)])


def test_at_least_more_than_at_most_contradicts():
    (one,) = found([rule(1, "high", at_least(0.8)), rule(2, "low", at_most(0.6))])
    assert one.kind == "bounds"
    assert "at least 0.8 share and at most 0.6 share" in one.sentence
    assert [each.requirement for each in one.sides] == [1, 2]


def test_bounds_of_different_slices_do_not_contradict():
    rules = [
        rule(1, "high", at_least(0.8, slice_name="new customers")),
        rule(2, "low", at_most(0.6)),
    ]
    assert not found(rules)


def test_equal_bounds_do_not_contradict():
    assert not found([rule(1, "high", at_least(0.7)), rule(2, "low", at_most(0.7))])


def test_no_share_is_above_one():
    (one,) = found([rule(1, "all of them", at_least(1.2))])
    assert one.kind == "impossible"


def test_deployment_slower_than_the_frequency_asks_for():
    rules = [
        rule(1, "on the phone", kind="frequency", mode="real_time", latency_ms=100),
        rule(2, "our server", kind="deployment", latency_p99_ms=500),
    ]
    (one,) = found(rules)
    assert "within 100 ms" in one.sentence
    assert "allows 500 ms" in one.sentence


def test_a_batch_that_cannot_be_done_in_its_window():
    rules = [
        rule(
            1,
            "every night",
            kind="frequency",
            mode="batch",
            every=1,
            period="day",
            rows=1_000_000,
            window_minutes=120,
        ),
        rule(2, "our server", kind="deployment", latency_p50_ms=50),
    ]
    (one,) = found(rules)
    # A million times 50 ms are 50,000 s, or 833 minutes.
    assert "833.333 min" in one.sentence


def test_a_typical_answer_slower_than_a_slow_one():
    rules = [
        rule(1, "server", kind="deployment", latency_p50_ms=300, latency_p99_ms=200)
    ]
    (one,) = found(rules)
    assert one.kind == "latency"


@pytest.mark.parametrize(
    ("details", "runs", "said"),
    [
        ({"platform": "controller", "model_mb": 50}, [], "usually holds about 1 MB"),
        ({"memory_mb": 64, "model_mb": 128}, [], "does not fit in 64 MB"),
        (
            {"platform": "browser"},
            [a_run("heron", model_bytes=80.0), a_run("lynx", model_bytes=120.0)],
            "smallest of 2 models has 80 MB",
        ),
    ],
)
def test_a_model_too_large_for_where_it_runs(details, runs, said):
    (one,) = found([rule(1, "device", kind="deployment", **details)], runs)
    assert said in one.sentence


def test_a_server_has_no_usual_size():
    details = {"platform": "server", "model_mb": 5000}
    assert not found([rule(1, "server", kind="deployment", **details)])


def test_above_what_any_run_reached_names_the_closest():
    runs = [a_run("heron", recall=0.81), a_run("lynx", recall=0.78)]
    (one,) = found([rule(1, "catches", at_least(0.9))], runs)
    assert "None of 2 runs" in one.sentence
    assert one.sides[1].label == "heron"
    assert one.sides[1].url == "/runs/heron/"


def test_a_level_that_leaves_out_the_only_family_that_is_good_enough():
    rules = [
        rule(1, "catches", at_least(0.8)),
        rule(2, "can be read", kind="transparency", level="interpretable"),
    ]
    runs = [
        a_run("heron", "boosting", recall=0.83),
        a_run("lynx", "tree", recall=0.74),
        a_run("crane", "linear", recall=0.71),
    ]
    (one,) = found(rules, runs)
    assert one.kind == "transparency"
    assert one.sentence == (
        "Only runs of boosting meet “catches”; “inherently interpretable” leaves them "
        "out."
    )
    assert "baseline, linear, tree" in one.remedy


def test_a_level_is_fine_once_an_allowed_family_is_good_enough():
    rules = [
        rule(1, "catches", at_least(0.8)),
        rule(2, "can be read", kind="transparency", level="interpretable"),
    ]
    runs = [a_run("heron", "boosting", recall=0.83), a_run("lynx", "tree", recall=0.8)]
    assert not found(rules, runs)


def test_two_bounds_that_no_single_run_keeps():
    rules = [
        rule(1, "catches", at_least(0.8)),
        rule(2, "bothers few", at_most(0.1, "fpr")),
    ]
    runs = [a_run("heron", recall=0.85, fpr=0.3), a_run("lynx", recall=0.5, fpr=0.05)]
    (one,) = found(rules, runs)
    assert one.kind == "together"
    assert "None of 2 runs" in one.sentence


def test_runs_that_were_not_measured_prove_nothing():
    rules = [
        rule(1, "catches", at_least(0.8)),
        rule(2, "bothers few", at_most(0.1, "fpr")),
    ]
    assert not found(rules, [a_run("heron", recall=0.85), a_run("lynx", fpr=0.05)])


@pytest.fixture
def project(db):
    return a_project()


def require(project, kind, title, **said):
    row = Requirement(project=project, kind=kind)
    services.save_requirement(
        row, actor=Actor(user=project.created_by), said={"title": title, **said}
    )
    return row


def measured(project, run, family, recall):
    level = {"boosting": 1.0, "linear": 2.0}[family]
    services.record_evidence(
        project,
        subject=Subject("run", run, run, f"/runs/{run}/"),
        measurements=[
            Measurement("recall", recall, unit="share", n=400),
            Measurement("interpretability", level, unit="level", note=family),
        ],
        inputs={},
    )


def test_evidence_rows_are_enough_to_find_the_family_left_out(project):
    require(
        project, "accuracy", "catches", metric_key="recall", threshold=0.8, unit="share"
    )
    require(
        project,
        "transparency",
        "readable",
        details={"level": "interpretable", "explanations": ["importance"]},
    )
    measured(project, "heron", "boosting", 0.85)
    measured(project, "lynx", "linear", 0.7)
    (one,) = conflicts_of(project)
    assert "Only runs of boosting" in one.sentence
    assert all(side.url.startswith(f"/p/{project.slug}/") for side in one.sides)


def test_many_runs_take_no_more_queries(project, django_assert_max_num_queries):
    require(
        project, "accuracy", "catches", metric_key="recall", threshold=0.9, unit="share"
    )
    for number in range(12):
        measured(project, f"run{number}", "linear", 0.5 + number / 100)
    with django_assert_max_num_queries(5):
        (one,) = conflicts_of(project)
    assert "None of 12 runs" in one.sentence
