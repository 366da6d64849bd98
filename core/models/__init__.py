"""The tables everything else rests on."""

from core.models.audit import AuditEntry, AuditSeal
from core.models.jobs import Job
from core.models.notices import NoticeChoice, Notification
from core.models.objects import ObjectRef, ProjectUsage, StoredObject
from core.models.people import SignInLink, Team, User
from core.models.requests import IdempotencyKey
from core.models.tokens import ApiToken
from core.models.trash import Trashable
from core.models.webhooks import Webhook, WebhookDelivery

__all__ = [
    "ApiToken",
    "AuditEntry",
    "AuditSeal",
    "IdempotencyKey",
    "Job",
    "NoticeChoice",
    "Notification",
    "ObjectRef",
    "ProjectUsage",
    "SignInLink",
    "StoredObject",
    "Team",
    "Trashable",
    "User",
    "Webhook",
    "WebhookDelivery",
]
