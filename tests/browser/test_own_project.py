"""A project of one's own, from the first question to the decision."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import PART, PHONE, violations

CUSTOMERS = Path(__file__).parents[2] / "examples" / "churn" / "customers.csv"
PARTS = re.compile(r"/parts/(\d+)/")
PEOPLE = ("Ada Kent", "Bo Lind")
ANSWERS = {
    "customers": ("6k", "8k", "7 000"),
    "churn_rate": ("20 %", "32", "26"),
    "save_rate": ("10", "30", "20"),
    "margin": ("200", "350", "260"),
    "contact_cost": ("5", "15", "9"),
    "running_cost": ("20k", "60k", "40k"),
}


@pytest.fixture(scope="module")
def owner(browser, browser_context_args, owner_state):
    """One visit of the owner, so that each step goes on where the last one ended."""
    context = browser.new_context(**browser_context_args, storage_state=owner_state)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def home(owner: Page) -> str:
    """Make the project; return its address."""
    owner.goto("/projects/new/")
    owner.get_by_label("Name").fill("Calls that keep people")
    owner.get_by_label("Problem").fill("Every fourth customer leaves.")
    owner.get_by_label("Decision it supports").fill("Whom to call")
    owner.get_by_role("button", name="Make it and see what it is worth").click()
    owner.wait_for_url(re.compile(r"/p/[\w-]+/"))
    return str(re.findall(r".*?/p/[\w-]+/", owner.url)[0])


@pytest.fixture(scope="module")
def links(owner: Page, home: str) -> list[str]:
    """Add two stakeholders and make a link for each."""
    for name in PEOPLE:
        owner.goto(f"{home}people/new/")
        owner.get_by_label("Name").fill(name)
        owner.get_by_label("Group").select_option(label="business")
        owner.get_by_role("button", name="Keep").click()
        expect(owner.get_by_role("main")).to_contain_text(name)
    owner.goto(f"{home}value/ask/")
    for name in PEOPLE:
        owner.get_by_label(name).check()
    owner.get_by_role("button", name="Make the links").click()
    return [
        owner.get_by_label(f"Link for {name}").inner_text().strip() for name in PEOPLE
    ]


@pytest.fixture
def guest(new_signed_in_context) -> Page:
    """Somebody without an account, with a phone."""
    context: BrowserContext = new_signed_in_context(storage_state=None, viewport=PHONE)
    return context.new_page()


def answer(page: Page) -> None:
    for question, texts in ANSWERS.items():
        group = page.locator(f"#q-{question}")
        for part, text in zip(("low", "high", "likely"), texts, strict=True):
            group.locator(f"[data-part={part}]").fill(text)


def finished(page: Page, part: Locator) -> None:
    """Wait for work that a worker does."""
    expect(part).to_be_visible(timeout=90_000)


def test_guest_answers_by_link_on_a_phone(
    guest: Page, links: list[str], owner: Page, home
):
    guest.goto(links[0])
    assert violations(guest) == []
    guest.get_by_role("link", name="I would rather not answer").click()
    assert violations(guest) == []
    guest.goto(links[0])
    guest.get_by_role("button", name="Start").click()
    answer(guest)
    expect(guest.locator("#says")).to_contain_text("of 20 futures this pays back")
    assert violations(guest) == []
    guest.get_by_role("button", name="Send my 6 numbers").click()
    heading = guest.get_by_role("heading", level=1)
    expect(heading).to_contain_text("Thank you, Ada. Your 6 numbers are kept.")
    assert violations(guest) == []
    owner.goto(f"{home}value/ask/")
    expect(owner.get_by_role("main")).to_contain_text("answered")


def test_answers_can_be_sent_without_javascript(
    new_signed_in_context, links: list[str], silence
):
    page = new_signed_in_context(
        storage_state=None, java_script_enabled=False
    ).new_page()
    page.goto(f"{links[1]}estimate/")
    answer(page)
    group = page.locator("#q-running_cost")
    group.locator("[data-part=low]").fill("90k")
    page.get_by_role("button", name="Send my 6 numbers").click()
    expect(group.locator(".problem")).to_contain_text("above high")
    silence.forgive("422")
    group.locator("[data-part=low]").fill("25k")
    page.get_by_role("button", name="Send my 6 numbers").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")


def test_a_binary_file_named_csv_is_refused_with_its_reason(
    owner: Page, home: str, tmp_path: Path
):
    file = tmp_path / "picture.csv"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40)
    owner.goto(f"{home}data/new/")
    owner.get_by_label("Name").fill("pictures")
    owner.locator("input[type=file]").set_input_files(file)
    owner.get_by_role("button", name="Upload and profile").click()
    finished(owner, owner.get_by_role("heading", name="was not taken"))
    expect(owner.get_by_role("alert")).to_contain_text("picture.csv")


def test_upload_is_profiled_without_javascript_too(
    new_signed_in_context, home: str, tmp_path: Path
):
    page = new_signed_in_context(java_script_enabled=False).new_page()
    file = tmp_path / "three.csv"
    file.write_text("id,amount\n1,10\n2,20\n3,30\n")
    page.goto(f"{home}data/new/")
    page.get_by_label("Name").fill("three rows")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Upload and profile").click()
    expect(page.get_by_role("main")).to_contain_text("three.csv")


def test_a_large_file_is_paused_and_goes_on_after_a_reload(
    owner: Page, home: str, tmp_path: Path
):
    owner.goto(f"{home}data/new/")
    owner.get_by_label("Name").fill("readings")
    owner.get_by_role("button", name="Fetch it from a source instead").click()
    owner.wait_for_url("**/source/")
    owner.goto(f"{home}data/readings/")
    file = tmp_path / "readings.csv"
    file.write_bytes(b"id,value\n" + b"1,2\n" * (PART - 3))  # four parts
    owner.locator("input[type=file]").set_input_files(file)
    owner.route("**/parts/3/", lambda route: None)  # it never arrives
    owner.get_by_role("button", name="Upload and profile").click()
    expect(owner.locator("[data-share]")).to_have_text("50")
    owner.get_by_role("button", name="Pause").click()
    expect(owner.get_by_text("paused")).to_be_visible()
    owner.get_by_role("button", name="Stop").click()
    expect(owner.get_by_text("50 % came")).to_be_visible()
    owner.unroute("**/parts/3/")
    sent: list[str] = []
    owner.on("request", lambda asked: sent.extend(PARTS.findall(asked.url)))
    owner.locator("input[type=file]").set_input_files(file)
    owner.get_by_role("button", name="Upload and profile").click()
    owner.wait_for_url("**/v/1/")
    assert sent == ["3", "4"]
    finished(owner, owner.get_by_text(re.compile("65.533 rows")).first)


def test_own_data_train_models_that_are_priced_and_decided_on(
    owner: Page, home: str, silence
):
    silence.listen(owner.context)
    owner.goto(f"{home}data/new/")
    owner.get_by_label("Name").fill("customers")
    owner.locator("input[type=file]").set_input_files(CUSTOMERS)
    owner.get_by_role("button", name="Upload and profile").click()
    finished(owner, owner.get_by_role("heading", name=re.compile(r"^\d+ columns$")))
    ask_the_data(owner, home)
    finished(owner, owner.locator("[data-runs] tr.row").nth(2))
    expect(owner.get_by_role("heading", level=1)).to_contain_text("a year")
    owner.locator("[data-runs] tr.row a").first.click()
    owner.get_by_text("Go past the closed gate").click()
    owner.get_by_label("Why go past it?").fill("To see it through to the end.")
    owner.get_by_role("button", name="Nominate past the gate").click()
    expect(owner.get_by_role("main")).to_contain_text("candidate")
    owner.goto(f"{home}decisions/new/")
    owner.get_by_label("Question").fill("Shall we call them?")
    owner.get_by_label("Gate").select_option(index=1)
    owner.get_by_label("Proposal").select_option(index=1)
    owner.get_by_label("Why").fill("It pays.")
    owner.get_by_role("button", name="Propose with today’s evidence").click()
    expect(owner.get_by_role("main")).to_contain_text("The candidate")


def ask_the_data(page: Page, home: str) -> None:
    """Write a hypothesis about the customers and start four models."""
    page.goto(f"{home}experiments/new/")
    page.get_by_label("Data").select_option(label="customers, version 1")
    page.get_by_role("button", name="Use this table and column").click()
    page.get_by_label("Column to predict").select_option("churn")
    page.get_by_role("button", name="Use this table and column").click()
    page.get_by_label("Name").fill("First look")
    page.get_by_label("Hypothesis").fill("Contracts tell who leaves.")
    page.get_by_label("Decision tree").check()
    page.get_by_label("Gradient boosting").uncheck()
    page.get_by_label("Folds").fill("3")
    page.get_by_role("button", name="Freeze the rules and train").click()


def test_a_job_that_waits_or_runs_can_be_cancelled(owner: Page, home: str):
    owner.goto(f"{home}experiments/")
    owner.get_by_role("link", name="First look", exact=True).click()
    owner.get_by_role("link", name="Train another model").click()
    owner.get_by_role("link", name="Random forest").click()
    owner.get_by_role("button", name="Train").click()
    owner.wait_for_url(lambda url: "/train/" not in url)
    owner.goto(f"{home}experiments/")
    owner.get_by_role("link", name="First look", exact=True).click()
    owner.get_by_role("button", name=re.compile("^Cancel")).first.click()
    finished(owner, owner.get_by_text("cancel").first)
