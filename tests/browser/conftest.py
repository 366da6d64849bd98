"""A real portal and a real Chromium; every page must keep its console silent."""

import json
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser import chromium
from tests.portal_process import PATIENCE_SECONDS, Portal, eventually, manage

AXE = (Path(__file__).parent.parent / "vendor" / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Playwright's five seconds are few where four runs share two cores.
expect.set_options(timeout=1000 * PATIENCE_SECONDS / 3)
PART = 65_536  # small, so that a test need not send much in parts
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def browser_type_launch_args():
    """Launch the system's Chromium: playwright's own is never downloaded."""
    path = chromium.find()
    if path is None and os.environ.get("CI") == "true":
        pytest.fail(f"No Chromium here. {chromium.REMEDY}", pytrace=False)
    if path is None:
        pytest.skip(f"No Chromium here. {chromium.REMEDY}")
    return {"executable_path": path, "args": QUIET}


@pytest.fixture(scope="session")
def portal(browser_type_launch_args, tmp_path_factory):
    """Every process of `make run`, which loads the worked example meanwhile."""
    data = tmp_path_factory.mktemp("browser") / "data"
    portal = Portal(
        data, settings={"EXAMPLE": "on", "UPLOAD_PART_BYTES": str(PART)}
    ).start()
    yield portal
    portal.stop()


@pytest.fixture(scope="session")
def example(portal) -> str:
    """Wait until the worked example is there; return its address."""
    eventually(lambda: is_loaded(portal))
    return "/p/churn-example/"


def is_loaded(portal: Portal) -> bool:
    """Say whether the audit trail says that the example was loaded."""
    database = f"file:{portal.data / 'portal.sqlite3'}?mode=ro"
    with closing(sqlite3.connect(database, uri=True, timeout=20)) as connection:
        query = "SELECT COUNT(*) FROM core_auditentry WHERE action = 'load example'"
        return bool(connection.execute(query).fetchone()[0])


@pytest.fixture(scope="session")
def base_url(portal):
    """Let tests write `page.goto("/projects/")`."""
    return portal.url


@pytest.fixture(scope="session")
def browser_context_args(base_url):
    return {"base_url": base_url, "viewport": DESK, "locale": "en-GB"}


@pytest.fixture(scope="session")
def owner_state(portal, browser: Browser, browser_context_args, tmp_path_factory):
    """Sign in once by a one-time link; return the file that keeps the cookies."""
    state = tmp_path_factory.mktemp("state") / "owner.json"
    context = browser.new_context(**browser_context_args)
    follow(context.new_page(), fresh_link(portal))
    context.storage_state(path=state)
    context.close()
    return state


def fresh_link(portal: Portal) -> str:
    """Return a new one-time link of the owner; it ends the older ones."""
    done = manage("sign_in_link", data=portal.data, PORT=str(portal.port))
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def follow(page: Page, link: str) -> None:
    """Open a one-time link and press its button: opening alone uses nothing up."""
    page.goto(link)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/login/" not in url)


@dataclass
class Silence:
    """What pages complained of; warnings do not count, errors and violations do."""

    heard: list[str] = field(default_factory=list)

    def listen(self, context: BrowserContext) -> None:
        context.on("console", self.on_console)
        context.on("weberror", lambda error: self.heard.append(str(error.error)))

    def on_console(self, message) -> None:
        # Whoever sends the form while its picture is redrawn leaves that behind; what
        # fails otherwise has a line of its own besides the first of these.
        if message.text.startswith(("htmx:afterRequest", "htmx:sendAbort")):
            return
        if message.type == "error" or "Content Security Policy" in message.text:
            self.heard.append(f"{message.text} ({message.page.url})")

    def forgive(self, words: str) -> None:
        """Forget complaints a test provokes on purpose, such as a refused form."""
        self.heard = [line for line in self.heard if words not in line]


@pytest.fixture
def silence():
    """Fail the test if a page logs an error or breaks the content policy."""
    silence = Silence()
    yield silence
    assert not silence.heard


@pytest.fixture
def context(context: BrowserContext, silence: Silence):
    """A visitor nobody knows, whose console is listened to."""
    silence.listen(context)
    return context


@pytest.fixture
def new_signed_in_context(
    browser: Browser, browser_context_args, owner_state, silence: Silence
):
    """Return a function that opens a context of the owner, with other options."""
    opened: list[BrowserContext] = []

    def open_context(**options) -> BrowserContext:
        settings = {**browser_context_args, "storage_state": owner_state, **options}
        opened.append(browser.new_context(**settings))
        silence.listen(opened[-1])
        return opened[-1]

    yield open_context
    for each in opened:
        each.close()


@pytest.fixture
def signed_in_page(new_signed_in_context) -> Page:
    """A page of the owner, at a desk."""
    return new_signed_in_context().new_page()


@pytest.fixture
def axe(new_signed_in_context):
    """Return a function that finds what axe objects to, in the four views of a page.

    `axe("/projects/")` opens the address at desk and phone, light and dark; use
    `violations(page)` for a state that takes clicks, on a page whose context was
    made with `bypass_csp=True`.
    """

    def look(address: str) -> list[str]:
        found = []
        for scheme in ("light", "dark"):
            for viewport in (DESK, PHONE):
                context = new_signed_in_context(
                    bypass_csp=True, color_scheme=scheme, viewport=viewport
                )
                page = context.new_page()
                page.goto(address)
                view = f"{scheme} {viewport['width']}"
                found += [f"{view}: {line}" for line in violations(page)]
        return found

    return look


def violations(page: Page) -> list[str]:
    """Return one line for each rule of axe that the page breaks."""
    page.evaluate(AXE)
    return broken(page, {"type": "tag", "values": RULES})


def colours(page: Page, *, theme: str) -> list[str]:
    """Return where text cannot be read in the other theme, after `violations`."""
    page.evaluate(
        """(theme) => {
          document.documentElement.dataset.theme = theme;
          document.dispatchEvent(new CustomEvent("portal:theme"));
        }""",
        theme,
    )
    return broken(page, {"type": "rule", "values": ["color-contrast"]})


def broken(page: Page, only: dict[str, object]) -> list[str]:
    """Return one line for each place where one of these rules of axe is broken."""
    options = {"runOnly": only, "resultTypes": ["violations"]}
    result = page.evaluate(f"axe.run(document, {json.dumps(options)})")
    return [
        f"{each['id']} ({each['impact']}): {node['html'][:160]} — {node['failureSummary']}"
        for each in result["violations"]
        for node in each["nodes"]
    ]
