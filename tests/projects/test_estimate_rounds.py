"""A further round: opened with a reason, blind again, counted once it is revealed."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from core.access import Actor
from projects import services
from projects.models import Estimate, EstimateRound, Invitation
from projects.selectors.portfolio.rows import is_estimated
from projects.selectors.value import (
    counted_answers,
    current_case,
    is_revealed,
    revealed_round,
)
from tests import factories

pytestmark = pytest.mark.django_db


def url(project, name, *args):
    return reverse(f"projects:{name}", args=[project.slug, *args])


@pytest.fixture
def people(project):
    """Ruth and Jonas have answered, far apart; the first round is revealed."""
    ruth = factories.a_stakeholder(project, "Ruth Adler")
    jonas = factories.a_stakeholder(project, "Jonas Weber")
    factories.an_answer(ruth, factor=0.2)
    factories.an_answer(jonas, factor=1.0)
    return ruth, jonas


def round_form(people, reason="Finance has new figures."):
    return {
        "reason": reason,
        "people": [each.pk for each in people],
        "deadline": timezone.localdate().isoformat(),
    }


def open_round(project, people, browser):
    answer = browser.post(url(project, "value_round"), round_form(people))
    assert answer.url == url(project, "value_ask")
    project.refresh_from_db()
    return answer


def test_an_editor_opens_a_second_round_with_a_reason(project, people, browser_of):
    editor = browser_of("editor")
    refused = editor.post(url(project, "value_round"), round_form(people, reason=""))
    assert refused.status_code == 422
    assert b"Say why: people read it" in refused.content
    open_round(project, people, editor)
    assert project.estimate_round == 2
    assert EstimateRound.objects.get().reason == "Finance has new figures."
    asked = Invitation.objects.filter(round=2)
    assert {each.stakeholder for each in asked} == set(people)
    links = editor.get(url(project, "value_ask")).content.decode()
    assert "2 links to hand over" in links
    assert "Finance has new figures." in links


def test_only_editors_open_rounds(project, people, browser_of):
    page = url(project, "value_round")
    for who in ("contributor", "viewer", "outsider"):
        assert browser_of(who).get(page).status_code == 404
        assert browser_of(who).post(page, round_form(people)).status_code == 404
    assert not EstimateRound.objects.exists()


def test_a_round_that_is_blind_cannot_be_followed_by_another(
    project, people, browser_of
):
    open_round(project, people, browser_of("editor"))
    again = browser_of("editor").post(url(project, "value_round"), round_form(people))
    assert again.url == url(project, "value") + "#people"
    with pytest.raises(ValidationError, match="Round 2 is not over"):
        services.open_round(project, actor=Actor(), reason="x")
    assert EstimateRound.objects.count() == 1


def test_the_new_answers_count_only_once_all_have_given_them(
    project, people, browser_of
):
    ruth, jonas = people
    open_round(project, people, browser_of("editor"))
    before = current_case(project).digest
    factories.an_answer(ruth, factor=0.9)
    project.refresh_from_db()
    assert current_case(project).digest == before
    assert (revealed_round(project), counted_answers(project).upto) == (1, 1)
    page = browser_of("viewer").get(url(project, "value")).content.decode()
    assert "Round 2 is open: 1 of 2 have answered" in page
    assert "round 1:" not in page
    factories.an_answer(jonas, factor=1.0)
    project.refresh_from_db()
    assert is_revealed(project)
    assert current_case(project).digest != before
    page = browser_of("viewer").get(url(project, "value")).content.decode()
    assert "round 1: 8 000 to 12 000 customers" in page.replace(
        "\N{NARROW NO-BREAK SPACE}", " "
    ).replace("\N{NO-BREAK SPACE}", " ")
    assert "In round 1 it was" in page


def test_what_was_said_first_stays(project, people, browser_of):
    ruth, _jonas = people
    open_round(project, people, browser_of("editor"))
    factories.an_answer(ruth, factor=0.9)
    rows = Estimate.objects.filter(stakeholder=ruth, quantity__name="margin")
    assert [row.low for row in rows.order_by("round")] == [30.0, 135.0]


def test_whoever_is_not_asked_again_stands_by_the_first_answer(
    project, people, browser_of
):
    ruth, jonas = people
    open_round(project, [ruth], browser_of("editor"))
    factories.an_answer(ruth, factor=1.0)
    project.refresh_from_db()
    assert is_revealed(project)
    margin = project.quantities.get(name="margin")
    from projects.selectors.value import latest

    said = latest(margin.estimates.all(), upto=2)
    assert {(row.stakeholder, row.round) for row in said} == {(ruth, 2), (jonas, 1)}


def test_declining_the_second_round_ends_it(project, people, browser_of):
    ruth, jonas = people
    open_round(project, people, browser_of("editor"))
    factories.an_answer(ruth, factor=1.0)
    services.decline_invitation(
        Invitation.objects.get(round=2, stakeholder=jonas), reason="I said it all."
    )
    project.refresh_from_db()
    assert is_revealed(project)


def test_the_owner_shows_the_new_answers_early(project, people, browser_of):
    ruth, _jonas = people
    open_round(project, people, browser_of("editor"))
    factories.an_answer(ruth, factor=1.0)
    before = current_case(project).digest
    assert browser_of("editor").post(url(project, "value_reveal")).status_code == 404
    browser_of("owner").post(url(project, "value_reveal"))
    assert current_case(project).digest != before


def secret_of(invitation):
    return services.renew_invitation(
        invitation, actor=Actor(), deadline=invitation.deadline
    )


def test_the_second_form_shows_what_everybody_said_and_ones_own_numbers(
    project, people, client, browser_of
):
    ruth, jonas = people
    Estimate.objects.filter(stakeholder=jonas, quantity__name="margin").update(
        comment="From the contract."
    )
    open_round(project, people, browser_of("editor"))
    secret = secret_of(Invitation.objects.get(round=2, stakeholder=ruth))
    hello = client.get(reverse("projects:invitation", args=[secret])).content.decode()
    assert "round 2" in hello
    page = client.get(reverse("projects:guest_estimate", args=[secret]))
    text = page.content.decode()
    assert "Finance has new figures." in text
    assert "What people said before" in text
    assert "Jonas Weber" in text
    assert "From the contract." in text
    assert 'name="margin_low" value="30"' in text
    assert "Send my 6 numbers" in text


def test_the_link_of_the_first_round_does_not_open_the_second(
    project, ruth, client, browser_of
):
    _invitation, secret = factories.an_invitation(ruth)
    client.post(
        reverse("projects:guest_estimate", args=[secret]), factories.typed(project)
    )
    open_round(project, [ruth], browser_of("editor"))
    form = reverse("projects:guest_estimate", args=[secret])
    assert client.get(form).url == reverse("projects:guest_receipt", args=[secret])
    client.post(form, factories.typed(project, margin_low="1"))
    assert not Estimate.objects.filter(round=2).exists()
    receipt = client.get(reverse("projects:guest_receipt", args=[secret]))
    assert "that round has a link of its own" in receipt.content.decode()


def test_a_round_nobody_was_asked_in_is_not_over(project, people):
    services.open_round(
        project, actor=Actor(user=project.created_by), reason="A pilot."
    )
    ruth = people[0]
    ruth.refresh_from_db()
    factories.an_answer(ruth, factor=0.9)
    project.refresh_from_db()
    assert not is_revealed(project)


def test_a_first_round_ended_by_its_deadline_counts_without_anybody_writing(project):
    ruth = factories.a_stakeholder(project, "Ruth Adler")
    jonas = factories.a_stakeholder(project, "Jonas Weber")
    ends = timezone.now() + timedelta(hours=1)
    for each in (ruth, jonas):
        factories.an_invitation(each, deadline=ends)
    factories.an_answer(ruth, factor=0.2)
    before = current_case(project).digest
    services.close_due_rounds(now=ends - timedelta(minutes=1))
    assert current_case(project).digest == before
    with time_machine.travel(ends + timedelta(minutes=1)):
        services.close_due_rounds(now=timezone.now())
        assert current_case(project).digest != before
        after = current_case(project).digest
        services.close_due_rounds(now=timezone.now())
        assert current_case(project).digest == after


def test_a_portfolio_counts_no_project_whose_only_answers_are_blind(project):
    ruth = factories.a_stakeholder(project, "Ruth Adler")
    jonas = factories.a_stakeholder(project, "Jonas Weber")
    for each in (ruth, jonas):
        factories.an_invitation(each)
    factories.an_answer(ruth)
    assert is_estimated([project]) == {project.pk: False}
    factories.an_answer(jonas)
    assert is_estimated([project]) == {project.pk: True}
