"""The tour of the README, step by step, on the worked example."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PHONE, follow, fresh_link, violations

ACCURACY = "Finds at least 74 of 100 leavers"
KEPT = "#q-save_rate"  # the question that the tour answers


@pytest.fixture(autouse=True)
def loaded(example):
    """The example, before any step."""


@pytest.fixture
def page_of(signed_in_page: Page, example: str):
    """Return a function that opens a room of the example at a desk."""

    def open_room(room: str = "") -> Page:
        signed_in_page.goto(f"{example}{room}")
        return signed_in_page

    return open_room


def begin_estimate(page: Page) -> None:
    """Come to the questions, by way of who answers when that is not known yet."""
    page.get_by_role("link", name="Give my estimate").click()
    page.wait_for_url("**/value/estimate/**")
    if page.get_by_label("Group").count():
        page.get_by_label("Group").select_option(label="data scientist")
        page.get_by_role("button", name="Go to the questions").click()


def box(page: Page, part: str, question: str = KEPT):
    """Return one of a question's three boxes."""
    return page.locator(question).locator(f"[data-part={part}]")


def fill(page: Page, low: str, high: str, likely: str, question: str = KEPT) -> None:
    for part, text in (("low", low), ("high", high), ("likely", likely)):
        box(page, part, question).fill(text)


def test_sign_in_leads_to_the_example(page: Page, portal):
    follow(page, fresh_link(portal))
    page.goto("/")
    expect(page.get_by_role("region", name="Lately")).to_contain_text("trained 5 runs")
    page.get_by_role("link", name="Keeping customers from leaving").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("9 times in 10")
    expect(page.locator(".station-strip li")).to_have_count(6)
    expect(page.locator(".dot-plot circle")).to_have_count(20)


def test_a_number_changes_the_picture(page_of):
    page = page_of("value/")
    begin_estimate(page)
    fill(page, "12", "30", "20")
    says = page.locator("#says")
    expect(says).to_contain_text("of 20 futures this pays back")
    before = page.locator("#picture").inner_text()
    with page.expect_response("**/estimate/preview/"):
        fill(page, "30", "60", "45")
    expect(page.locator("#picture")).not_to_have_text(before, use_inner_text=True)
    expect(page.locator(KEPT).locator(".echo")).to_contain_text("45")


def test_a_low_above_its_high_is_said_beside_the_box(new_signed_in_context, example):
    page = new_signed_in_context(viewport=PHONE).new_page()
    page.goto(f"{example}value/")
    begin_estimate(page)
    fill(page, "12", "30", "20")
    box(page, "low").fill("60")
    problem = page.locator(KEPT).locator(".problem")
    expect(problem).to_contain_text("is above high")
    expect(box(page, "low")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#picture figure.is-dimmed").first).to_be_visible()
    expect(page.get_by_text("From your last valid numbers.")).to_be_visible()
    assert violations(page) == []


def test_estimate_form_redraws_without_javascript(new_signed_in_context, example):
    page = new_signed_in_context(java_script_enabled=False).new_page()
    page.goto(f"{example}value/")
    begin_estimate(page)
    fill(page, "10", "20", "15")
    page.get_by_role("button", name="Redraw the picture").click()
    expect(page.locator("#says")).to_contain_text("of 20 futures this pays back")
    expect(box(page, "likely")).to_have_value("15")
    fill(page, "30", "20", "25")
    page.get_by_role("button", name="Redraw the picture").click()
    problem = page.locator(KEPT).locator(".problem")
    expect(problem).to_contain_text("is above high")


def test_a_requirement_opens_down_to_the_run_that_was_measured(page_of):
    page = page_of("requirements/")
    page.get_by_role("link", name=ACCURACY).click()
    evidence = page.get_by_role("table")
    expect(evidence).to_contain_text("too little evidence")
    evidence.get_by_role("link").first.click()
    expect(page).to_have_url(re.compile("/runs/"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("a year")


def test_data_are_scored_and_drawn(page_of):
    page = page_of("data/")
    page.get_by_role("link", name="customers", exact=True).click()
    page.get_by_role("link", name="Version 2", exact=True).first.click()
    for dimension in ("Accuracy", "Completeness", "Consistency", "Timeliness"):
        expect(page.get_by_role("main")).to_contain_text(dimension)
    picture = page.locator("[data-chart]").first
    picture.scroll_into_view_if_needed()
    expect(picture.locator("svg.main-svg").first).to_be_visible()


def test_runs_are_sorted_and_filtered_on_the_server(page_of):
    page = page_of("runs/")
    page.get_by_role("columnheader", name="Recall").get_by_role("link").click()
    head = page.get_by_role("columnheader", name="Recall")
    expect(head).to_have_attribute("aria-sort", "descending")
    page.get_by_label("Filter runs").fill("family:linear")
    page.get_by_label("Filter runs").press("Enter")
    expect(page.get_by_role("main")).to_contain_text("1 of 5 runs")
    expect(page.locator("tr.row")).to_have_count(1)
    page.get_by_label("Filter runs").fill("recall>high")
    page.get_by_label("Filter runs").press("Enter")
    expect(page.locator("#filter-problem")).to_be_visible()


def test_keys_tick_two_runs_and_compare_them(page_of):
    page = page_of("runs/")
    for key in "jxjx":
        page.keyboard.press(key)
    expect(page.get_by_role("region", name="Ticked runs")).to_contain_text("2 ticked")
    expect(page.locator("tr[aria-selected=true]")).to_have_count(2)
    page.keyboard.press("k")
    page.keyboard.press("c")
    page.wait_for_url("**/runs/compare/**")
    assert page.url.count("run=") == 2
    picture = page.locator("[data-chart]").first
    picture.scroll_into_view_if_needed()
    expect(picture.locator("svg.main-svg").first).to_be_visible()
    assert violations(page) == []


def test_keys_open_search_and_shortcuts(page_of):
    page = page_of("runs/")
    page.keyboard.press("/")
    page.get_by_label("Search for").fill("customers")
    results = page.locator("#search-results")
    expect(results.get_by_role("link", name="Keeping customers").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(results).to_be_hidden()  # a key pressed sooner would be typed into it
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()


def test_theme_switch_is_kept(page_of):
    page = page_of()
    page.locator("[data-theme-switch]").first.click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_report_opens_from_disk_without_a_network(
    page_of, browser: Browser, tmp_path: Path, silence
):
    page = page_of("experiments/")
    page.get_by_role("link", name="First models", exact=True).click()
    page.get_by_role("link", name="Report", exact=True).click()
    with page.expect_download() as started:
        page.get_by_role("link", name="Download as one file").click()
    file = tmp_path / "report.html"
    started.value.save_as(file)
    context = browser.new_context(offline=True)
    silence.listen(context)
    alone = context.new_page()
    alone.goto(file.as_uri())
    expect(alone.get_by_role("heading", level=1)).to_contain_text("earns most")
    expect(alone.locator("[data-chart] svg.main-svg").first).to_be_visible()
    context.close()


def test_decision_is_signed_and_prints_on_one_page(page_of):
    page = page_of("decisions/")
    title = page.get_by_role("heading", level=1)
    expect(title).to_contain_text("The model gate is stale")
    page.get_by_role("link", name="Shall we build a model").click()
    assert (
        len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 1
    )
    expect(page.locator(".signatures")).to_contain_text("Ruth Adler")
    page.get_by_role("link", name="Design gate").click()
    expect(title).to_contain_text("The design gate is open")
