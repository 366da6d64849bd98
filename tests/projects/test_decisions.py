"""Decisions: who signs what, when a signature holds, and when it goes stale."""

import pytest
from django.core.exceptions import ValidationError

from core.access import Actor
from core.models import AuditEntry
from projects import services
from projects.models import Decision, GateKey, GateOverride, Requirement
from projects.selectors.decision import sheet
from projects.selectors.gates import answer, blockers, gate_of
from projects.services import GateClosed, Subject
from projects.services.decision import ChangedError, FrozenError
from tests import factories
from tests.factories import a_proposal, ready_to_decide, sign

RUN = Subject("run", "r1", "quiet-heron", "/p/x/runs/r1/")


@pytest.fixture
def people(project):
    return ready_to_decide(project)


def fresh(project):
    return type(project).objects.get(pk=project.pk)


def gate(project, key=GateKey.DESIGN):
    return gate_of(fresh(project), key)


def require(project, title="no gender is used"):
    services.save_requirement(
        Requirement(project=project, kind="compliance", priority="must"),
        actor=Actor(user=project.created_by),
        said={"title": title, "test": "attested"},
    )


def test_a_gate_opens_when_every_needed_capacity_approved(project, people):
    row = a_proposal(project)
    assert not gate(project).is_open
    sign(row, people["sponsor"])
    assert answer(gate(project)) == "Finance’s signature keeps the design gate closed."
    sign(row, people["finance"], "conditions", "one team first")
    found = gate(project)
    assert found.is_open
    assert answer(found) == "The design gate is open, on one condition."
    assert blockers(found) == ()


def test_a_rejection_keeps_it_closed_whoever_else_approves(project, people):
    row = a_proposal(project)
    sign(row, people["sponsor"])
    sign(row, people["finance"])
    sign(row, people["data"], "reject", "the data is too old")
    assert not gate(project).is_open
    assert "Data Person said no" in answer(gate(project))


def test_a_signed_no_go_opens_nothing(project, people):
    row = a_proposal(project, verdict="no_go")
    sign(row, people["sponsor"])
    sign(row, people["finance"])
    assert not gate(project).is_open


def test_a_failed_check_keeps_a_signed_gate_closed(project, people):
    row = a_proposal(project)
    sign(row, people["sponsor"])
    sign(row, people["finance"])
    services.set_gate(
        project,
        GateKey.DESIGN,
        actor=Actor(user=project.created_by),
        is_on=True,
        capacities=["sponsor", "finance"],
        bounds={"least_chance": 1.0, "most_years": 100},
    )
    found = gate(project)
    assert not found.is_open
    assert "checks keep the design gate closed" in answer(found)


def test_too_little_evidence_is_never_a_pass(project):
    assert {each.key for each in gate(project).failing} >= {
        "pays_back",
        "metrics_agreed",
    }


@pytest.mark.parametrize("word", ["conditions", "reject"])
def test_a_word_that_is_no_plain_yes_needs_a_comment(word, project, people):
    with pytest.raises(ValidationError, match="conditions are"):
        sign(a_proposal(project), people["sponsor"], word)


def test_nobody_signs_in_a_capacity_that_is_not_theirs(project, people):
    row = a_proposal(project)
    with pytest.raises(ValidationError, match="You sign as sponsor"):
        services.sign_decision(
            row,
            actor=Actor(user=people["sponsor"].user),
            capacity="finance",
            word="approve",
            comment="",
        )
    with pytest.raises(ValidationError, match="You sign for nothing"):
        services.sign_decision(
            row, actor=Actor(user=project.created_by), word="approve", comment=""
        )


def test_nobody_signs_twice(project, people):
    row = a_proposal(project)
    sign(row, people["sponsor"])
    with pytest.raises(ValidationError, match="signed this already"):
        sign(row, people["sponsor"])


def test_the_first_signature_freezes_the_evidence_and_its_digest(project, people):
    row = a_proposal(project)
    sign(row, people["sponsor"])
    row.refresh_from_db()
    assert row.frozen_at
    assert row.signatures.get().digest == row.digest
    with pytest.raises(FrozenError):
        services.propose_decision(row, actor=Actor(user=project.created_by))
    case = row.content["value_case"]
    assert case["digest"]
    assert case["engine_version"]
    assert isinstance(case["seed"], int)


def test_a_new_must_turns_what_was_signed_stale_and_says_what_changed(project, people):
    row = a_proposal(project)
    sign(row, people["sponsor"])
    sign(row, people["finance"])
    require(project)
    found = gate(project)
    assert found.is_stale
    assert not found.is_open
    assert "no gender is used went from no must to required" in answer(found)


def test_what_does_not_matter_leaves_a_signature_standing(project, people):
    row = a_proposal(project)
    sign(row, people["sponsor"])
    sign(row, people["finance"])
    factories.an_answer(people["finance"], 1.0)  # a second answer of the same numbers
    assert not gate(project).is_stale


def test_a_signature_on_evidence_that_changed_meanwhile_is_refused(project, people):
    row = a_proposal(project)
    require(project)
    with pytest.raises(ChangedError, match="no gender is used: no must → required"):
        sign(row, people["sponsor"])
    assert not row.signatures.exists()


def test_a_signature_on_words_that_changed_meanwhile_is_refused(project, people):
    row = a_proposal(project)
    read = row.digest
    row.question = "Go, at twice the price?"
    services.propose_decision(row, actor=Actor(user=project.created_by))
    with pytest.raises(ChangedError, match="Go\\? → Go, at twice the price"):
        services.sign_decision(
            row,
            actor=Actor(user=people["sponsor"].user),
            word="approve",
            comment="",
            read_digest=read,
        )


def test_a_proposal_is_withdrawn_until_somebody_signs(project, people):
    actor = Actor(user=project.created_by)
    row, other = a_proposal(project), a_proposal(project, question="Again?")
    services.withdraw_decision(row, actor=actor)
    with pytest.raises(FrozenError):
        sign(row, people["sponsor"])
    sign(other, people["sponsor"])
    with pytest.raises(FrozenError):
        services.withdraw_decision(other, actor=actor)


def test_a_signed_decision_stands_until_the_next_one_is_signed(project, people):
    row = a_proposal(project)
    sign(row, people["sponsor"])
    sign(row, people["finance"])
    second = a_proposal(project, question="Again?")
    assert gate(project).is_open
    assert gate(project).proposal == second
    sign(second, people["sponsor"])
    row.refresh_from_db()
    assert row.superseded_by == second
    assert not gate(project).is_open


def test_an_unsigned_capacity_and_a_closed_gate_hold_the_act_back(project, people):
    with pytest.raises(GateClosed, match="Nothing is proposed yet"):
        services.check_gate(
            fresh(project),
            GateKey.DESIGN,
            action="nominate",
            subject=RUN,
            actor=Actor(user=project.created_by),
        )


def test_an_owner_goes_past_a_closed_gate_on_the_record(project, people):
    row = services.check_gate(
        fresh(project),
        GateKey.DESIGN,
        action="nominate",
        subject=RUN,
        actor=Actor(user=project.created_by),
        override_reason="the board decided by phone",
    )
    assert row == GateOverride.objects.get()
    assert row.by == project.created_by
    assert row.blocked_by == ["Nothing is proposed yet."]
    entry = AuditEntry.objects.get(action="override gate")
    assert entry.detail["reason"] == "the board decided by phone"


def test_an_editor_goes_past_no_gate(project, people, cast):
    with pytest.raises(GateClosed, match="Only an owner"):
        services.check_gate(
            fresh(project),
            GateKey.DESIGN,
            action="nominate",
            subject=RUN,
            actor=Actor(user=cast.editor),
            override_reason="I am in a hurry",
        )
    assert not GateOverride.objects.exists()


def test_an_open_gate_and_one_that_is_off_let_through(project, people):
    actor = Actor(user=project.created_by)
    for key in (GateKey.DATA, GateKey.LAUNCH):
        assert (
            services.check_gate(
                fresh(project), key, action="x", subject=RUN, actor=actor
            )
            is None
        )
    row = a_proposal(project)
    sign(row, people["sponsor"])
    sign(row, people["finance"])
    services.check_gate(
        fresh(project), GateKey.DESIGN, action="x", subject=RUN, actor=actor
    )
    assert not GateOverride.objects.exists()


def test_a_model_gate_is_open_for_the_run_that_was_signed_alone(project, people):
    services.set_gate(
        project,
        GateKey.MODEL,
        actor=Actor(user=project.created_by),
        is_on=True,
        capacities=[],
        bounds={},
    )
    services.nominate_candidate(
        project,
        actor=Actor(user=project.created_by),
        kind="run",
        subject_id="r1",
        label="quiet-heron",
    )
    sign(a_proposal(fresh(project), "model"), people["data"])
    with pytest.raises(GateClosed, match="something else than other"):
        services.check_gate(
            fresh(project),
            GateKey.MODEL,
            action="promote",
            subject=Subject("run", "r2", "other"),
            actor=Actor(user=project.created_by),
        )


def test_a_launch_gate_that_is_on_holds_the_launch_back(project, people):
    actor = Actor(user=project.created_by)
    services.launch_project(project, actor=actor)
    assert fresh(project).launched_at
    services.take_back_launch(project, actor=actor)
    services.set_gate(
        project, GateKey.LAUNCH, actor=actor, is_on=True, capacities=[], bounds={}
    )
    with pytest.raises(GateClosed, match="The gates before are open: Closed"):
        services.launch_project(fresh(project), actor=actor)
    services.launch_project(fresh(project), actor=actor, override_reason="a pilot")
    assert fresh(project).launched_at


def test_decisions_of_before_the_gates_can_still_be_read(project, people):
    row = a_proposal(project)
    for name in ("data", "checks", "knowing", "disagreement"):
        row.content.pop(name)
    Decision.objects.filter(pk=row.pk).update(content=row.content)
    assert sheet(Decision.objects.get(pk=row.pk)).question == ""
