"""Questions that follow from an answer appear once it is given."""

import pytest
from playwright.sync_api import Page, expect


@pytest.fixture
def page_of(signed_in_page: Page, example: str):
    """Return a function that opens a room of the example."""

    def open_room(room: str) -> Page:
        signed_in_page.goto(f"{example}{room}")
        return signed_in_page

    return open_room


def test_the_fields_of_a_kind_follow_its_choice_and_its_answers(page_of):
    page = page_of("requirements/new/")
    expect(page.get_by_text("When are predictions made?")).to_be_hidden()
    page.get_by_label("Kind").select_option("frequency")
    expect(page.get_by_text("When are predictions made?")).to_be_visible()
    expect(page.get_by_label("Answered within, ms")).to_be_hidden()
    page.get_by_label("one by one, when asked (real time)").check()
    expect(page.get_by_label("Answered within, ms")).to_be_visible()
    page.get_by_label("many at once, by a plan (batch)").check()
    expect(page.get_by_label("Answered within, ms")).to_be_hidden()
    expect(page.get_by_label("Cases in a batch")).to_be_visible()


def test_a_question_of_a_law_brings_up_the_next(page_of):
    page = page_of("requirements/")
    page.get_by_role("link", name="Keeps to the GDPR").click()
    page.get_by_role("link", name="Answer the questions").click()
    transfer = page.get_by_role("group", name="Does the data leave the European")
    ground = page.get_by_role("group", name="Is there an adequacy decision")
    expect(ground).to_be_hidden()
    transfer.get_by_label("Yes", exact=True).check()
    expect(ground).to_be_visible()
    transfer.get_by_label("No", exact=True).check()
    expect(ground).to_be_hidden()
