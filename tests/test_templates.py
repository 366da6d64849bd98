"""What holds for every template."""

import re
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import path

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))

urlpatterns = [path("", lambda request: HttpResponse(), name="home")]


def named(path: Path) -> str:
    return path.relative_to(ROOT / "templates").as_posix()


@pytest.mark.parametrize("template", TEMPLATES, ids=named)
def test_nothing_in_a_template_needs_a_looser_policy(template):
    source = template.read_text()
    scripts = re.findall(r"<(?:script|style)\b[^>]*>", source)

    assert not re.search(r"\s(?:style|on[a-z]+)=\"", source)
    assert not re.search(r"\shx-on|href=\"javascript:", source)
    assert all('nonce="{{ request.csp_nonce }}"' in tag for tag in scripts)


@pytest.mark.parametrize("template", TEMPLATES, ids=named)
def test_every_picture_speaks_or_is_mute(template):
    pictures = re.findall(r"<svg\b(?:[^>{]|{[^}]*}+)*>", template.read_text())

    assert all("aria-hidden" in tag or "aria-label" in tag for tag in pictures)


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_error_pages_stand_without_a_context(status):
    html = render_to_string(f"{status}.html")

    assert '<h1 class="answer">' in html
    assert "Nothing was" in html
    assert "<script" not in html
