"""The tables of the design phase."""

from projects.models.access import Membership, ProjectScopedQuerySet, Role
from projects.models.decision import Decision, Signature
from projects.models.evidence import Evidence
from projects.models.metrics import Metric, MetricAlignment
from projects.models.people import Invitation, Stakeholder
from projects.models.project import Project
from projects.models.requirements import Requirement, RequirementVersion
from projects.models.value import Estimate, Quantity, Reconciliation, ValueCase

__all__ = [
    "Decision",
    "Estimate",
    "Evidence",
    "Invitation",
    "Membership",
    "Metric",
    "MetricAlignment",
    "Project",
    "ProjectScopedQuerySet",
    "Quantity",
    "Reconciliation",
    "Requirement",
    "RequirementVersion",
    "Role",
    "Signature",
    "Stakeholder",
    "ValueCase",
]
