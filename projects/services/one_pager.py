"""A decision's page as one file that needs nothing else: for paper and for keeping."""

import base64
import re
from datetime import UTC
from functools import lru_cache
from pathlib import Path

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from core.inlining import STYLES, inline, static_path
from core.models import ObjectRef
from core.objects import attach, receive_file, references, release
from engine.digests import digest
from projects.models import Decision
from projects.selectors.decision import Sheet, sheet

OWNER = "decision"
LINK = re.compile(r'url\("(\.\./[^"]+)"\)')


def page_html(decision: Decision, known: Sheet | None = None) -> str:
    """Return the page with its styles and letters inside, and a policy against more.

    Always the same for the same decision: dates are in UTC, whoever asks.
    """
    context = {
        "decision": decision,
        "project": decision.project,
        "sheet": known or sheet(decision),
        "styles": _styles(),
    }
    with timezone.override(UTC):
        return render_to_string("projects/decision_print.html", context)


@lru_cache(maxsize=1)
def _styles() -> SafeString:
    sheets = (_inlined(static_path(name)) for name in STYLES)
    return inline("style", "\n".join(sheets))


def _inlined(sheet_of_styles: Path) -> str:
    """Return a style sheet with the files it names put into it."""

    def inside(match: re.Match[str]) -> str:
        data = (sheet_of_styles.parent / match[1]).resolve().read_bytes()
        return f'url("data:font/woff2;base64,{base64.b64encode(data).decode()}")'

    return LINK.sub(inside, sheet_of_styles.read_text())


def keep_pdf(decision: Decision, path: Path, *, page: str) -> ObjectRef:
    """Keep a printed page in place of an older one."""
    release(OWNER, decision.pk)
    return attach(
        receive_file(path),
        project_id=decision.project_id,
        owner_kind=OWNER,
        owner_id=decision.pk,
        path=_name(page),
    )


def kept_pdf(decision: Decision) -> ObjectRef | None:
    """Return the newest printed page, if there is one."""
    return next(iter(references(OWNER, decision.pk).values()), None)


def is_printed(decision: Decision, known: Sheet) -> bool:
    """Whether the kept PDF shows the page as it is now."""
    kept = kept_pdf(decision)
    return kept is not None and kept.path == _name(page_html(decision, known))


def _name(page: str) -> str:
    return f"{digest(page)}.pdf"
