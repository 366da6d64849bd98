"""Somebody without an account: what counts for them, and a report to read."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, colours, violations

HERS = "Iris Novak (invented)"


def objections(page: Page) -> list[str]:
    return [*violations(page), *colours(page, theme="dark")]


def test_a_stakeholder_says_what_counts_on_a_phone_by_keyboard(
    example, signed_in_page: Page, new_signed_in_context, silence
):
    owner = signed_in_page
    owner.goto(f"{example}metrics/ask/")
    owner.get_by_label(HERS).check()
    owner.get_by_role("button", name="Make the links").click()
    link = owner.get_by_label(f"Link for {HERS}").inner_text().strip()
    guest = new_signed_in_context(
        storage_state=None, viewport=PHONE, reduced_motion="reduce"
    ).new_page()
    guest.goto(link)
    assert objections(guest) == []
    guest.get_by_role("button", name="Start").press("Enter")
    kept = guest.get_by_role("group", name="Customers kept")
    expect(kept.get_by_label("Before all others")).to_be_checked()
    recall = guest.get_by_role("group", name="Recall", exact=True)
    words = recall.get_by_label("In your words")
    recall.get_by_label("I object").press("Space")
    expect(words).to_be_visible()
    send = guest.get_by_role("button", name="Send what counts for me")
    send.press("Enter")
    expect(recall.locator(".problem")).to_contain_text("Say what is wrong with it")
    silence.forgive("422")
    assert objections(guest) == []
    recall.get_by_label("I object").press("Space")
    send.press("Enter")
    heading = guest.get_by_role("heading", level=1)
    expect(heading).to_contain_text("Thank you, Iris.")
    assert objections(guest) == []
    owner.goto(f"{example}metrics/ask/")
    row = owner.get_by_role("listitem").filter(has_text=HERS)
    expect(row).to_contain_text("answered")


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_a_report_is_read_by_link_until_it_is_withdrawn(
    example, signed_in_page: Page, new_signed_in_context, silence, viewport
):
    owner = signed_in_page
    owner.goto(f"{example}experiments/")
    owner.get_by_role("link", name="First models", exact=True).click()
    report = owner.url.replace("/experiments/", "/reports/")
    owner.goto(report)
    if not owner.get_by_label("For whom").is_visible():
        owner.get_by_text("Make a link").click()
    owner.get_by_label("For whom").fill("The board")
    owner.get_by_role("button", name="Make the link").click()
    link = owner.get_by_label("The link", exact=True).inner_text().strip()
    guest = new_signed_in_context(
        storage_state=None, viewport=viewport, reduced_motion="reduce"
    ).new_page()
    with guest.expect_response(re.compile("/opened/$")) as opened:
        guest.goto(link)
    assert opened.value.status == 204
    expect(guest.get_by_role("main")).to_contain_text("Hypothesis.")
    assert objections(guest) == []
    owner.goto(report)
    row = owner.get_by_role("listitem").filter(has_text="The board").first
    expect(row).to_contain_text("read once")
    row.get_by_role("button", name="Withdraw").click()
    expect(owner.locator("#toasts")).to_contain_text("The link is closed.")
    guest.goto(link)
    silence.forgive("410")
    expect(guest.get_by_role("main")).to_contain_text("This link was withdrawn.")
    assert objections(guest) == []
