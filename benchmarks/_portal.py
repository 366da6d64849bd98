"""A running portal with the worked example in it, and a browser."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.portal_process import Portal, eventually

EXAMPLE_SECONDS = 300
PROJECT = "/p/churn-example/"


class Browser(requests.Session):
    """A session with one portal; addresses are paths."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.headers["Referer"] = address

    def request(self, method, url, *args, **kwargs):  # type: ignore[no-untyped-def]  # requests has no types here
        """Ask the portal for a path, or for one of its whole addresses."""
        whole = url if url.startswith("http") else self.address + url
        return super().request(method, whole, *args, timeout=60, **kwargs)


@contextmanager
def example() -> Iterator[tuple[Browser, Portal]]:
    """Yield a signed-in browser and the portal, once every job of the example is over."""
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        portal = Portal(Path(folder) / "data", settings={"EXAMPLE": "on"}).start()
        try:
            yield signed_in(portal), portal
        finally:
            portal.stop()


def signed_in(portal: Portal) -> Browser:
    """Return a browser of the owner; waits until the example is there."""
    log = portal.data / "logs" / "example.log"
    eventually(
        lambda: log.is_file() and "example is there" in log.read_text(),
        seconds=EXAMPLE_SECONDS,
    )
    browser = Browser(portal.url)
    link = portal.sign_in_link()
    submit(browser, link)
    return browser


def submit(browser: Browser, address: str) -> None:
    """Send the one-button form that an address shows."""
    page = browser.get(address)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
    if token:
        data = {"csrfmiddlewaretoken": token[1]}
        browser.post(address, data=data)
