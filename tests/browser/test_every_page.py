"""Every page at desk and phone, light and dark: axe, console, policy and width."""

import pytest

from tests.access_matrix import read_table
from tests.browser.conftest import DESK, PHONE, Silence, colours, violations
from tests.browser.every_page import pages, plain

# Routes that answer with a page and that the walk cannot reach.
SEEN_ELSEWHERE = {
    "i/<secret>/": "test_own_project.py answers by link",
    "i/<secret>/estimate/": "test_own_project.py answers by link",
    "i/<secret>/decline/": "test_own_project.py answers by link",
    "i/<secret>/metrics/": "test_by_link.py answers and reads by link",
    "s/<secret>/": "test_by_link.py answers and reads by link",
    "login/link/<secret>/": "STRANGERS",
    "password/reset/": "STRANGERS",
    "password/reset/done/": "STRANGERS",
    "password/reset/changed/": "STRANGERS",
    "password/reset/<uidb36>/<key>/": "STRANGERS",
}
# What somebody sees who is not signed in.
STRANGERS = (
    "/login/",
    "/login/link/no-such-link/",
    "/password/reset/",
    "/password/reset/done/",
    "/password/reset/changed/",
    "/password/reset/1-set/no-such-key/",
    "/no/such/page/",
)
NOT_PAGES = {
    "healthz",
    "jobs/<pk>/",
    "p/<slug>/reports/<pk>/download/",
    "p/<slug>/runs/export/",
    "p/<slug>/runs/<pk>/files/<path>",
    "p/<slug>/data/<name>/v/<number>/original/",
    "p/<slug>/data/<name>/v/<number>/table/",
    "p/<slug>/data/<name>/v/<number>/table.csv",
    "p/<slug>/data/<name>/v/<number>/drift/",
    # The example holds no two tables against each other.
    "p/<slug>/data/<name>/reconciliations/<pk>/",
    "p/<slug>/data/<name>/reconciliations/<pk>/differences.csv",
    "p/<slug>/data/<name>/reconciliations/<pk>/differences.parquet",
    "p/<slug>/data/<name>/v/<number>/checks/<pk>/rows/",
    "p/<slug>/data/<name>/checks/export/<form>/",
    "p/<slug>/data/<name>/v/<number>/profile.json",
    "p/<slug>/data/<name>/v/<number>/report.html",
    # A decision that is signed cannot be changed, and the example's is.
    "p/<slug>/decisions/<pk>/edit/",
    "p/<slug>/decisions/<pk>/pdf/",
    "p/<slug>/runs/compare/",  # test_tour.py compares two
    "manage/teams/<pk>/",  # the example has no team
    # Files, and parts of pages that a script asks for.
    "p/<slug>/comments/people/",
    "p/<slug>/requirements/export/",
    "p/<slug>/requirements/<pk>/documents/<digest>/",
    "portfolio/export/",
    "portfolio/optimiser/frontier/",
    "projects/alike/",
    # The example has no comment, platform, webhook or realised value.
    "p/<slug>/comments/<pk>/edit/",
    "p/<slug>/settings/webhooks/<pk>/",
    "p/<slug>/value/realised/<pk>/correct/",
    "portfolio/platforms/<pk>/",
}
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Charts are drawn when they come into view; each place is shown once.
SHOW_ALL = """async () => {
  const rest = () => document.querySelectorAll("[data-chart]:not([data-drawn], .is-still)");
  for (let turn = 0; turn < 60 && rest().length; turn += 1) {
    rest()[0].scrollIntoView();
    await new Promise((done) => setTimeout(done, 50));
  }
  scrollTo(0, 0);
  return rest().length;
}"""


@pytest.fixture(scope="module")
def addresses(example, browser, browser_context_args, owner_state):
    """Every page the owner can open, by route."""
    context = browser.new_context(**browser_context_args, storage_state=owner_state)
    yield pages(context.request)
    context.close()


def test_the_walk_misses_no_page(addresses):
    expected = {
        plain(call.route)
        for call, row in read_table().items()
        if call.method == "GET"
        and not call.route.startswith("api/")
        and 200 in (row["owner"], row["admin"])
    }
    assert expected - addresses.keys() - NOT_PAGES - SEEN_ELSEWHERE.keys() == set()


def look_at(page, address: str) -> list[str]:
    """Return what is wrong with a page, at the desk in both themes."""
    page.goto(address)
    found = []
    if page.evaluate(SHOW_ALL):
        found.append("a chart is not drawn")
    if (by := page.evaluate(TOO_WIDE)) > 0:
        found.append(f"{by} px too wide")
    found += violations(page)
    # Only colours differ between the themes, and they are those of the desk.
    if page.viewport_size == DESK:
        found += [f"dark: {line}" for line in colours(page, theme="dark")]
    return [f"{address} {line}" for line in found]


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_no_page_breaks_a_rule(addresses, new_signed_in_context, viewport):
    page = new_signed_in_context(viewport=viewport, reduced_motion="reduce").new_page()
    every = [address for found in addresses.values() for address in found]
    found = [line for address in every for line in look_at(page, address)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_no_page_of_a_stranger_breaks_a_rule(
    portal, new_signed_in_context, silence: Silence, viewport
):
    page = new_signed_in_context(
        storage_state=None, viewport=viewport, reduced_motion="reduce"
    ).new_page()
    found = [line for address in STRANGERS for line in look_at(page, address)]
    silence.forgive("404")
    assert not found, "\n".join(found)
