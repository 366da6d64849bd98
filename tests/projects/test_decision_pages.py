"""Pages of gates and decisions: who sees and does what, by account and by link."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from core.access import Actor
from core.jobs.testing import run_now
from core.models import Job
from projects import services
from projects.models import Gate, GateOverride, Invitation, Requirement, Signature
from projects.services.signing import TRIES, ask_for_signature
from tests.browser import chromium
from tests.factories import a_proposal, a_user, ready_to_decide, sign


@pytest.fixture
def people(project):
    return ready_to_decide(project)


@pytest.fixture
def proposal(project, people):
    return a_proposal(project)


@pytest.fixture
def with_mail(settings):
    settings.MAIL_CONFIGURED = True
    settings.PUBLIC_URL = "https://portal.example.org"


@pytest.fixture
def link(project, people, proposal):
    _invitation, secret = ask_for_signature(
        proposal,
        people["finance"],
        actor=Actor(user=project.created_by),
        deadline=timezone.now() + timedelta(days=7),
    )
    return f"/i/{secret}/sign/"


def pages(project, proposal):
    return [
        project.url("projects:decisions"),
        project.url("projects:gate", gate="design"),
        project.url("projects:gate", gate="review"),
        proposal.get_absolute_url(),
    ]


def test_every_member_sees_gates_and_an_outsider_none(project, proposal, browser_of):
    for url in pages(project, proposal):
        assert browser_of("viewer").get(url).status_code == 200, url
        assert browser_of("outsider").get(url).status_code == 404, url
        assert browser_of("nobody").get(url).status_code == 302, url


def test_there_is_no_sixth_gate(project, browser_of):
    url = project.url("projects:gate", gate="sixth")
    assert browser_of("owner").get(url).status_code == 404


def test_the_page_of_a_gate_says_what_keeps_it_closed(project, proposal, browser_of):
    url = project.url("projects:gate", gate="design")
    text = browser_of("viewer").get(url).content.decode()
    assert "the signatures of sponsor and finance keep the design gate closed" in (
        text.lower()
    )


def test_only_owners_set_a_gate(project, people, browser_of):
    url = project.url("projects:gate_settings", gate="data")
    said = {"is_on": "on", "capacities": ["data"], "least_accuracy": "95"}
    assert browser_of("editor").post(url, said).status_code == 404
    assert browser_of("owner").post(url, said).status_code == 302
    row = Gate.objects.get(project=project, key="data")
    assert (row.is_on, row.capacities, row.bounds) == (
        True,
        ["data"],
        {"least_accuracy": 0.95},
    )


def test_a_bound_that_is_no_share_is_said_beside_it(project, people, browser_of):
    url = project.url("projects:gate_settings", gate="data")
    answer = browser_of("owner").post(url, {"least_accuracy": "950"})
    assert answer.status_code == 422
    assert "950 is above 100" in answer.content.decode()


def test_a_stakeholder_signs_on_the_page(project, people, proposal):
    browser = Client()
    browser.force_login(people["sponsor"].user)
    page = browser.get(proposal.get_absolute_url()).content.decode()
    assert "Your word, as sponsor" in page
    url = project.url("projects:decision_sign", pk=proposal.pk)
    said = {"word": "approve", "comment": "", "read": proposal.digest}
    assert browser.post(url, said).status_code == 302
    assert Signature.objects.get().method == "signed in"
    again = browser.post(url, said)
    assert again.status_code == 422
    assert "signed this already" in again.content.decode()


def test_a_signature_on_a_changed_proposal_is_refused_with_what_changed(
    project, people, proposal
):
    read = proposal.digest
    proposal.question = "Go for twice the price?"
    services.propose_decision(proposal, actor=Actor(user=project.created_by))
    browser = Client()
    browser.force_login(people["sponsor"].user)
    url = project.url("projects:decision_sign", pk=proposal.pk)
    answer = browser.post(url, {"word": "approve", "comment": "", "read": read})
    assert answer.status_code == 422
    assert "Go? → Go for twice the price?" in answer.content.decode()
    assert not Signature.objects.exists()


def test_an_editor_withdraws_a_proposal_and_nobody_a_signed_one(
    project, people, proposal, browser_of
):
    url = project.url("projects:decision_withdraw", pk=proposal.pk)
    assert browser_of("contributor").post(url).status_code == 404
    sign(proposal, people["sponsor"])
    browser_of("editor").post(url)
    proposal.refresh_from_db()
    assert proposal.withdrawn_at is None


def test_a_launch_past_its_gate_stands_on_the_page(project, people, browser_of):
    owner = browser_of("owner")
    owner.post(project.url("projects:gate_settings", gate="launch"), {"is_on": "on"})
    url = project.url("projects:project_launch")
    owner.post(url)
    project.refresh_from_db()
    assert project.launched_at is None
    owner.post(url, {"override_reason": "the board decided"})
    project.refresh_from_db()
    assert project.launched_at
    for name in ("projects:decisions", "projects:gate"):
        where = project.url(name, **({"gate": "launch"} if "gate" in name else {}))
        assert "the board decided" in owner.get(where).content.decode()
    assert GateOverride.objects.get().gate == "launch"


def test_an_owner_asks_by_link_and_sees_the_link_once(
    project, people, proposal, browser_of
):
    owner = browser_of("owner")
    url = project.url("projects:decision_ask", pk=proposal.pk)
    day = timezone.localdate() + timedelta(days=3)
    said = {"person": people["finance"].pk, "deadline": day.isoformat()}
    assert owner.post(url, said).status_code == 302
    assert "/sign/" in owner.get(proposal.get_absolute_url()).content.decode()
    second = owner.get(proposal.get_absolute_url()).content.decode()
    assert not re.search(r"/i/[\w-]{20,}/sign/", second)


def code_in(message):
    return re.search(r"\b(\d{6})\b", message.subject)[1]


def send_code(guest, link):
    with_commit = guest.post(f"{link}code/")
    assert with_commit.status_code == 302
    return code_in(mail.outbox[-1])


@pytest.mark.django_db(transaction=True)
def test_a_guest_reads_the_sheet_and_signs_by_the_code_of_the_mail(
    with_mail, project, people, proposal, link
):
    guest = Client()
    page = guest.get(link)
    assert page.status_code == 200
    assert "Go?" in page.content.decode()
    code = send_code(guest, link)
    assert code not in Invitation.objects.get(decision=proposal).code_hash
    said = {
        "word": "conditions",
        "comment": "one team first",
        "code": code,
        "read": proposal.digest,
    }
    assert guest.post(link, said).status_code == 302
    signature = Signature.objects.get()
    assert (signature.user, signature.stakeholder, signature.method) == (
        None,
        people["finance"],
        "code by mail",
    )
    assert "You have signed" in guest.get(link).content.decode()
    assert guest.post(link, said).status_code == 422  # the code is spent


@pytest.mark.django_db(transaction=True)
def test_a_wrong_code_is_counted_though_the_answer_is_refused(
    with_mail, proposal, link
):
    guest = Client()
    code = send_code(guest, link)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    said = {"word": "approve", "comment": "", "read": proposal.digest}
    for _try in range(TRIES):
        assert guest.post(link, {**said, "code": wrong}).status_code == 422
    right = guest.post(link, {**said, "code": code})
    assert right.status_code == 422
    assert "five tries" in right.content.decode()
    assert not Signature.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_code_lives_a_quarter_of_an_hour(with_mail, proposal, link):
    guest = Client()
    code = send_code(guest, link)
    old = timezone.now() - timedelta(minutes=16)
    Invitation.objects.filter(decision=proposal).update(code_sent_at=old)
    said = {"word": "approve", "comment": "", "read": proposal.digest, "code": code}
    answer = guest.post(link, said)
    assert answer.status_code == 422
    assert "older than 15 minutes" in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_codes_are_not_sent_one_after_the_other(with_mail, link):
    guest = Client()
    send_code(guest, link)
    guest.post(f"{link}code/")
    assert len(mail.outbox) == 1


def test_without_mail_signing_needs_an_account_and_the_page_says_so(link):
    guest = Client()
    assert "Signing here needs an account" in guest.get(link).content.decode()
    guest.post(f"{link}code/")
    assert mail.outbox == []


def test_a_closed_link_to_sign_says_what_to_do(project, people, proposal, link):
    row = Invitation.objects.get(decision=proposal)
    services.revoke_invitation(row, actor=Actor(user=project.created_by))
    assert Client().get(link).status_code == 410
    Invitation.objects.update(
        revoked_at=None, deadline=timezone.now() - timedelta(days=1)
    )
    assert Client().get(link).status_code == 410
    assert Client().get("/i/altered-link/sign/").status_code == 404


def test_a_link_to_sign_opens_no_estimate_and_the_other_way_round(link, invited):
    guest = Client()
    estimate = guest.get(link.replace("sign/", "estimate/"))
    assert (estimate.status_code, estimate["Location"]) == (302, link)
    _invitation, secret = invited
    other = guest.get(f"/i/{secret}/sign/")
    assert (other.status_code, other["Location"]) == (302, f"/i/{secret}/")


def test_a_withdrawn_proposal_closes_its_links(project, proposal, link):
    services.withdraw_decision(proposal, actor=Actor(user=project.created_by))
    assert Client().get(link).status_code == 410


needs_chromium = pytest.mark.skipif(chromium.find() is None, reason=chromium.REMEDY)


@needs_chromium
def test_what_is_too_long_for_the_pdf_goes_on_over_a_page(
    project, people, browser_of, settings, tmp_path
):
    settings.OBJECT_DIR = tmp_path / "objects"
    settings.WORK_DIR = tmp_path / "work"
    for number in range(20):
        title = f"must {number} " + "with a very long title " * 8
        services.save_requirement(
            a_must(project),
            actor=Actor(user=project.created_by),
            said={"title": title[:200], "test": "attested"},
        )
    project.refresh_from_db()
    why = "because it pays א 🎉 " * 190
    row = a_proposal(project, question="Shall we? " * 29, rationale=why)
    for person in people.values():
        sign(row, person, "conditions", "only if " * 100)
    owner = browser_of("owner")
    url = project.url("projects:decision_pdf", pk=row.pk)
    assert browser_of("viewer").post(url).status_code == 404
    assert owner.post(url).status_code == 302
    job = Job.objects.get(kind="projects.print_decision")
    done = run_now(job)
    assert done.succeeded, done.log
    by_api = f"/api/v1/decisions/{row.pk}/pdf/"
    assert b"".join(owner.get(by_api).streaming_content).startswith(b"%PDF")
    assert browser_of("outsider").get(by_api).status_code == 404
    sent = owner.get(url)
    pdf = b"".join(sent.streaming_content)
    assert pdf.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 2
    page = owner.get(row.get_absolute_url()).content.decode()
    assert "Download PDF" in page
    assert why.strip() in page  # the page has all of it
    assert f"continues on the decision’s page, {settings.PUBLIC_URL}" in page
    browser = Client()
    browser.force_login(a_user("Otto Outside"))
    assert browser.get(url).status_code == 404


def a_must(project):
    return Requirement(project=project, kind="compliance", priority="must")


def test_without_chromium_the_page_says_how_to_print(
    project, proposal, browser_of, monkeypatch
):
    monkeypatch.setattr("projects.tasks.find_chromium", lambda named: "")
    owner = browser_of("owner")
    text = owner.get(proposal.get_absolute_url()).content.decode()
    assert "print from the browser" in text
    assert "Make a PDF" not in text
    owner.post(project.url("projects:decision_pdf", pk=proposal.pk))
    by_api = owner.post(f"/api/v1/decisions/{proposal.pk}/pdf/")
    assert by_api.status_code == 409
    assert not Job.objects.exists()
