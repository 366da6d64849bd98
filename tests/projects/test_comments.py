"""Talking about anything of a project: who may, who is told, what is refused."""

import pytest
from django.urls import reverse

from core.access import Actor
from core.models import AuditEntry, Notification
from core.trash import empty
from projects import services
from projects.models import Comment, Membership, Requirement
from projects.selectors.comments import find_subject, subject_kinds, thread
from projects.selectors.mentions import mentioned_people
from projects.templatetags.talk import said
from tests import factories
from tests.worlds import build_world


@pytest.fixture
def subject(project):
    return find_subject(project, "value", str(project.pk))


@pytest.fixture
def say(project, subject, cast):
    def post(text, who="contributor", answers=None):
        return services.post_comment(
            project,
            subject,
            actor=Actor(user=getattr(cast, who)),
            text=text,
            answers=answers,
        )

    return post


def posted(subject, text, **more):
    return {"kind": subject.kind, "subject": subject.id, "text": text, **more}


def address(project, name="comment_post", *args):
    return reverse(f"projects:{name}", args=[project.slug, *args])


# Who may


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("owner", 302),
        ("editor", 302),
        ("contributor", 302),
        ("viewer", 404),
        ("outsider", 404),
    ],
)
def test_contributors_comment_and_others_do_not(
    project, subject, browser_of, who, status
):
    answer = browser_of(who).post(address(project), posted(subject, "Is it so?"))
    assert answer.status_code == status
    assert Comment.objects.exists() == (status == 302)


def test_viewer_reads_what_is_said_and_has_no_box(project, subject, browser_of, say):
    say("Is 12 % not last year’s figure?")
    page = browser_of("viewer").get(
        address(project, "thread", subject.kind, subject.id)
    )
    text = page.content.decode()
    assert "Is 12 % not last year’s figure?" in text
    assert 'name="text"' not in text


def test_outsider_finds_no_thread(project, subject, browser_of):
    page = browser_of("outsider").get(
        address(project, "thread", subject.kind, subject.id)
    )
    assert page.status_code == 404


def test_nobody_talks_about_what_is_not_of_the_project(project, cast, browser_of):
    other = factories.a_project(slug="other", name="Other")
    quantity = other.quantities.earliest("pk")
    browser = browser_of("contributor")
    for kind, pk in (("quantity", quantity.pk), ("value", other.pk), ("moon", 1)):
        data = {"kind": kind, "subject": pk, "text": "Hm"}
        assert browser.post(address(project), data).status_code == 404


def test_answer_to_a_comment_elsewhere_is_not_found(project, subject, say, browser_of):
    other = find_subject(project, "metrics", str(project.pk))
    first = say("About the value")
    data = posted(other, "And here?", answers=first.pk)
    browser = browser_of("contributor")
    assert browser.post(address(project), data).status_code == 404


def test_only_who_wrote_it_edits_and_deletes(project, say, browser_of):
    row = say("Mine")
    for name in ("comment_edit", "comment_delete"):
        there = address(project, name, row.pk)
        assert browser_of("owner").post(there, {"text": "No"}).status_code == 404
    browser_of("contributor").post(
        address(project, "comment_edit", row.pk), {"text": "Mine, better"}
    )
    row.refresh_from_db()
    assert row.text == "Mine, better"
    assert row.edited_at


def test_members_can_be_completed_by_who_may_mention_them(project, browser_of):
    there = address(project, "comment_people")
    people = browser_of("contributor").get(there).json()["people"]
    assert people == ["Ana Ferreira", "Editor Person", "Viewer Person"]
    assert browser_of("viewer").get(there).status_code == 404


# What is said


def test_every_kind_of_thing_can_be_talked_about(db):
    world = build_world("A", text="alpha")
    project = world.project
    ids = {
        "value": project.pk,
        "metrics": project.pk,
        "quantity": world.ids["quantity"],
        "requirement": world.ids["requirement"],
        "decision": world.ids["decision"],
        "data_set_version": world.ids["version"],
        "experiment": world.ids["experiment"],
        "run": world.ids["run"],
    }
    assert {each.key for each in subject_kinds()} >= set(ids)
    owner = Actor(user=world.people["owner"])
    for kind, pk in ids.items():
        subject = find_subject(project, kind, str(pk))
        row = services.post_comment(project, subject, actor=owner, text=f"On {kind}")
        said_here = [e.comment for e in thread(project, subject, owner).going_on]
        assert row in said_here


def test_ids_that_are_none_find_nothing(project):
    for kind in ("quantity", "requirement", "decision", "data_set_version"):
        for wrong in ("", "x", "-1", "9" * 30, "²"):
            assert find_subject(project, kind, wrong) is None


def test_answers_stand_below_what_they_answer(say, project, subject, cast):
    first = say("Where is 12 % from?")
    second = say("From the books.", "owner", answers=first)
    say("Which year?", answers=second)
    (line,) = thread(project, subject, Actor(user=cast.owner)).going_on
    assert [each.comment.text for each in line.replies] == [
        "From the books.",
        "Which year?",
    ]


def test_right_to_left_and_emoji_come_back_as_they_were(project, subject, browser_of):
    text = "هذا صحيح 👍🏽 e\u0301 \u202e"
    browser = browser_of("contributor")
    browser.post(address(project), posted(subject, text))
    assert Comment.objects.get().text == text.strip()
    page = browser.get(address(project, "thread", subject.kind, subject.id))
    assert f'dir="auto">{text.strip()}</p>' in page.content.decode()


def test_too_long_a_text_is_refused_and_stays_in_its_box(project, subject, browser_of):
    answer = browser_of("contributor").post(
        address(project), posted(subject, "x" * 4001)
    )
    assert answer.status_code == 422
    assert "x" * 4001 in answer.content.decode()
    assert not Comment.objects.exists()


@pytest.mark.parametrize("text", ["", "  \n "])
def test_nothing_is_no_comment(project, subject, browser_of, text):
    answer = browser_of("contributor").post(address(project), posted(subject, text))
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        (
            "See https://example.org/a?b=1&c=2.",
            'See <a href="https://example.org/a?b=1&amp;c=2" '
            'rel="nofollow noopener noreferrer">https://example.org/a?b=1&amp;c=2</a>.',
        ),
        (
            'https://x.example/"onmouseover="alert(1)',
            '<a href="https://x.example/" rel="nofollow noopener noreferrer">'
            "https://x.example/</a>&quot;onmouseover=&quot;alert(1)",
        ),
    ],
)
def test_only_addresses_become_links_and_nothing_becomes_markup(say, text, html):
    assert said(say(text)) == html


def test_mention_is_marked(say, cast):
    cast.owner.name = "Ana Ferreira"
    assert said(say("Ask @Ana Ferreira, please")) == "Ask <b>@Ana Ferreira</b>, please"


# Mentions


@pytest.mark.parametrize(
    "text", ["@Ana Ferreira look", "@ana ferreira, look", "See (@Ana)", "@ana."]
)
def test_name_typed_in_any_case_is_matched(project, text):
    assert mentioned_people(project, text) == [project.created_by]


def test_longest_name_wins(project):
    longer = factories.a_member(project, name="Ana Ferreira Lopes")
    assert mentioned_people(project, "@Ana Ferreira Lopes?") == [longer]
    assert mentioned_people(project, "@Ana Ferreira?") == [project.created_by]


def test_first_name_of_several_is_refused_with_their_names(project):
    factories.a_member(project, name="Ana Costa")
    with pytest.raises(Exception, match="@Ana Costa / @Ana Ferreira"):
        mentioned_people(project, "@Ana, look")


@pytest.mark.parametrize("text", ["mail ana@example.org", "@home at 3", "5 @ 20 €"])
def test_what_is_no_name_mentions_nobody(project, text):
    assert mentioned_people(project, text) == []


def test_member_by_team_can_be_mentioned(project):
    mei = factories.a_user("Mei Lin")
    team = factories.a_team(members=[mei])
    Membership.objects.create(project=project, team=team, role="viewer")
    assert mentioned_people(project, "@Mei Lin") == [mei]


def test_mention_of_somebody_who_cannot_see_the_project_is_refused_with_words(
    project, subject, browser_of, cast
):
    answer = browser_of("contributor").post(
        address(project), posted(subject, "What do you think, @Otto Outside?")
    )
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "Otto Outside cannot see this project" in text
    assert "What do you think, @Otto Outside?" in text
    assert not Comment.objects.exists()
    assert not Notification.objects.filter(user=cast.outsider).exists()


# Who is told


def kinds_of(person):
    return list(Notification.objects.filter(user=person).values_list("kind", flat=True))


def test_mentioned_people_are_told_and_who_writes_is_not(say, cast):
    row = say("@Ana Ferreira and @Contributor Person, is it so?")
    assert kinds_of(cast.owner) == ["mention"]
    assert kinds_of(cast.contributor) == []
    notice = Notification.objects.get()
    assert notice.url.endswith(f"#comment-{row.pk}")
    assert "mentioned you on “the value”" in notice.text


def test_who_talked_in_the_thread_is_told_of_an_answer(say, cast):
    first = say("Where is 12 % from?")
    say("From the books.", "owner", answers=first)
    assert kinds_of(cast.contributor) == ["comment"]
    assert kinds_of(cast.owner) == []
    assert kinds_of(cast.viewer) == []


def test_who_has_left_the_project_is_told_nothing(say, cast, project):
    first = say("Where is 12 % from?")
    Membership.objects.filter(project=project, user=cast.contributor).delete()
    say("From the books.", "owner", answers=first)
    assert kinds_of(cast.contributor) == []


def test_edit_tells_only_who_is_newly_mentioned(say, cast):
    row = say("@Ana Ferreira, look")
    services.edit_comment(
        row,
        actor=Actor(user=cast.contributor),
        text="@Ana Ferreira and @Editor Person, look",
    )
    assert [each.count for each in Notification.objects.filter(user=cast.owner)] == [1]
    assert kinds_of(cast.editor) == ["mention"]


# Resolving, trash


def test_resolved_thread_is_put_away_and_comes_back(
    say, project, subject, cast, browser_of
):
    row = say("Done?")
    there = address(project, "comment_resolve", row.pk)
    reader = Actor(user=cast.owner)
    browser_of("owner").post(there)
    assert [each.comment for each in thread(project, subject, reader).resolved] == [row]
    browser_of("owner").post(there)
    assert [each.comment for each in thread(project, subject, reader).going_on] == [row]


def test_deleted_comment_is_restored_by_its_writer(
    say, project, subject, cast, browser_of
):
    row = say("Oops")
    browser = browser_of("contributor")
    browser.post(address(project, "comment_delete", row.pk))
    reader = Actor(user=cast.contributor)
    assert thread(project, subject, reader).count == 0
    browser.post(address(project, "comment_restore", row.pk))
    assert thread(project, subject, reader).count == 1


def test_answers_stay_when_what_they_answer_is_deleted_even_for_good(
    say, project, subject, cast
):
    first = say("Oops")
    reply = say("Why?", "owner", answers=first)
    services.delete_comment(first, actor=Actor(user=cast.contributor))
    (line,) = thread(project, subject, Actor(user=cast.owner)).going_on
    assert line.is_gone
    assert [each.comment for each in line.replies] == [reply]
    Comment.objects.filter(pk=first.pk).update(deleted_at="2020-01-01T00:00Z")
    empty()
    (line,) = thread(project, subject, Actor(user=cast.owner)).going_on
    assert line.comment == reply


def test_comments_are_in_the_activity(say, project, browser_of, cast):
    say("Is it so?")
    page = browser_of("viewer").get(reverse("project_activity", args=[project.slug]))
    assert "commented on the value" in page.content.decode()
    assert AuditEntry.objects.filter(action="comment").count() == 1


def test_redirect_leads_to_where_it_was_said(project, cast, browser_of):
    requirement = Requirement(project=project, kind="compliance")
    services.save_requirement(
        requirement,
        actor=Actor(user=cast.owner),
        said={"title": "no age", "test": "attested"},
    )
    subject = find_subject(project, "requirement", str(requirement.pk))
    answer = browser_of("contributor").post(address(project), posted(subject, "Why?"))
    row = Comment.objects.get()
    assert answer.url == f"{requirement.get_absolute_url()}#comment-{row.pk}"


def test_with_script_the_thread_alone_is_shown_anew(project, subject, browser_of):
    answer = browser_of("contributor").post(
        address(project), posted(subject, "Hm"), headers={"HX-Request": "true"}
    )
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "<html" not in text
    assert "Hm" in text
