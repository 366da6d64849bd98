"""Do the agreed metrics rank the runs as money does: vector 14, few runs, ties."""

import math

import pytest
from django.urls import reverse

from core.access import Actor
from core.models import AuditEntry
from engine.digests import digest
from engine.version import ENGINE_VERSION
from projects import services
from projects.models import Calculation, MetricAlignment, Stakeholder
from projects.selectors.metrics import kept_agreement, money_agreement
from projects.services import Measurement, Subject
from tests import factories

pytestmark = pytest.mark.django_db
# VALUE.md, vector 14: four counts of 4 000 cases, and the yearly net.
RUNS = {
    "A": ((120, 80, 110, 3690), 370_000.0),
    "B": ((150, 50, 330, 3470), 420_000.0),
    "C": ((170, 30, 620, 3180), 310_000.0),
    "D": ((95, 105, 40, 3760), 215_000.0),
    "E": ((160, 40, 380, 3420), 460_000.0),
}


def url(project, name="metrics", *args):
    return reverse(f"projects:{name}", args=[project.slug, *args])


def scores(tp, fn, fp, tn):
    precision, recall = tp / (tp + fp), tp / (tp + fn)
    return {
        "accuracy": (tp + tn) / 4000,
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / (precision + recall),
        "fpr": fp / (fp + tn),
    }


def a_run(project, name, values, net, **inputs):
    measured = [Measurement(key, value) for key, value in values.items()]
    if net is not None:
        measured.append(Measurement("net_value", net, unit="money"))
    services.record_evidence(
        project,
        subject=Subject("run", f"run-{name}", name, f"/p/x/runs/{name}/"),
        measurements=measured,
        inputs=inputs,
    )


def vector_14(project):
    for name, (counts, net) in RUNS.items():
        a_run(project, name, scores(*counts), net)


def agree(project, *keys, name="Mei", group="data_scientist", primary=None):
    person = factories.a_stakeholder(project, name, group=group)
    for key in keys:
        said = MetricAlignment(
            stakeholder=person,
            metric=project.metrics.get(key=key),
            weight="primary" if key == primary else "secondary",
            agreed="yes",
        )
        services.say_of_metric(said, actor=Actor(user=project.created_by))
    return person


def by_key(found):
    return {row.metric.key: row for row in found.rows}


def test_vector_14_from_evidence_rows_alone(project):
    vector_14(project)
    agree(project, "accuracy", "precision", "recall", "f1")
    rows = by_key(money_agreement(project))
    taus = {key: row.found.tau for key, row in rows.items()}
    assert taus == pytest.approx(
        {"accuracy": -0.4, "precision": -0.4, "recall": 0.4, "f1": -0.4}
    )
    assert [rows[key].chosen.label for key in ("accuracy", "precision", "f1")] == [
        "D"
    ] * 3
    assert rows["recall"].chosen.label == "C"
    assert rows["f1"].found.forgone == pytest.approx(245_000)
    assert rows["recall"].found.forgone == pytest.approx(150_000)
    assert next(iter(rows)) == "recall"  # most like money first


def test_one_sentence_for_each_reader(project):
    vector_14(project)
    agree(project, "f1", "recall", primary="f1")
    agree(project, "recall", name="Iris", group="expert", primary="recall")
    said = {each.group.value: each.words for each in money_agreement(project).sentences}
    assert said["data_scientist"].startswith(
        "Over 5 runs “Recall” ranks most like money (τ 0.4, "
    )
    assert "“F1” least (τ −0.4, " in said["data_scientist"]
    assert "no ranking is told apart from chance yet" in said["data_scientist"]
    assert said["expert"] == (
        "By “Recall” the best run is C; money prefers E, worth about €150k a year more."
    )
    assert said["business"] == (
        "Choosing the run by “F1” instead of by money would lose about €240k a year; "
        "2 of 2 agreed metrics would lose some."
    )


def test_metrics_that_rank_the_runs_against_each_other_are_named(project):
    vector_14(project)
    agree(project, "precision", "recall", "fpr")
    found = money_agreement(project)
    first = found.opposed[0]
    assert {first.one.key, first.other.key} == {"precision", "recall"}
    # In each of the ten pairs more recall means less precision.
    assert first.found.tau == pytest.approx(-1)
    assert first.found.disagreed == 1
    assert {first.first_by_one.label, first.first_by_other.label} == {"C", "D"}


def test_less_is_better_where_the_metric_says_so(project):
    vector_14(project)
    agree(project, "fpr")
    (row,) = money_agreement(project).rows
    assert row.chosen.label == "D"
    assert row.found.tau == pytest.approx(-0.4)


@pytest.mark.parametrize("count", [1, 3, 4])
def test_few_runs_are_too_few_to_say_and_what_each_chooses_is_still_shown(
    project, browser_of, count
):
    for name in list(RUNS)[:count]:
        a_run(project, name, scores(*RUNS[name][0]), RUNS[name][1])
    agree(project, "recall")
    found = money_agreement(project)
    assert not found.is_enough
    assert found.sentences == ()
    page = browser_of("viewer").get(url(project)).content.decode()
    assert f"{count} run{'s' * (count > 1)}: too few to say." in page
    assert "too few runs" in page


def test_no_run_no_agreed_metric_and_no_measurement_are_three_things(
    project, browser_of
):
    def page():
        return browser_of("viewer").get(url(project)).content.decode()

    assert "No run has a price yet" in page()
    vector_14(project)
    assert "No agreed metric was measured on these runs" in page()
    agree(project, "latency_p99")
    assert "No agreed metric was measured on these runs" in page()
    agree(project, "recall", name="Iris")
    assert "money puts E first" in page()


def test_metrics_that_put_several_runs_first_say_how_many(project):
    for name, recall, net in (
        ("A", 0.9, 100.0),
        ("B", 0.9, 300.0),
        ("C", 0.5, 200.0),
        ("D", 0.4, 50.0),
        ("E", 0.3, 10.0),
    ):
        a_run(project, name, {"recall": recall}, net)
    agree(project, "recall", group="expert", primary="recall")
    found = money_agreement(project)
    (row,) = found.rows
    assert row.tied == 2
    assert not row.picks_the_best
    assert row.found.forgone == pytest.approx(100)
    assert "2 runs are equally best" in found.sentences[1].words


def test_a_metric_that_is_the_same_on_all_runs_ranks_nothing(project, browser_of):
    for name in RUNS:
        a_run(project, name, {"recall": 0.5}, RUNS[name][1])
    agree(project, "recall")
    (row,) = money_agreement(project).rows
    assert row.found.tau is None
    assert row.bar is None
    page = browser_of("viewer").get(url(project)).content.decode()
    assert "ranks nothing: all the same" in page


def test_only_runs_under_the_same_rules_are_compared(project):
    vector_14(project)
    a_run(project, "old", {"recall": 0.99}, 999_000.0, protocol="before")
    agree(project, "recall")
    found = money_agreement(project)
    assert [run.label for run in found.runs] == ["E", "D", "C", "B", "A"]
    assert found.left_out == 1


def test_runs_under_the_current_value_case_go_before_more_under_an_old_one(project):
    for name in RUNS:
        counts, net = RUNS[name]
        a_run(project, name, scores(*counts), net, value_case="old")
    a_run(project, "new", {"recall": 0.7}, 5.0, value_case="now")
    services.note_input(project, "value_case", "now")
    agree(project, "recall")
    found = money_agreement(project)
    assert [run.label for run in found.runs] == ["new"]
    assert found.left_out == 5


def test_runs_without_a_price_or_a_metric_are_left_out_of_it(project):
    vector_14(project)
    a_run(project, "unpriced", {"recall": 1.0}, None)
    a_run(project, "bare", {}, 1.0)
    agree(project, "recall")
    found = money_agreement(project)
    (row,) = found.rows
    assert (len(found.runs), row.found.runs) == (6, 5)


def test_a_domain_metric_is_carried_to_each_run_by_its_link(project):
    from tests.projects.test_metric_links import a_link, a_metric

    a_metric(project, "kept")
    a_link(project, "recall", "kept", "recall * customers * churn_rate")
    vector_14(project)
    agree(project, "kept", "recall")
    rows = by_key(money_agreement(project))
    assert rows["kept"].is_carried
    assert not rows["recall"].is_carried
    assert rows["kept"].found.tau == rows["recall"].found.tau
    assert rows["kept"].chosen.label == "C"


def test_dissent_alone_makes_no_metric_agreed(project):
    vector_14(project)
    person = agree(project, "recall")
    MetricAlignment.objects.create(
        stakeholder=person,
        metric=project.metrics.get(key="precision"),
        weight="secondary",
        agreed="no",
    )
    assert set(by_key(money_agreement(project))) == {"recall"}


def test_a_comparison_is_kept_on_purpose_with_all_its_inputs_and_once(
    project, browser_of
):
    keep = url(project, "metric_agreement_keep")
    browser_of("editor").post(keep)
    assert kept_agreement(project) is None  # nothing to compare yet
    vector_14(project)
    agree(project, "recall", "f1")
    for who in ("contributor", "viewer", "outsider"):
        assert browser_of(who).post(keep).status_code == 404
    for _again in range(2):
        assert browser_of("editor").post(keep).status_code == 302
    row = Calculation.objects.get(project=project)
    assert row.kind == "agreement"
    assert row.digest == digest([row.inputs, ENGINE_VERSION])
    assert sorted(row.inputs["net"]) == sorted(net for _c, net in RUNS.values())
    taus = {each["metric"]: each["tau"] for each in row.result["metrics"]}
    assert taus == pytest.approx({"recall": 0.4, "f1": -0.4})
    assert AuditEntry.objects.filter(action="compare metrics with money").exists()
    page = browser_of("viewer").get(url(project)).content.decode()
    assert "as it is now" in page
    a_run(project, "F", scores(130, 70, 100, 3700), 500_000.0)
    page = browser_of("viewer").get(url(project)).content.decode()
    assert "runs, prices or metrics changed since" in page


def test_the_newest_four_hundred_runs_are_compared_and_the_rest_counted(project):
    for n in range(405):
        a_run(project, f"r{n}", {"recall": n / 500}, math.sin(n) * 1e5)
    agree(project, "recall")
    found = money_agreement(project)
    assert (len(found.runs), found.left_out) == (400, 5)
    assert found.runs[0].label == "r404"


def test_a_group_without_a_metric_of_its_own_is_told_of_the_best_one(project):
    vector_14(project)
    agree(project, "recall", "precision")
    said = money_agreement(project).sentences
    assert said[1].group == Stakeholder.Group.EXPERT
    assert "By “Recall”" in said[1].words
