"""Take the README's pictures from a portal that shows the worked example.

    make run          # in another terminal, until the example is loaded
    make link         # prints a fresh sign-in link
    .venv/bin/python scripts/take_pictures.py <link>

Needs the development requirements and a Chromium.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser import chromium  # noqa: E402 - the tests know where Chromium is

TARGET = ROOT / "docs" / "pictures"
EXAMPLE = "/p/churn-example/"
DESK = ViewportSize(width=1440, height=900)
# Low, high and likely of what the form asks; the last question stays open.
TYPED = {
    "customers": ("60k", "76k", "68k"),
    "churn_rate": ("16", "28", "22"),
    "save_rate": ("10", "26", "17"),
    "margin": ("220", "350", "280"),
    "contact_cost": ("5", "14", "9"),
}


@dataclass(frozen=True)
class Picture:
    """One picture: where, in which theme, and what is done before."""

    name: str
    room: str
    theme: Literal["light", "dark"] = "light"
    before: Callable[[Page], None] = lambda page: None


def answer(page: Page) -> None:
    """Come to the questions and answer some of them."""
    if page.get_by_label("Group").count():
        page.get_by_label("Group").select_option(label="data scientist")
        page.get_by_role("button", name="Go to the questions").click()
    for question, texts in TYPED.items():
        group = page.locator(f"#q-{question}")
        for part, text in zip(("low", "high", "likely"), texts, strict=True):
            group.locator(f"[data-part={part}]").fill(text)
    page.wait_for_timeout(1500)
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")


def tick(page: Page) -> None:
    """Tick the first and the third run."""
    for key in "jxjjx":
        page.keyboard.press(key)


def open_best(page: Page) -> None:
    """Open the run at the head of the table."""
    page.locator("[data-runs] tr.row a").first.click()
    page.wait_for_load_state()


PICTURES = (
    Picture("overview", ""),
    Picture("runs", "runs/", before=tick),
    Picture("run", "runs/", before=open_best),
    Picture("data", "data/customers/v/2/"),
    Picture("experiment", "experiments/1/", theme="dark"),
    # Last: from then on the project waits for what the owner says.
    Picture("estimate", "value/estimate/", before=answer),
)


def take(page: Page, picture: Picture) -> Path:
    """Write one picture and return where it is."""
    page.emulate_media(color_scheme=picture.theme, reduced_motion="reduce")
    page.goto(EXAMPLE + picture.room)
    picture.before(page)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)
    file = TARGET / f"{picture.name}.png"
    page.screenshot(path=file)
    return file


def main(link: str) -> None:
    """Take every picture."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=["--no-sandbox", "--disable-gpu"]
        )
        address = link.partition("/login/")[0]
        page = browser.new_page(base_url=address, viewport=DESK, locale="en-GB")
        page.goto(link)
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "/login/" not in url)
        files = [take(page, picture) for picture in PICTURES]
        browser.close()
    for file in files:
        sys.stdout.write(
            f"{file.relative_to(ROOT)}: {file.stat().st_size // 1000} kB\n"
        )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
