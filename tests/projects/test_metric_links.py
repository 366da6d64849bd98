"""Links between metrics: refused where they lead nowhere, and what follows of a run."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from core.access import Actor
from projects import services
from projects.models import Metric, MetricAlignment, MetricLink, Stakeholder
from projects.selectors.metrics import (
    candidate_translation,
    link_lines,
    links_picture,
    translation_of,
    unresolved,
)
from projects.selectors.value import current_case
from projects.services import Measurement, Subject
from tests import factories

pytestmark = pytest.mark.django_db
RUN = Subject("run", "r1", "quiet-heron", "/p/x/runs/r1/", "d1")
KEPT = "recall * customers * churn_rate * save_rate"


def url(project, name, *args):
    return reverse(f"projects:{name}", args=[project.slug, *args])


def a_metric(project, key, *, kind="domain", unit="customers", **fields):
    metric = Metric(
        project=project,
        key=key,
        **{
            "title": key.replace("_", " ").title(),
            "kind": kind,
            "unit": unit,
            **fields,
        },
    )
    metric.full_clean()
    return services.save_metric(metric, actor=Actor(user=project.created_by))


def a_link(project, cause, effect, formula="", **fields):
    link = MetricLink(
        project=project,
        cause=project.metrics.get(key=cause),
        effect=project.metrics.get(key=effect),
        **{"relation": "formula", "formula": formula, **fields},
    )
    link.full_clean()
    return services.save_link(link, actor=Actor(user=project.created_by))


def say(person, key):
    metric = person.project.metrics.get(key=key)
    said = MetricAlignment(
        stakeholder=person, metric=metric, weight="primary", agreed="yes"
    )
    return services.say_of_metric(said, actor=Actor(user=person.project.created_by))


def measure(project, subject=RUN, **values):
    services.record_evidence(
        project,
        subject=subject,
        measurements=[
            Measurement(key, *value, unit="money" if key == "net_value" else "share")
            for key, value in values.items()
        ],
        inputs={},
    )


@pytest.fixture
def kept(project):
    return a_metric(project, "kept", words="keeps {x} customers a year")


@pytest.mark.parametrize(
    ("cause", "effect", "formula", "problem"),
    [
        ("recall", "recall", "recall", "cannot be linked to itself"),
        ("kept", "recall", "kept", "would lead back"),
        ("recall", "kept", "recal * customers", "did you mean 'recall'"),
        ("recall", "kept", "customers * 2", "does not use recall"),
        ("recall", "kept", "recall ** __import__", "not known"),
        ("recall", "kept", "recall; drop", "is not allowed"),
        ("recall", "kept", "", "State the relation"),
        ("recall", "kept", "recall +" * 70, "characters"),
        ("recall", "kept", "ﷺ 🎯", "is not allowed"),
    ],
)
def test_a_link_that_leads_nowhere_is_refused_with_the_reason(
    project, kept, cause, effect, formula, problem
):
    with pytest.raises(ValidationError, match=problem.replace("(", r"\(")):
        a_link(project, cause, effect, formula)
    assert not project.metric_links.exists()


def test_a_circle_is_refused_and_its_way_named(project, kept):
    for key in ("called", "glad"):
        a_metric(project, key)
    a_link(project, "kept", "called", "kept * 2")
    a_link(project, "called", "glad", "called * 2")
    with pytest.raises(ValidationError, match="Glad → Kept → Called → Glad"):
        a_link(project, "glad", "kept", "glad * 2")


def test_two_metrics_are_linked_once(project, kept):
    a_link(project, "recall", "kept", KEPT)
    with pytest.raises(ValidationError, match="linked already"):
        a_link(project, "recall", "kept", KEPT)


def test_a_metric_of_another_project_is_not_to_be_linked(project, kept):
    other = factories.a_project()
    link = MetricLink(
        project=project,
        cause=other.metrics.get(key="recall"),
        effect=kept,
        relation="formula",
        formula="recall",
    )
    with pytest.raises(ValidationError, match="belongs to another project"):
        link.full_clean()


@pytest.mark.parametrize(
    ("point", "problem"),
    [
        ({"elasticity": None}, "State the relation"),
        ({"at_cause": None}, "State one known point"),
        ({"at_cause": 0.0}, "above 0"),
    ],
)
def test_an_elasticity_needs_a_number_and_a_known_point(project, kept, point, problem):
    stated = {"elasticity": 1.5, "at_cause": 0.6, "at_effect": 400.0, **point}
    with pytest.raises(ValidationError, match=problem):
        a_link(project, "recall", "kept", relation="elasticity", **stated)


def test_a_kind_that_would_turn_a_link_round_is_refused(project, kept):
    a_link(project, "recall", "kept", KEPT)
    kept.kind = "technical"
    kept.full_clean()  # from technical to technical
    recall = project.metrics.get(key="recall")
    recall.kind = "business"
    with pytest.raises(ValidationError, match="would lead back"):
        recall.full_clean()


def test_a_formula_defines_what_it_leads_to_so_those_who_agreed_are_asked(
    project, ruth, kept
):
    link = a_link(project, "recall", "kept", KEPT)
    say(ruth, "kept")
    assert unresolved(project) == ()
    link.formula = f"{KEPT} / 2"
    services.save_link(link, actor=Actor(user=project.created_by))
    kept.refresh_from_db()
    assert kept.version == 2
    assert kept.earlier.get().said["formulas"] == {"recall": KEPT}
    assert [each.why for each in unresolved(project)] == ["outdated"]
    services.remove_link(link, actor=Actor(user=project.created_by))
    kept.refresh_from_db()
    assert kept.version == 3


def test_a_note_changes_no_meaning_and_a_price_is_defined_by_no_link(
    project, ruth, kept
):
    link = a_link(project, "recall", "kept", KEPT)
    say(ruth, "kept")
    link.note = "by the pilot"
    services.save_link(link, actor=Actor(user=project.created_by))
    kept.refresh_from_db()
    assert kept.version == 1
    jonas = factories.a_stakeholder(project, "Jonas")
    say(jonas, "net_value")
    a_link(project, "kept", "net_value", "kept * margin")
    assert project.metrics.get(key="net_value").version == 1


def test_a_link_to_a_removed_quantity_says_so_and_the_others_go_on(project, kept):
    a_link(project, "recall", "kept", KEPT)
    a_metric(project, "other")
    link = a_link(project, "recall", "other", "recall * customers")
    MetricLink.objects.filter(pk=link.pk).update(formula="recall * gone")
    problems = {line.link.effect.key: line.problem for line in link_lines(project)}
    assert problems["kept"] == ""
    assert "gone: no quantity" in problems["other"]
    measure(project, recall=(0.8,))
    assert "kept" in translation_of(project, "run", "r1").said


def people(project):
    for name, group, key in (
        ("Mei", Stakeholder.Group.DATA_SCIENTIST, "recall"),
        ("Iris", Stakeholder.Group.EXPERT, "kept"),
        ("Ruth", Stakeholder.Group.BUSINESS, "net_value"),
    ):
        say(factories.a_stakeholder(project, name, group=group), key)


def sentences(translation):
    return {each.group.value: each.words for each in translation.sentences}


def test_a_run_is_told_to_each_group_in_its_own_words(project, kept):
    a_link(project, "recall", "kept", KEPT)
    a_link(project, "kept", "net_value", "kept * margin")
    people(project)
    measure(
        project, recall=(0.8, 0.75, 0.85), net_value=(230_000.0, -80_000.0, 560_000.0)
    )
    said = sentences(translation_of(project, "run", "r1"))
    means = {q.name: q for q in project.quantities.all()}
    assert set(means) >= {"customers", "churn_rate", "save_rate"}
    assert said["data_scientist"].startswith("Recall 0.8 (0.75–0.85) → keeps ")
    assert said["data_scientist"].endswith("→ about €230k a year (−€80k to €560k).")
    assert said["expert"].startswith("From Recall 80\N{NO-BREAK SPACE}%: keeps ")
    assert said["business"].startswith(
        "About €230k a year, 9 times in 10 between −€80k and €560k: keeps "
    )


def test_the_value_carried_is_the_formula_at_the_means(project, kept):
    a_link(project, "recall", "kept", KEPT)
    measure(project, recall=(0.8,))
    reading = translation_of(project, "run", "r1").said["kept"].reading
    means = current_case(project).to_engine().means()
    expected = 0.8 * means["customers"] * means["churn_rate"] * means["save_rate"]
    assert reading.value == pytest.approx(expected)
    assert reading.low < reading.value < reading.high


def test_what_no_link_leads_to_and_what_has_no_price_is_said(project, kept):
    people(project)
    measure(project, recall=(0.8,))
    said = sentences(translation_of(project, "run", "r1"))
    assert said["data_scientist"] == "Recall 0.8 → no price."
    assert (
        "“Kept” was not measured on this run, and no link leads to it"
        in (said["expert"])
    )
    assert "“Net gain a year” was not measured" in said["business"]


def test_a_group_without_people_is_told_nothing(project):
    measure(project, recall=(0.8,))
    assert translation_of(project, "run", "r1").sentences == ()


def test_a_run_without_evidence_and_a_project_without_candidate_have_no_translation(
    project,
):
    assert translation_of(project, "run", "nothing") is None
    assert candidate_translation(project) is None


def test_the_picture_shows_the_candidates_values(project, kept):
    a_link(project, "recall", "kept", KEPT)
    people(project)
    measure(project, recall=(0.8,))
    services.nominate_candidate(
        project,
        actor=Actor(user=project.created_by),
        kind="run",
        subject_id="r1",
        label="quiet-heron",
    )
    picture = links_picture(project, candidate_translation(project))
    technical, domain, business = (shown for _kind, shown in picture.columns)
    assert [each.value for each in technical] == ["80\N{NO-BREAK SPACE}%"]
    assert domain[0].value.endswith("\N{NO-BREAK SPACE}customers")
    assert business == ()


def test_an_editor_links_changes_and_unlinks_and_others_do_not(
    project, kept, browser_of
):
    new = url(project, "metric_link_create")
    typed = {
        "cause": project.metrics.get(key="recall").pk,
        "effect": kept.pk,
        "relation": "formula",
        "formula": KEPT,
    }
    for who in ("contributor", "viewer", "outsider"):
        assert browser_of(who).post(new, typed).status_code == 404
    editor = browser_of("editor")
    refused = editor.post(new, {**typed, "formula": "recal * 2"})
    assert refused.status_code == 422
    assert b"did you mean" in refused.content
    assert editor.post(new, typed).status_code == 302
    link = project.metric_links.get()
    one = url(project, "metric_link", link.pk)
    changed = {
        **typed,
        "relation": "elasticity",
        "elasticity": "1.5",
        "at_cause": "0.6",
        "at_effect": "1.2k",
    }
    assert editor.post(one, changed).status_code == 302
    link.refresh_from_db()
    assert (link.formula, link.elasticity, link.at_effect) == ("", 1.5, 1200.0)
    page = browser_of("viewer").get(url(project, "metrics")).content.decode()
    assert "1 % more of it is 1.5 % of the other" in page
    editor.post(url(project, "metric_link_remove", link.pk))
    assert not project.metric_links.exists()


def test_a_metrics_page_shows_what_leads_to_it_and_what_it_leads_to(
    project, kept, browser_of
):
    a_link(project, "recall", "kept", KEPT)
    a_link(project, "kept", "net_value", "kept * margin")
    page = browser_of("viewer").get(url(project, "metric", kept.pk)).content.decode()
    assert f"kept = {KEPT}" in page
    assert "net_value = kept * margin" in page
    assert page.index(KEPT) < page.index("kept * margin")
    other = project.metrics.get(key="fpr")
    page = browser_of("viewer").get(url(project, "metric", other.pk)).content.decode()
    assert "What leads to it" not in page
