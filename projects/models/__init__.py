"""The tables of the design phase."""

from projects.models.access import Membership, ProjectScopedQuerySet, Role
from projects.models.calculations import Calculation
from projects.models.comments import Comment
from projects.models.decision import Decision, Signature
from projects.models.evidence import Evidence
from projects.models.gates import Gate, GateKey, GateOverride
from projects.models.metrics import (
    NET_VALUE,
    Metric,
    MetricAlignment,
    MetricLink,
    MetricVersion,
)
from projects.models.people import Invitation, Stakeholder
from projects.models.portfolio import CurrencyRate, Platform, PlatformUse, Scenario
from projects.models.project import Project
from projects.models.realised import RealisedValue
from projects.models.requirements import Requirement, RequirementVersion
from projects.models.sharing import SharedLink
from projects.models.value import (
    Estimate,
    EstimateRound,
    Quantity,
    Reconciliation,
    Shape,
    ValueCase,
)

__all__ = [
    "NET_VALUE",
    "Calculation",
    "Comment",
    "CurrencyRate",
    "Decision",
    "Estimate",
    "EstimateRound",
    "Evidence",
    "Gate",
    "GateKey",
    "GateOverride",
    "Invitation",
    "Membership",
    "Metric",
    "MetricAlignment",
    "MetricLink",
    "MetricVersion",
    "Platform",
    "PlatformUse",
    "Project",
    "ProjectScopedQuerySet",
    "Quantity",
    "RealisedValue",
    "Reconciliation",
    "Requirement",
    "RequirementVersion",
    "Role",
    "Scenario",
    "Shape",
    "SharedLink",
    "Signature",
    "Stakeholder",
    "ValueCase",
]
