"""Lines to paste: how a tool signs in with a fresh token."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Lines:
    """Something to copy, and what it is for."""

    title: str
    text: str


def lines_to_paste(key: str) -> list[Lines]:
    """Return the ways to use a token's key, each ready to run."""
    api = f"{settings.PUBLIC_URL}/api/v1"
    shell = f'curl -H "Authorization: Bearer {key}" {api}/projects/'
    python = (
        "import json, urllib.request\n\n"
        f'request = urllib.request.Request("{api}/projects/")\n'
        f'request.add_header("Authorization", "Bearer {key}")\n'
        "print(json.load(urllib.request.urlopen(request)))"
    )
    return [Lines(_("In a shell"), shell), Lines(_("In Python"), python)]
