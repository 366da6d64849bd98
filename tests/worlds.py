"""A project with everything in it, and somebody in every role: twice, told apart.

The access matrix and the tests of locks and markers walk all pages with it. A new kind
of thing with a page of its own gets a line in `build_world` and one in `PLACES`.
"""

import io
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from core import objects
from core import services as core_services
from core.access import Actor
from core.jobs.testing import in_process, run_now
from core.models import (
    ApiToken,
    Job,
    Notification,
    SignInLink,
    Team,
    User,
    Webhook,
)
from core.notices import notify
from dataquality import services as deliveries
from dataquality.models import (
    Alert,
    Check,
    DataSetVersion,
    Mitigation,
    Reconciliation,
    Source,
    VersionTag,
)
from dataquality.tasks import start_reading
from experiments.models import Experiment, Report, Run
from experiments.services import TrialAsked, plan_sweep
from experiments.tasks import start_training
from projects import services
from projects.models import (
    Calculation,
    Comment,
    CurrencyRate,
    Decision,
    Estimate,
    EstimateRound,
    GateKey,
    GateOverride,
    Invitation,
    Membership,
    MetricAlignment,
    MetricLink,
    Platform,
    PlatformUse,
    Project,
    RealisedValue,
    Requirement,
    RequirementVersion,
    Role,
    Scenario,
    SharedLink,
)
from projects.selectors.comments import find_subject
from tests.experiments.factories import NOW, a_protocol, an_experiment
from tests.factories import (
    a_member,
    a_project,
    a_stakeholder,
    a_team,
    a_user,
    an_answer,
    an_invitation,
    ranges_of,
)

UID_OF_A_STRANGER = "1"
TAG = "approved"


@dataclass
class World:
    """One project, its people by role, and an id for each kind of thing in it."""

    project: Project
    people: dict[str, User]  # by role; anonymous and guest have no account
    secret: str  # of the guest's invitation
    shown: str  # of a shared link
    ids: dict[str, Any] = field(default_factory=dict)

    def values(self, route: str) -> dict[str, Any]:
        """Return what fills the placeholders of a route in this world.

        Raises
        ------
        KeyError
            If no line of `PLACES` says whose id the route means.
        """
        values = {
            "slug": self.project.slug,
            "uidb36": UID_OF_A_STRANGER,
            "key": "set-password",
            "format": "json",
            "name": self.ids["data set name"],
            "data_set": self.ids["data set"],
            "path": self.ids["file"],
            "number": 1,
            "digest": self.ids["document"],
            "form": "yaml",
            "gate": "design",
            "tag": TAG,
            "kind": "requirement",
            "subject": self.ids["requirement"],
            "secret": self._secret(route),
        }
        if "<pk>" in route:
            values["pk"] = self.ids[kind_of(route)]
        return values

    def _secret(self, route: str) -> str:
        if route.startswith("login/"):
            return str(self.ids["link"])
        if route.startswith("s/"):
            return self.shown
        if route.startswith("i/<secret>/metrics/"):
            return str(self.ids["metrics link"])
        return self.secret


# Where a route begins, and whose id its `pk` is. The longest beginning wins.
PLACES = {
    "api/v1/alerts/": "alert",
    "api/v1/alignments/": "alignment",
    "api/v1/calculations/": "calculation",
    "api/v1/comments/": "comment",
    "api/v1/data-reconciliations/": "data reconciliation",
    "api/v1/check-results/": "check result",
    "api/v1/checks/": "check",
    "api/v1/data-set-versions/": "version",
    "api/v1/data-sets/": "data set",
    "api/v1/decisions/": "decision",
    "api/v1/estimate-rounds/": "estimate round",
    "api/v1/estimates/": "estimate",
    "api/v1/experiments/": "experiment",
    "api/v1/evidence/": "evidence",
    "api/v1/gate-overrides/": "override",
    "api/v1/invitations/": "invitation",
    "api/v1/memberships/": "membership",
    "api/v1/metric-agreements/": "metric agreement",
    "api/v1/metric-links/": "metric link",
    "api/v1/metrics/": "metric",
    "api/v1/platform-uses/": "platform use",
    "api/v1/platforms/": "platform",
    "api/v1/mitigations/": "mitigation",
    "api/v1/profiles/": "profile",
    "api/v1/protocols/": "protocol",
    "api/v1/quantities/": "quantity",
    "api/v1/realised-values/": "realised value",
    "api/v1/reconciliations/": "reconciliation",
    "api/v1/requirements/": "requirement",
    "api/v1/rates/": "rate",
    "api/v1/runs/": "run",
    "api/v1/scenarios/": "scenario",
    "api/v1/shared-links/": "shared link",
    "api/v1/stakeholders/": "stakeholder",
    "api/v1/tokens/": "token",
    "api/v1/sources/": "source",
    "api/v1/sweeps/": "sweep",
    "api/v1/uploads/": "upload",
    "api/v1/value-cases/": "value case",
    "api/v1/webhooks/": "webhook",
    "inbox/": "notice",
    "jobs/": "job",
    "manage/jobs/": "job",
    "manage/people/": "person",
    "manage/rates/": "rate",
    "manage/teams/": "team",
    "me/tokens/": "token",
    "p/<slug>/comments/": "comment",
    "p/<slug>/data/<name>/alerts/": "alert",
    "p/<slug>/data/<name>/mitigations/": "mitigation",
    "p/<slug>/data/<name>/reconciliations/": "data reconciliation",
    "p/<slug>/data/<name>/checks/": "check",
    "p/<slug>/data/<name>/uploads/": "upload",
    "p/<slug>/data/<name>/v/<number>/checks/": "check",
    "p/<slug>/decisions/": "decision",
    "p/<slug>/experiments/": "experiment",
    "p/<slug>/metrics/": "metric",
    "p/<slug>/metrics/links/": "metric link",
    "p/<slug>/people/": "stakeholder",
    "p/<slug>/people/invitations/": "invitation",
    "p/<slug>/reports/": "experiment",
    "p/<slug>/requirements/": "requirement",
    "p/<slug>/runs/": "run",
    "p/<slug>/shared/": "shared link",
    "p/<slug>/settings/members/": "membership",
    "p/<slug>/value/quantities/": "quantity",
    "p/<slug>/settings/webhooks/": "webhook",
    "p/<slug>/value/realised/": "realised value",
    "p/<slug>/value/settle/": "quantity",
    "p/<slug>/value/versions/": "value case",
    "portfolio/platforms/": "platform",
    "portfolio/scenarios/": "scenario",
}


def kind_of(route: str) -> str:
    """Return the kind of thing a route's `pk` names."""
    beginnings = [each for each in PLACES if route.startswith(each)]
    if not beginnings:
        raise KeyError(f"tests/worlds.py: PLACES does not say whose pk {route!r} is")
    return PLACES[max(beginnings, key=len)]


def build_world(name: str, *, text: str) -> World:
    """Return a world whose every text contains `text`."""
    owner = a_user(f"Owner {name}")
    # Addresses are echoed by pages: the text must not be in them.
    project = a_project(
        owner, name=f"{name} {text}", slug=f"project-{name.lower()}", problem=text
    )
    people = {
        "owner": owner,
        "outsider": a_user(f"Outsider {name}"),
        "admin": a_user(f"Admin {name}", is_portal_admin=True),
        **{
            str(role): a_member(project, role)
            for role in (Role.VIEWER, Role.CONTRIBUTOR, Role.EDITOR)
        },
    }
    version = _version(project, owner, text)
    experiment = an_experiment(project, text)
    run = _run(experiment, version, owner)
    quantity = project.quantities.earliest("pk")
    requirement = _requirement(project, owner, text)
    stakeholder = a_stakeholder(project, f"Ruth {text}")
    metric = project.metrics.earliest("pk")
    invitation, secret = an_invitation(stakeholder, by=owner)
    link, shown = services.share(
        project,
        SharedLink.Kind.REPORT,
        experiment.pk,
        actor=Actor(user=owner),
        note=text[:120],
    )
    world = World(project=project, people=people, secret=secret, shown=shown)
    world.ids = {
        "alert": deliveries.raise_alert(
            version.data_set, kind=Alert.Kind.DRIFT, key="word", sentence=text
        ).pk,
        "alignment": MetricAlignment.objects.create(
            stakeholder=stakeholder, metric=metric, weight="primary", comment=text
        ).pk,
        "comment": _comment(project, requirement, owner, text).pk,
        "calculation": _calculation(project, owner, text).pk,
        "data reconciliation": _reconciliation(version, owner, text).pk,
        "check": (found := version.profile.results.get()).declared_check_id,
        "check result": found.pk,
        "data set": version.data_set_id,
        "data set name": version.data_set.slug,
        "decision": _decision(project, owner, text).pk,
        "document": _document(requirement, text),
        "estimate": _estimate(project, text).pk,
        "estimate round": EstimateRound.objects.create(
            project=project, number=2, reason=text
        ).pk,
        "evidence": services.attest(
            requirement, actor=Actor(user=owner), holds=True, note=text
        ).pk,
        "experiment": experiment.pk,
        "file": min(objects.references("run", run.pk)),
        "invitation": invitation.pk,
        "job": _job(project, owner, text).pk,
        "link": SignInLink.issue(a_user(f"Newcomer {name}")),
        "membership": Membership.objects.get(project=project, user=people["viewer"]).pk,
        "metric": metric.pk,
        "metric agreement": _metric_agreement(project, text).pk,
        "metrics link": an_invitation(
            stakeholder, by=owner, asks=Invitation.Asks.METRICS
        )[1],
        "metric link": _metric_link(project, text).pk,
        "override": _override(project, owner, text).pk,
        "mitigation": _mitigation(version, owner, text).pk,
        "notice": _notice(owner, project, text).pk,
        "platform": (use := _platform_use(project, owner, text)).platform_id,
        "platform use": use.pk,
        "profile": version.profile.pk,
        "protocol": run.protocol_id,
        "person": a_user(f"Somebody {name}").pk,
        "quantity": quantity.pk,
        "realised value": _realised(project, owner, text).pk,
        "reconciliation": services.settle_range(
            quantity,
            ranges_of(project)[quantity.name],
            actor=Actor(user=owner),
            reason=text,
        ).pk,
        "rate": CurrencyRate.objects.create(
            currency=f"X{name[0]}X", rate=1, valid_from=date(2026, 1, 1)
        ).pk,
        "report": Report.objects.create(
            experiment=experiment, digest="0" * 64, written_by_name=text
        ).pk,
        "requirement": requirement.pk,
        "run": run.pk,
        "scenario": Scenario.objects.create(name=text[:80], created_by=owner).pk,
        "shared link": link.pk,
        "stakeholder": stakeholder.pk,
        "source": _source(version, owner, text).pk,
        "sweep": run.sweep_id,
        "team": _team(name, people["viewer"]).pk,
        "token": ApiToken.issue(owner, name=text[:80], scope="read")[0].pk,
        "upload": deliveries.begin_upload(
            version.data_set, actor=Actor(user=owner), file_name=text, size=9
        ).pk,
        "version": version.pk,
        "webhook": _webhook(project, owner, name).pk,
        "value case": project.value_cases.earliest("pk").pk,
    }
    return world


def _version(project: Project, owner: User, text: str) -> DataSetVersion:
    """Return a version that is ready, of a data set whose next one was refused."""
    actor = Actor(user=owner)
    row = deliveries.create_data_set(project, actor=actor, name=text, description=text)
    # One value is broken, so that there are rows to see.
    check = Check(
        data_set=row,
        kind="in_set",
        params={"column": "churn", "values": ["yes", text]},
        note=text,
        owner=owner,
    )
    deliveries.save_check(check, actor=actor)
    lines = (f"{text},{n % 7},{'yes' if n % 3 else 'no'}" for n in range(60))
    table = "\n".join(["word,visits,churn", *lines]).encode()
    version = deliveries.deliver(
        row,
        actor=actor,
        incoming=objects.receive([table], limit=len(table)),
        file_name=f"{text}.csv",
    ).version
    run_now(start_reading(version, actor=actor), runner=in_process)
    DataSetVersion.objects.create(
        data_set=row,
        number=2,
        state=DataSetVersion.State.REFUSED,
        file_name=f"{text}.csv",
        source_digest="0" * 64,
        refusal=text,
        created_by=owner,
    )
    return DataSetVersion.objects.select_related("data_set", "profile").get(
        pk=version.pk
    )


def _mitigation(version: DataSetVersion, owner: User, text: str) -> Mitigation:
    row = Mitigation(
        data_set=version.data_set,
        column="word",
        kind=Mitigation.Kind.IMPUTE,
        strategy=Mitigation.Strategy.CATEGORY,
        note=text[:500],
    )
    return deliveries.plan_mitigation(row, actor=Actor(user=owner))


def _reconciliation(version: DataSetVersion, owner: User, text: str) -> Reconciliation:
    """Return a version held against itself, with its differences; it has a tag too."""
    data_set = version.data_set
    VersionTag.objects.create(data_set=data_set, version=version, name=TAG)
    row = Reconciliation.objects.create(
        project=data_set.project,
        data_set=data_set,
        left=version,
        right=version,
        matching={"keys": {"word": "word"}},
        problem=text,
        created_by=owner,
    )
    table = io.BytesIO()
    pl.DataFrame({"what": [text]}).write_parquet(table)
    objects.attach(
        objects.receive([table.getvalue()], limit=10_000),
        project_id=data_set.project_id,
        owner_kind=deliveries.RECONCILIATION,
        owner_id=row.pk,
        path=deliveries.DIFFERENCES,
    )
    return row


def _source(version: DataSetVersion, owner: User, text: str) -> Source:
    """Return where the version's data set comes from; nothing listens there."""
    row = deliveries.set_source(
        version.data_set,
        actor=Actor(user=owner),
        kind="http",
        said={"url": "https://example.org/readings.csv"},
        secrets={"authorization": text},
    )
    deliveries.record_failure(row.pk, sentence=text)
    return row


def _run(experiment: Experiment, version: DataSetVersion, owner: User) -> Run:
    """Return a trained run with its files, and all that pages say of one."""
    actor = Actor(user=owner)
    protocol = a_protocol(experiment, version)
    asked = [TrialAsked("baseline", {}, seed=1)]
    _sweep, (run,) = plan_sweep(protocol, asked, actor=actor, now=NOW)
    run_now(start_training(run, actor=actor), runner=in_process)
    run.refresh_from_db()
    return run


def _decision(project: Project, owner: User, text: str) -> Decision:
    row = Decision(
        project=project,
        gate=Decision.Gate.DESIGN,
        question=text,
        verdict=Decision.Verdict.GO,
        rationale=text,
    )
    return services.propose_decision(row, actor=Actor(user=owner))


def _override(project: Project, owner: User, text: str) -> GateOverride:
    row = services.check_gate(
        project,
        GateKey.DESIGN,
        action="nominate",
        subject=services.Subject("run", "0", text),
        actor=Actor(user=owner),
        override_reason=text[:500],
    )
    assert row is not None
    return row


def _estimate(project: Project, text: str) -> Estimate:
    answered = a_stakeholder(project, f"Jonas {text}")
    an_answer(answered)
    return Estimate.objects.filter(stakeholder=answered).earliest("pk")


def _calculation(project: Project, owner: User, text: str) -> Calculation:
    return services.keep_calculation(
        Calculation.Kind.ANALYSIS,
        project=project,
        inputs={"of": text},
        seed=1,
        digest="0" * 64,
        result={"says": text},
        actor=Actor(user=owner),
    )


def _document(requirement: Requirement, text: str) -> str:
    content = text.encode()
    incoming = objects.receive([content], limit=len(content))
    return services.keep_document(requirement, incoming, name=f"{text}.txt").digest


def _requirement(project: Project, owner: User, text: str) -> Requirement:
    row = Requirement(project=project, kind=Requirement.Kind.COMPLIANCE)
    said = {"title": text, "test": RequirementVersion.Test.ATTESTED}
    services.save_requirement(row, actor=Actor(user=owner), said=said)
    return row


def _comment(
    project: Project, requirement: Requirement, owner: User, text: str
) -> Comment:
    subject = find_subject(project, "requirement", str(requirement.pk))
    assert subject is not None
    return services.post_comment(project, subject, actor=Actor(user=owner), text=text)


def _metric_agreement(project: Project, text: str) -> Calculation:
    return Calculation.objects.create(
        project=project,
        kind=Calculation.Kind.AGREEMENT,
        inputs={"runs": [text]},
        result={},
        engine_version="",
        digest="0" * 64,
    )


def _metric_link(project: Project, text: str) -> MetricLink:
    return MetricLink.objects.create(
        project=project,
        cause=project.metrics.get(key="recall"),
        effect=project.metrics.get(key="net_value"),
        relation=MetricLink.Relation.FORMULA,
        formula="recall * margin",
        note=text,
    )


def _realised(project: Project, owner: User, text: str) -> RealisedValue:
    row = RealisedValue(
        project=project,
        starts_on=date(2026, 1, 1),
        ends_on=date(2026, 3, 31),
        value=1000.0,
        method=RealisedValue.Method.BOOKS,
        note=text,
    )
    return services.enter_realised(row, actor=Actor(user=owner))


def _webhook(project: Project, owner: User, name: str) -> Webhook:
    url = f"https://{name.lower()}.example.org/hook"
    actor = Actor(user=owner)
    # It listens to nothing that happens here: the world stays as it is built.
    return core_services.add_webhook(
        project.pk, actor=actor, url=url, kinds=["metrics"]
    )[0]


def _job(project: Project, owner: User, text: str) -> Job:
    return Job.objects.create(
        kind="test",
        queue="data",
        title=text,
        project_id=project.pk,
        created_by=owner,
        log=text,
    )


def _notice(owner: User, project: Project, text: str) -> Notification:
    notify([owner], kind="test", group="test", text=text, project_id=project.pk)
    return Notification.objects.get(user=owner, kind="test")


def _platform_use(project: Project, owner: User, text: str) -> PlatformUse:
    row = Platform.objects.create(
        name=text[:80], purpose=text, cost_yearly=1_000, created_by=owner
    )
    return PlatformUse.objects.create(platform=row, project=project)


def _team(name: str, member: User) -> Team:
    return a_team(f"Team {name}", members=[member])
