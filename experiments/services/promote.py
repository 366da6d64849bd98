"""Promotion: a run becomes a version of a model, and the champion."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.access import Actor
from experiments.models import Alias, LoggedModel, ModelVersion, RegisteredModel, Run
from experiments.services.pricing import subject_of
from projects.models import GateKey
from projects.services import check_gate, nominate_candidate

CHAMPION = "champion"


@transaction.atomic
def promote_run(
    run: Run, *, actor: Actor, name: str = "", override_reason: str = ""
) -> ModelVersion:
    """Register a run's model and point the alias ``champion`` at it.

    Promoting the champion again changes nothing. A run that an owner promotes past
    the gate becomes the project's candidate too: what is in use is what is judged.

    Parameters
    ----------
    name : str
        Of the registered model; empty: the project's short name.

    Raises
    ------
    ValidationError
        If the run did not finish, or is archived.
    GateClosed
        If the model gate is closed for this run, and no owner gives a reason.
    """
    if not run.is_finished or not run.is_active:
        raise ValidationError(
            _("%(name)s cannot be promoted: only a finished run can.")
            % {"name": run.name}
        )
    project = run.project
    check_gate(
        project,
        GateKey.MODEL,
        action="promote",
        subject=subject_of(run),
        actor=actor,
        override_reason=override_reason,
    )
    model = _model(run, name)
    version = _version(model, run)
    Alias.objects.update_or_create(
        model=model, name=CHAMPION, defaults={"version": version}
    )
    if (project.candidate_kind, project.candidate_id) != ("run", run.pk):
        nominate_candidate(
            project, actor=actor, kind="run", subject_id=run.pk, label=run.name
        )
    audit.record(
        actor,
        "promote",
        project_id=project.pk,
        subject=f"{run.name}: {model} {version.version}",
        detail={"run": run.pk, "model": model.name, "version": version.version},
    )
    return version


def _model(run: Run, name: str) -> RegisteredModel:
    name = name.strip() or run.project.slug
    # One at a time: two promotions at once would take the same number.
    kept = RegisteredModel.objects.select_for_update().filter(
        project=run.project, name=name
    )
    row = kept.first() or RegisteredModel(project=run.project, name=name)
    row.full_clean()
    row.save()
    return row


def _version(model: RegisteredModel, run: Run) -> ModelVersion:
    known = model.versions.filter(run=run).first()
    if known:
        return known
    last = model.versions.order_by("-version").first()
    logged = LoggedModel.objects.filter(run=run).order_by("-created_at", "-pk").first()
    return ModelVersion.objects.create(
        model=model,
        version=(last.version if last else 0) + 1,
        run=run,
        logged_model=logged,
        source=f"models:/{logged.pk}" if logged else f"runs:/{run.pk}/model.skops",
    )
