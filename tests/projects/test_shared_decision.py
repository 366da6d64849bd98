"""A decision's page shown by link, to sponsors who want the sheet."""

import pytest
from django.test import Client

from projects.models import SharedLink
from projects.services.sharing import address_of
from tests import factories

pytestmark = pytest.mark.django_db


def test_sponsor_reads_and_prints_the_sheet_by_link(project, browser_of):
    people = factories.ready_to_decide(project)
    decision = factories.a_proposal(project)
    editor, guest = browser_of("editor"), Client()
    share = project.url("projects:decision_share", pk=decision.pk)
    for who in ("contributor", "viewer", "outsider"):
        assert browser_of(who).post(share, {"days": "7"}).status_code == 404
    page = editor.post(share, {"note": "Sponsor", "days": "7"}, follow=True)
    start = address_of("x").removesuffix("x/")
    secret = page.content.decode().partition(start)[2].partition("/")[0]
    proposal = guest.get(f"/s/{secret}/").content.decode()
    assert "Go?" in proposal
    assert "nobody has signed it, and it may still change" in proposal
    factories.sign(decision, people["sponsor"])
    signed = guest.get(f"/s/{secret}/")
    assert "Sponsor Person" in signed.content.decode()
    assert "Frozen with its evidence." in signed.content.decode()
    assert b'action="' not in signed.content  # nothing to sign or send here
    assert guest.get(decision.get_absolute_url()).status_code == 302  # to sign in
    assert (
        "Shared by link"
        in browser_of("viewer").get(page.request["PATH_INFO"]).content.decode()
    )
    assert SharedLink.objects.get().label == "Go?"
