"""How long the value picture takes to redraw while somebody types, at 10,000 draws.

`python -m benchmarks.redraw` starts a portal with the worked example, opens the
estimate form, and sends it two hundred times with another number each time. Bar: p95
at most 150 ms through the server.
"""

import statistics
import sys
from html.parser import HTMLParser
from http import HTTPStatus

from benchmarks._figures import milliseconds, p95, verdict
from benchmarks._portal import PROJECT, Browser, example

BAR_MS = 150.0
TIMES = 200
FORM = PROJECT + "value/estimate/"


class Boxes(HTMLParser):
    """The boxes of a page, as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep each box that would be sent."""
        box = dict(attrs)
        is_off = box.get("type") in {"checkbox", "radio"} and "checked" not in box
        if tag == "input" and box.get("name") and not is_off:
            self.values[str(box["name"])] = box.get("value") or ""


def boxes(browser: Browser, address: str) -> dict[str, str]:
    """Return the boxes of a page with what stands in them."""
    reader = Boxes()
    reader.feed(browser.get(address).text)
    return reader.values


def filled(browser: Browser) -> dict[str, str]:
    """Return the estimate form, filled; its reader becomes a stakeholder first."""
    join = {**boxes(browser, FORM), "group": "business"}
    browser.post(FORM + "join/", data=join)
    form = boxes(browser, FORM)
    lows = [name for name in form if name.endswith("_low")]
    if not lows:
        raise SystemExit("the estimate form shows no boxes")
    for name in lows:
        stem = name.removesuffix("_low")
        form |= {name: "10", f"{stem}_likely": "20", f"{stem}_high": "30"}
    return form


def main() -> int:
    """Print the figure; fail when it misses the bar."""
    with example() as (browser, _portal):
        form = filled(browser)
        first = next(name for name in form if name.endswith("_likely"))
        typed = iter(range(TIMES + 20))

        def redraw() -> None:
            data = {**form, first: f"{15 + next(typed) % 100 / 10:g}"}
            answer = browser.post(
                FORM + "preview/", data=data, headers={"HX-Request": "true"}
            )
            if answer.status_code != HTTPStatus.OK or "<svg" not in answer.text:
                raise SystemExit(f"no picture: {answer.status_code}")

        milliseconds(redraw, 10)
        taken = milliseconds(redraw, TIMES)
    name = f"redraw of 10,000 draws (p50 {statistics.median(taken):.0f} ms), p95"
    return int(not verdict(name, p95(taken), BAR_MS, "ms"))


if __name__ == "__main__":
    sys.exit(main())
