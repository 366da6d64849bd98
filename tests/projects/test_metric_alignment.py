"""Who calls success what: versions, dissent, retiring, and what is not settled."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from core import notices
from core.access import Actor
from core.models import AuditEntry
from projects import services
from projects.models import MetricAlignment, Stakeholder
from projects.selectors.metrics import Why, alignment, board, metric_card, unresolved
from tests import factories

pytestmark = pytest.mark.django_db
Group = Stakeholder.Group
CREATED = {"title": "Calls answered", "key": "calls", "kind": "domain"}


def url(project, name, *args):
    return reverse(f"projects:{name}", args=[project.slug, *args])


def say(person, key, *, weight="primary", agreed="yes", by=None):
    metric = person.project.metrics.get(key=key)
    said = MetricAlignment(
        stakeholder=person, metric=metric, weight=weight, agreed=agreed
    )
    said.full_clean()
    by = by or person.project.created_by
    return services.say_of_metric(said, actor=Actor(user=by))


def change(metric, **words):
    for name, value in words.items():
        setattr(metric, name, value)
    metric.full_clean()
    actor = Actor(user=metric.project.created_by)
    return services.save_metric(metric, actor=actor)


def whys(project):
    return [each.why for each in unresolved(project)]


@pytest.fixture
def mei(project):
    return factories.a_stakeholder(project, "Mei Tanaka", group=Group.DATA_SCIENTIST)


def test_nobody_having_spoken_is_one_thing_to_settle(project, ruth):
    assert whys(project) == [Why.NOBODY]


def test_each_group_with_people_needs_one_primary_metric(project, ruth, mei):
    say(ruth, "net_value")
    (open_one,) = unresolved(project)
    assert (open_one.why, open_one.group) == (Why.NO_PRIMARY, "data_scientist")
    assert open_one.people == ("Mei Tanaka",)
    say(mei, "recall")
    assert unresolved(project) == ()


def test_a_primary_metric_that_is_not_agreed_yet_settles_nothing(project, ruth):
    say(ruth, "recall", agreed="open")
    assert whys(project) == [Why.NO_PRIMARY]


def test_dissent_over_a_deciding_metric_is_named_and_over_a_secondary_one_is_not(
    project, ruth, mei
):
    say(ruth, "net_value")
    say(ruth, "precision", weight="secondary")
    say(mei, "recall")
    say(mei, "precision", weight="secondary", agreed="no")
    assert unresolved(project) == ()
    assert board(project).dissent == ("Mei Tanaka",)
    say(mei, "net_value", weight="secondary", agreed="no")
    (open_one,) = unresolved(project)
    assert (open_one.why, open_one.metric) == (Why.DISSENT, "net_value")
    assert "Mei Tanaka" in open_one.words


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "Sensitivity"),
        ("direction", "lower"),
        ("unit", "per cent"),
        ("words", "finds those who leave"),
        ("kind", "domain"),
    ],
)
def test_another_meaning_is_another_version_and_asks_again(project, ruth, field, value):
    said = say(ruth, "recall")
    metric = change(project.metrics.get(key="recall"), **{field: value})
    assert metric.version == 2
    said.refresh_from_db()
    assert said.version == 1
    (open_one,) = unresolved(project)
    assert open_one.why == Why.OUTDATED
    assert "version 1" in open_one.words
    assert "now 2" in open_one.words
    said.full_clean()
    services.say_of_metric(said, actor=Actor(user=project.created_by))
    assert unresolved(project) == ()


def test_the_same_words_again_are_no_new_version(project):
    metric = change(project.metrics.get(key="recall"), title="Recall")
    assert metric.version == 1
    assert not metric.earlier.exists()


def test_whoever_agreed_is_told_once_and_whoever_did_not_is_not(project, cast):
    agreed = factories.a_stakeholder(project, "Ana", user=cast.contributor)
    factories.a_stakeholder(project, "Otto", user=cast.viewer)
    say(agreed, "recall")
    metric = project.metrics.get(key="recall")
    change(metric, words="of those who leave, how many are found")
    (line,) = notices.unread_of(cast.contributor)
    assert "“Recall” means something else now" in line.text
    assert line.url == url(project, "metric", metric.pk)
    assert not notices.unread_of(cast.viewer).exists()


def test_the_page_of_a_metric_tells_who_agreed_to_which_version(
    project, ruth, browser_of
):
    say(ruth, "recall")
    metric = change(project.metrics.get(key="recall"), title="Sensitivity")
    page = browser_of("viewer").get(url(project, "metric", metric.pk))
    text = page.content.decode()
    assert "agreed to version 1, now 2: ask again" in text
    assert "noted by Ana Ferreira" in text
    (earlier,) = metric_card(metric).earlier
    assert earlier.differences == (("name", "Recall"),)
    assert browser_of("viewer").get(url(project, "metrics")).status_code == 200
    for who, status in (("outsider", 404), ("nobody", 302)):
        assert browser_of(who).get(page.request["PATH_INFO"]).status_code == status


def test_ones_own_word_is_not_noted_for_another(project, cast, browser_of):
    me = factories.a_stakeholder(project, "Ana", user=cast.contributor)
    typed = {
        "stakeholder": me.pk,
        "metric": project.metrics.get(key="recall").pk,
        "weight": "primary",
        "agreed": "yes",
    }
    assert browser_of("contributor").post(url(project, "metric_say"), typed)
    said = me.alignments.get()
    assert said.noted_by is None
    browser_of("editor").post(url(project, "metric_say"), typed)
    said.refresh_from_db()
    assert said.noted_by == cast.editor


def test_a_contributor_speaks_for_nobody_else(project, ruth, cast, browser_of):
    factories.a_stakeholder(project, "Ana", user=cast.contributor)
    typed = {
        "stakeholder": ruth.pk,
        "metric": project.metrics.get(key="recall").pk,
        "weight": "primary",
        "agreed": "yes",
    }
    answer = browser_of("contributor").post(url(project, "metric_say"), typed)
    assert answer.status_code == 422
    assert not ruth.alignments.exists()


def test_a_retired_metric_leaves_the_board_and_comes_back_with_what_was_said(
    project, ruth, browser_of
):
    say(ruth, "recall")
    metric = project.metrics.get(key="recall")
    retire = url(project, "metric_retire", metric.pk)
    assert browser_of("contributor").post(retire).status_code == 404
    browser_of("editor").post(retire)
    assert whys(project) == [Why.NOBODY]
    assert [each.key for each in board(project).retired] == ["recall"]
    browser_of("editor").post(url(project, "metric_restore", metric.pk))
    assert unresolved(project) == ()


def test_who_judged_by_a_retired_metric_names_another(project, ruth, browser_of):
    say(ruth, "recall")
    recall = project.metrics.get(key="recall")
    services.retire_metric(recall, actor=Actor(user=project.created_by))
    typed = {
        "stakeholder": ruth.pk,
        "metric": project.metrics.get(key="f1").pk,
        "weight": "primary",
        "agreed": "yes",
    }
    answer = browser_of("editor").post(url(project, "metric_say"), typed)
    assert answer.status_code == 302
    assert ruth.alignments.get(weight="primary").metric.key == "f1"
    typed["metric"] = recall.pk  # not to be chosen any more
    answer = browser_of("editor").post(url(project, "metric_say"), typed)
    assert answer.status_code == 422


def test_an_editor_adds_and_changes_a_metric_and_a_contributor_does_not(
    project, browser_of
):
    typed = {**CREATED, "direction": "higher", "unit": "calls", "words": ""}
    new = url(project, "metric_create")
    assert browser_of("contributor").post(new, typed).status_code == 404
    assert browser_of("editor").post(new, typed).status_code == 302
    metric = project.metrics.get(key="calls")
    edit = url(project, "metric_edit", metric.pk)
    browser_of("editor").post(edit, {**typed, "title": "Calls taken", "key": "other"})
    metric.refresh_from_db()
    # Nobody has spoken of it: nobody is to be asked again.
    assert (metric.title, metric.key, metric.version) == ("Calls taken", "calls", 1)
    again = browser_of("editor").post(new, typed)
    assert again.status_code == 422
    assert b"A metric of this key exists already" in again.content


@pytest.mark.parametrize(
    "title", ["عدد العملاء المحتفظ بهم", "🎯 Treffer 🧮", "<script>alert(1)</script>"]
)
def test_names_in_any_script_are_kept_and_shown_as_they_are(
    project, ruth, browser_of, title
):
    typed = {**CREATED, "title": title, "direction": "higher", "unit": "", "words": ""}
    browser_of("editor").post(url(project, "metric_create"), typed)
    metric = project.metrics.get(key="calls")
    assert metric.title == title
    say(ruth, "calls")
    page = browser_of("viewer").get(url(project, "metrics")).content.decode()
    assert "<script>alert" not in page
    assert title in page or "&lt;script&gt;alert(1)" in page


def test_a_name_of_ten_thousand_characters_is_refused_beside_its_field(
    project, browser_of
):
    typed = {
        **CREATED,
        "title": "x" * 10_000,
        "direction": "higher",
        "unit": "",
        "words": "",
    }
    answer = browser_of("editor").post(url(project, "metric_create"), typed)
    assert answer.status_code == 422
    assert b"at most 120 characters (it has 10000)" in answer.content
    assert not project.metrics.filter(key="calls").exists()


def test_one_person_has_one_primary_metric(project, ruth):
    say(ruth, "recall")
    with pytest.raises(ValidationError, match="Make the other one secondary first"):
        say(ruth, "precision")


def test_each_row_holds_every_person_by_group(project, ruth, mei):
    say(ruth, "recall")
    row = next(row for row in alignment(project) if row.metric.key == "recall")
    assert [each.person.name for each in row.people] == ["Mei Tanaka", "Ruth Adler"]
    assert [each.state for each in row.people] == ["none", "agreed"]


def test_a_word_is_taken_back_by_who_said_it_or_an_editor_and_the_trail_keeps_it(
    project, ruth, cast, browser_of
):
    me = factories.a_stakeholder(project, "Ana", user=cast.contributor)
    for person in (me, ruth):
        say(person, "recall")
    back = url(project, "metric_unsay", project.metrics.get(key="recall").pk)

    def take_back(who, person):
        return browser_of(who).post(back, {"stakeholder": person.pk}).status_code

    assert take_back("viewer", me) == 404
    assert take_back("outsider", me) == 404
    assert take_back("contributor", ruth) == 404
    assert take_back("contributor", me) == 302
    assert take_back("contributor", me) == 404  # nothing there any more
    assert take_back("editor", ruth) == 302
    assert browser_of("editor").post(back, {"stakeholder": "ruth"}).status_code == 404
    assert not MetricAlignment.objects.filter(metric__project=project).exists()
    assert AuditEntry.objects.filter(action="take a word back").count() == 2
