"""What the documents say of the tests, held to the tests."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "bad-input.md").read_text()
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)


def test_the_page_of_bad_input_names_a_test_in_every_row():
    rows = [line for line in PAGE.splitlines() if line.startswith("| ")]
    rows = [row for row in rows if not re.match(r"\| (input|event|---)", row)]
    assert len(rows) > 20
    assert [row for row in rows if "`tests/" not in row] == []


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_a_test_the_page_names_exists(path, name):
    tree = ast.parse((ROOT / path).read_text())
    assert name in {
        each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)
    }
