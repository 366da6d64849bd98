"""Server time of every main page, with the worked example in it.

`python -m benchmarks.pages` starts a portal, loads the example, and asks each page
thirty times over one connection to gunicorn, one request at a time. Bar: p95 at most
150 ms.
"""

import re
import statistics
import sys
from http import HTTPStatus

from benchmarks._figures import milliseconds, p95, verdict
from benchmarks._portal import PROJECT, Browser, example

BAR_MS = 150.0
TIMES = 30
PAGES = (
    "/",
    "/projects/",
    "/inbox/",
    "/me/",
    "/me/tokens/",
    "/manage/",
    "/manage/people/",
    "/help/",
    "/search/?q=churn",
    PROJECT,
    *(
        PROJECT + room
        for room in (
            "activity/",
            "value/",
            "value/estimate/",
            "value/ask/",
            "value/edit/",
            "people/",
            "settings/",
            "requirements/",
            "requirements/derive/",
            "metrics/",
            "data/",
            "data/customers/",
            "data/customers/v/2/",
            "data/customers/v/2/columns/",
            "data/customers/compare/",
            "experiments/",
            "experiments/new/",
            "runs/",
            "decisions/",
        )
    ),
)
# A page of one thing, found on the page that lists it.
ONE_OF = {
    "requirements/": r"requirements/\d+/",
    "experiments/": r"experiments/\d+/",
    "runs/": r"runs/[0-9a-f]{32}/",
    "decisions/": r"decisions/\d+/",
}


def addresses(browser: Browser) -> list[str]:
    """Return every main page, those of one run, requirement and so on too."""
    found = list(PAGES)
    for room, pattern in ONE_OF.items():
        match = re.search(PROJECT + pattern, browser.get(PROJECT + room).text)
        if match is None:
            raise SystemExit(f"the example shows nothing in {room}")
        found.append(match[0])
    return found


def fetch(browser: Browser, path: str) -> None:
    """Get a page, or stop the benchmark."""
    answer = browser.get(path)
    if answer.status_code != HTTPStatus.OK:
        raise SystemExit(f"{path} answered {answer.status_code}")


def main() -> int:
    """Print a line a page; fail when one misses the bar."""
    held = []
    with example() as (browser, _portal):
        for path in addresses(browser):
            milliseconds(lambda path=path: fetch(browser, path), 6)  # both processes
            taken = milliseconds(lambda path=path: fetch(browser, path), TIMES)
            name = f"{path} (p50 {statistics.median(taken):.0f} ms), p95"
            held.append(verdict(name, p95(taken), BAR_MS, "ms"))
    return int(not all(held))


if __name__ == "__main__":
    sys.exit(main())
