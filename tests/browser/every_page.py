"""Every page there is: one address for each route, found by following links."""

import re
from dataclasses import dataclass

from django.urls import resolve
from playwright.sync_api import APIRequestContext

CONVERTER = re.compile(r"<\w+:")
LINK = re.compile(r'(?:href|hx-get)="([^"#]+)')
ELSEWHERE = ("/api/v1/", "/static/")
# Pages that no link of the example leads to.
UNLINKED = (
    "/password/change/",
    "/password/set/",
    "/api/docs/",
    "/search/?q=customers",
    "/p/churn-example/runs/?q=recall%3E%3Ehigh",
    "/p/churn-example/runs/?q=recall%3E2",
    "/p/churn-example/experiments/?archived",
    "/portfolio/scenarios/",
)


@dataclass(frozen=True)
class Answer:
    """What an address gave."""

    address: str
    is_page: bool
    text: str


def fetch(request: APIRequestContext, address: str) -> Answer:
    """Return an address's answer without following it elsewhere."""
    answer = request.get(address, max_redirects=0)
    kind, how = (
        answer.headers.get(f"content-{name}", "") for name in ("type", "disposition")
    )
    is_page = "text/html" in kind and "attachment" not in how
    text = answer.text() if is_page else ""
    # A fragment is part of a page and is seen there.
    is_whole = is_page and answer.status == 200 and "<!doctype html>" in text[:200]
    return Answer(address, is_whole, text)


def linked_from(address: str, text: str) -> list[str]:
    """Return the portal's own addresses that a page links to."""
    found = [link.replace("&amp;", "&") for link in LINK.findall(text)]
    path = address.partition("?")[0]
    return [path + link if link.startswith("?") else link for link in found]


def route_of(path: str) -> str:
    """Return the route of a path, without the kinds of its parts."""
    return plain(resolve(path).route)


def plain(route: str) -> str:
    """Return a route without the kinds of its parts: `p/<slug>/`."""
    return CONVERTER.sub("<", route)


def key_of(address: str) -> tuple[str, bool]:
    """Return the route of an address, and whether it asks for something."""
    path, _, query = address.partition("?")
    return route_of(path), bool(query)


def pages(request: APIRequestContext) -> dict[str, list[str]]:
    """Return the addresses of pages by route: one plain, and one with a query."""
    seen: set[tuple[str, bool]] = set()
    found: dict[str, list[str]] = {}
    waiting = ["/", *UNLINKED]
    while waiting:
        address = waiting.pop(0)
        key = key_of(address)
        if key in seen and address not in UNLINKED:
            continue
        seen.add(key)
        answer = fetch(request, address)
        if answer.is_page:
            found.setdefault(key[0], []).append(address)
        waiting += [
            link
            for link in linked_from(address, answer.text)
            if link.startswith("/") and not link.startswith(ELSEWHERE)
        ]
    return found
