"""What the documents say of the tests, held to the tests."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = {
    name: (ROOT / "docs" / name).read_text()
    for name in ("bad-input.md", "value-features.md")
}
HEADING = re.compile(r"\| (input|event|#|---)")
NAMED = sorted(
    {
        named
        for page in PAGES.values()
        for named in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", page)
    }
)


def rows_of(page):
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    return [row for row in rows if not HEADING.match(row)]


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_a_page_names_a_test_in_every_row(page):
    assert len(rows_of(page)) > 20
    assert [row for row in rows_of(page) if "`tests/" not in row] == []


def test_every_feature_of_the_design_phase_has_its_row():
    numbers = [row.split("|")[1].strip() for row in rows_of(PAGES["value-features.md"])]
    assert numbers == [str(n) for n in range(1, 46)]


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_a_test_the_page_names_exists(path, name):
    tree = ast.parse((ROOT / path).read_text())
    assert name in {
        each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)
    }
