"""Making experiments and starting trials."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from core.access import PortalRequest, signed_in
from core.words import in_words
from dataquality.models import DataSetVersion
from engine.errors import EngineError
from engine.training.catalogue import FAMILIES
from experiments import services, tasks
from experiments.forms.experiments import ChooseTarget, ExperimentForm, TrialForm
from experiments.models import Experiment, Protocol, Run
from projects.models import Project, ProjectScopedQuerySet
from projects.selectors.value import may_own
from projects.services import GateClosed


def ready_versions(project: Project) -> ProjectScopedQuerySet[DataSetVersion]:
    """Return the versions that runs can read, the newest first."""
    return (
        DataSetVersion.objects.filter(
            data_set__project=project,
            data_set__deleted_at=None,
            state=DataSetVersion.State.READY,
        )
        .select_related("data_set__project")
        .order_by("-created_at", "-id")
    )


@signed_in
def experiment_create(request: PortalRequest, slug: str) -> HttpResponse:
    """Ask a question of a table: hypothesis, protocol, and the first models to try."""
    project = get_object_or_404(Project.objects.editable_by(request.actor), slug=slug)
    versions = ready_versions(project)
    asked = request.GET.get("version", "")
    chosen = versions.filter(pk=asked).first() if asked.isdecimal() else None
    version = chosen or versions.first()
    if version is None:
        return render(request, "experiments/no_data.html", {"project": project})
    target = _target(request, version)
    form = ExperimentForm(
        request.POST or None, project=project, version=version, target=target
    )
    held = False
    if request.method == "POST" and form.is_valid():
        try:
            return _start(request, form)
        except GateClosed as closed:
            form.add_error(None, str(closed))
            held = may_own(project, request.actor)
    choose = ChooseTarget(
        initial={"version": version.pk, "target": target},
        versions=versions,
        version=version,
    )
    context = {
        "project": project,
        "station": "experiments",
        "form": form,
        "choose": choose,
        "version": version,
        "target": target,
        "held": held,
    }
    status = 422 if form.is_bound else 200
    return render(request, "experiments/experiment_form.html", context, status=status)


def _target(request: PortalRequest, version: DataSetVersion) -> str:
    """Return the column asked for, else one named as targets often are, else the first."""
    names = [str(column["name"]) for column in version.columns]
    asked = request.GET.get("target", "")
    if asked in names:
        return asked
    usual = {"target", "label", "class", "y", "churn", "outcome"}
    likely = [name for name in names if name.lower() in usual]
    return (likely or names or [""])[0]


def _start(request: PortalRequest, form: ExperimentForm) -> HttpResponse:
    row = services.create_experiment(form.save(commit=False), actor=request.actor)
    protocol = services.add_protocol(
        row,
        actor=request.actor,
        version=form.version,
        rules=form.cleaned_data["rules"],
    )
    start_sweep(request, protocol, form.trials())
    return redirect(row)


def start_sweep(
    request: PortalRequest, protocol: Protocol, trials: list[services.TrialAsked]
) -> list[Run]:
    """Plan the trials, start a job for each, and say so."""
    _sweep, runs = services.plan_sweep(
        protocol,
        trials,
        actor=request.actor,
        now=tasks.now_ms(),
        override_reason=_reason(request),
    )
    for run in runs:
        tasks.start_training(run, actor=request.actor)
    said = ngettext("%(n)s model is training.", "%(n)s models are training.", len(runs))
    messages.success(
        request,
        said % {"n": len(runs)}
        if runs
        else _("This was trained already; here is its result."),
    )
    return runs


def _reason(request: PortalRequest) -> str:
    """Return why an owner goes past a closed gate, if they do."""
    return request.POST.get("override_reason", "")[:500]


@signed_in
def train(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Add one trial under the newest protocol, with parameters of one's choice."""
    row = _editable(request, slug, pk)
    protocol = get_object_or_404(row.protocols.order_by("-version")[:1])
    family = request.GET.get("family", "boosting")
    family = family if family in FAMILIES else "boosting"
    rules = protocol.rules
    form = TrialForm(
        request.POST or None, family=family, task=rules.task, seeds=rules.seeds
    )
    if request.method == "POST" and form.is_valid():
        try:
            start_sweep(request, protocol, [form.trial()])
        except (EngineError, GateClosed) as problem:
            form.add_error(None, in_words(problem))
        else:
            return redirect(row)
    context = {
        "project": row.project,
        "station": "experiments",
        "experiment": row,
        "protocol": protocol,
        "form": form,
        "family": FAMILIES[family],
        "families": FAMILIES.values(),
        "held": form.is_bound and may_own(row.project, request.actor),
    }
    status = 422 if form.is_bound else 200
    return render(request, "experiments/train.html", context, status=status)


@signed_in
@require_POST
def run_retry(request: PortalRequest, slug: str, pk: str) -> HttpResponse:
    """Train a run again that failed or was stopped."""
    rows = Run.objects.editable_by(request.actor).select_related("project")
    run = get_object_or_404(
        rows,
        project__slug=slug,
        pk=pk,
        status__in=[Run.Status.FAILED, Run.Status.KILLED],
        protocol__isnull=False,
    )
    try:
        if run.protocol:
            services.may_train_on(run.protocol, actor=request.actor)
    except GateClosed as closed:
        messages.error(request, str(closed))
        return redirect(run)
    tasks.start_training(run, actor=request.actor)
    messages.success(request, _("%(name)s is training again.") % {"name": run.name})
    return redirect(run)


def _editable(request: PortalRequest, slug: str, pk: int) -> Experiment:
    rows = Experiment.objects.editable_by(request.actor).select_related("project")
    return get_object_or_404(rows, project__slug=slug, pk=pk)


@signed_in
@require_POST
def experiment_archive(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Archive an experiment with its runs."""
    row = _editable(request, slug, pk)
    services.archive_experiment(row, actor=request.actor)
    undo = reverse("experiments:experiment_restore", args=[slug, pk])
    messages.success(
        request,
        _("“%(name)s” is archived with its runs.") % {"name": row.name},
        extra_tags=f"undo:{undo}",
    )
    return redirect(row.project.url("experiments:experiments"))


@signed_in
@require_POST
def experiment_restore(request: PortalRequest, slug: str, pk: int) -> HttpResponse:
    """Take an experiment and its runs out of the archive."""
    row = _editable(request, slug, pk)
    services.restore_experiment(row, actor=request.actor)
    messages.success(request, _("“%(name)s” is back.") % {"name": row.name})
    return redirect(row)
