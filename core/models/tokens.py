"""Keys for tools: hashed, scoped, expiring, revocable."""

import hmac
import secrets
from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.models.people import User, hash_secret

PREFIX = "mlp"


class ApiToken(models.Model):
    """A key a tool signs in with; it can never do more than its owner."""

    class Scope(models.TextChoices):
        READ = "read", _("read")
        WRITE = "write", _("read and write")
        ADMIN = "admin", _("everything I may do")

    LIFETIME: ClassVar[timedelta] = timedelta(days=90)

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=80)
    key_id = models.CharField(max_length=16, unique=True, editable=False)
    secret_hash = models.CharField(max_length=64, editable=False)
    scope = models.CharField(
        _("scope"), max_length=8, choices=Scope, default=Scope.WRITE
    )
    project_id = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"))
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.key_id})"

    @property
    def is_usable(self) -> bool:
        """Whether it is neither revoked nor expired, and its owner is active."""
        return (
            self.revoked_at is None
            and self.expires_at > timezone.now()
            and self.user.is_active
        )

    @classmethod
    def issue(
        cls,
        user: User,
        *,
        name: str,
        scope: str,
        project_id: int | None = None,
        lifetime: timedelta = LIFETIME,
    ) -> tuple["ApiToken", str]:
        """Return a new token and the key, which is shown once and kept nowhere."""
        key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        token = cls(
            user=user,
            name=name,
            key_id=key_id,
            secret_hash=hash_secret(secret),
            scope=scope,
            project_id=project_id,
            expires_at=timezone.now() + lifetime,
        )
        token.full_clean()
        token.save()
        return token, f"{PREFIX}_{key_id}_{secret}"

    @classmethod
    def find(cls, key: str) -> "ApiToken | None":
        """Return the usable token this key opens, in constant time per guess."""
        prefix, _underscore, rest = key.partition("_")
        key_id, _underscore, secret = rest.partition("_")
        if prefix != PREFIX or not secret:
            return None
        token = cls.objects.select_related("user").filter(key_id=key_id).first()
        if token is None or not hmac.compare_digest(
            token.secret_hash, hash_secret(secret)
        ):
            return None
        return token if token.is_usable else None
