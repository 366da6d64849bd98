"""The REST API v1: every resource, the document that describes it, its pages."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.routers import DefaultRouter

from core.access import Policy, PortalRequest, signed_in
from core.api.tokens import TokenViewSet
from dataquality.api import (
    DataSetVersionViewSet,
    DataSetViewSet,
    ProfileViewSet,
)
from dataquality.api.checks import CheckResultViewSet, CheckViewSet
from dataquality.api.comparing import DataReconciliationViewSet
from dataquality.api.sources import SourceViewSet
from dataquality.api.uploads import UploadViewSet
from dataquality.api.watching import AlertViewSet, MitigationViewSet
from experiments.api.experiments import ExperimentViewSet
from experiments.api.protocols import ProtocolViewSet, SweepViewSet
from experiments.api.runs import RunViewSet
from projects.api.calculations import CalculationViewSet
from projects.api.comments import CommentViewSet
from projects.api.decisions import DecisionViewSet
from projects.api.gates import GateOverrideViewSet, GateViewSet
from projects.api.metrics import (
    AgreementViewSet,
    AlignmentViewSet,
    MetricLinkViewSet,
    MetricViewSet,
)
from projects.api.people import InvitationViewSet, StakeholderViewSet
from projects.api.portfolio import (
    PlatformUseViewSet,
    PlatformViewSet,
    PortfolioViewSet,
    RateViewSet,
    ScenarioViewSet,
)
from projects.api.projects import MembershipViewSet, ProjectViewSet
from projects.api.realised import RealisedValueViewSet
from projects.api.requirements import EvidenceViewSet, RequirementViewSet
from projects.api.sharing import SharedLinkViewSet
from projects.api.value import (
    EstimateRoundViewSet,
    EstimateViewSet,
    QuantityViewSet,
    ReconciliationViewSet,
    ValueCasePreview,
    ValueCaseViewSet,
)
from projects.api.webhooks import WebhookViewSet

router = DefaultRouter()
router.include_root_view = False
router.include_format_suffixes = False
for prefix, viewset in (
    ("projects", ProjectViewSet),
    ("memberships", MembershipViewSet),
    ("stakeholders", StakeholderViewSet),
    ("invitations", InvitationViewSet),
    ("quantities", QuantityViewSet),
    ("estimates", EstimateViewSet),
    ("estimate-rounds", EstimateRoundViewSet),
    ("reconciliations", ReconciliationViewSet),
    ("value-cases", ValueCaseViewSet),
    ("calculations", CalculationViewSet),
    ("requirements", RequirementViewSet),
    ("evidence", EvidenceViewSet),
    ("metrics", MetricViewSet),
    ("metric-links", MetricLinkViewSet),
    ("metric-agreements", AgreementViewSet),
    ("alignments", AlignmentViewSet),
    ("decisions", DecisionViewSet),
    ("gates", GateViewSet),
    ("gate-overrides", GateOverrideViewSet),
    ("portfolio", PortfolioViewSet),
    ("scenarios", ScenarioViewSet),
    ("platforms", PlatformViewSet),
    ("platform-uses", PlatformUseViewSet),
    ("rates", RateViewSet),
    ("comments", CommentViewSet),
    ("realised-values", RealisedValueViewSet),
    ("shared-links", SharedLinkViewSet),
    ("webhooks", WebhookViewSet),
    ("data-sets", DataSetViewSet),
    ("data-set-versions", DataSetVersionViewSet),
    ("data-reconciliations", DataReconciliationViewSet),
    ("profiles", ProfileViewSet),
    ("alerts", AlertViewSet),
    ("mitigations", MitigationViewSet),
    ("sources", SourceViewSet),
    ("uploads", UploadViewSet),
    ("checks", CheckViewSet),
    ("check-results", CheckResultViewSet),
    ("experiments", ExperimentViewSet),
    ("protocols", ProtocolViewSet),
    ("sweeps", SweepViewSet),
    ("runs", RunViewSet),
    ("tokens", TokenViewSet),
):
    router.register(prefix, viewset, basename=prefix)


@extend_schema(exclude=True)
class Schema(SpectacularAPIView):
    """The OpenAPI document."""

    policy = Policy.SIGNED_IN
    permission_classes = (IsAuthenticated,)


@signed_in
def swagger(request: PortalRequest) -> HttpResponse:
    """Browse and try the API."""
    return render(request, "portal/api_swagger.html")


app_name = "api"
urlpatterns: list[URLPattern | URLResolver] = [
    path(
        "v1/value-cases/preview/", ValueCasePreview.as_view(), name="value_case_preview"
    ),
    path("v1/", include(router.urls)),
    path("v1/schema/", Schema.as_view(), name="schema"),
    path("docs/", swagger, name="docs"),
]
