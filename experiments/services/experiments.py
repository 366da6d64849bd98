"""Experiments, the rules they are tested under, and what was concluded."""

from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from core import audit, objects
from core.access import Actor
from dataquality.models import DataSetVersion
from dataquality.services.deliveries import OWNER, TABLE
from engine.digests import digest
from engine.training.protocol import Protocol as Rules
from experiments.models import Experiment, Protocol, Report
from experiments.selectors.pricing import cells_of
from experiments.services.counted import record_counted
from projects.selectors.value import current_case
from projects.services.value import cite_case


@transaction.atomic
def create_experiment(experiment: Experiment, *, actor: Actor) -> Experiment:
    """Save a new experiment and say who asked the question."""
    experiment.created_by = actor.user
    experiment.full_clean()
    experiment.save()
    audit.record(
        actor,
        "create experiment",
        project_id=experiment.project_id,
        subject=experiment.name,
    )
    return experiment


def table_digest(version: DataSetVersion) -> str:
    """Return the SHA-256 of the file that runs read.

    Raises
    ------
    KeyError
        If the version is not ready.
    """
    return objects.references(OWNER, version.pk)[TABLE].object_id


@transaction.atomic
def add_protocol(
    experiment: Experiment,
    *,
    actor: Actor,
    version: DataSetVersion,
    rules: Rules,
) -> Protocol:
    """Return the experiment's protocol of these rules: a new version if they differ.

    The money of the current value case will set the threshold, so the case is cited
    and its digest is part of the rules.
    """
    case = current_case(experiment.project)
    is_used = rules.task == "binary" and cells_of(case) is not None
    rules = replace(
        rules,
        data_digest=table_digest(version),
        value_case_digest=case.digest if is_used else "",
    )
    known = Protocol.objects.filter(experiment=experiment, digest=rules.digest())
    if kept := known.first():
        return kept
    newest = experiment.protocols.order_by("-version").first()
    protocol = Protocol(
        experiment=experiment,
        version=1 + (newest.version if newest else 0),
        data_set_version=version,
        value_case=case if is_used else None,
        content=rules.to_json(),
        digest=rules.digest(),
        created_by=actor.user,
    )
    protocol.full_clean()
    protocol.save()
    if is_used:
        cite_case(case)
    record_counted(protocol)
    audit.record(
        actor,
        "freeze protocol",
        project_id=experiment.project_id,
        subject=experiment.name,
        detail={"version": protocol.version, "digest": protocol.digest},
    )
    return protocol


@transaction.atomic
def conclude(
    experiment: Experiment, *, actor: Actor, text: str, content: dict[str, Any]
) -> Report:
    """Keep a written conclusion with the leaderboard it stands on, as it is now."""
    experiment.conclusion = text
    experiment.concluded_by, experiment.concluded_at = actor.user, timezone.now()
    experiment.full_clean()
    experiment.save()
    report = Report(
        experiment=experiment,
        conclusion=text,
        content=content,
        digest=digest({"conclusion": text, "content": content}),
        written_by=actor.user,
        written_by_name=actor.name,
    )
    report.full_clean(exclude=["content"])
    report.save()
    audit.record(
        actor,
        "conclude experiment",
        project_id=experiment.project_id,
        subject=experiment.name,
        detail={"digest": report.digest},
    )
    return report
