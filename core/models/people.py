"""Who uses the portal."""

import hashlib
import secrets
import uuid
import zoneinfo
from datetime import datetime, timedelta
from functools import cache
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

# The first owner has no address yet; this domain stands in for one.
PLACEHOLDER_DOMAIN = "portal.localhost"
# Who saw no page for this long was away: the next page begins another visit.
AWAY = timedelta(minutes=30)
# How exactly it is known when somebody last saw a page: one write in this time.
SEEN_WITHIN = timedelta(minutes=5)


@cache
def time_zones() -> frozenset[str]:
    """Return the names of all zones; they are looked up in files, 10 ms a time."""
    return frozenset(zoneinfo.available_timezones())


def validate_zone(name: str) -> None:
    """Refuse a time zone that the database of zones does not have."""
    if name not in time_zones():
        raise ValidationError(
            _("%(name)s is no time zone; choose one such as Europe/Lisbon."),
            params={"name": name},
        )


class UserManager(BaseUserManager["User"]):
    """People are known by their e-mail address, whatever its case."""

    def create_user(
        self, email: str, password: str | None = None, **fields: Any
    ) -> "User":
        """Return a new person; without a password they sign in by link only."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the person with this address, ignoring case."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A person with an account. What they may do in a project is a membership."""

    class NumberFormat(models.TextChoices):
        POINT = "point", _("1 200.50")
        COMMA = "comma", _("1 200,50")

    class Theme(models.TextChoices):
        SYSTEM = "system", _("as the system")
        LIGHT = "light", _("light")
        DARK = "dark", _("dark")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    is_portal_admin = models.BooleanField(_("portal admin"), default=False)
    zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[validate_zone]
    )
    number_format = models.CharField(
        _("numbers"),
        max_length=8,
        choices=NumberFormat,
        default=NumberFormat.POINT,
    )
    theme = models.CharField(
        _("look"), max_length=8, choices=Theme, default=Theme.SYSTEM
    )
    joined_at = models.DateTimeField(default=timezone.now, editable=False)
    seen_at = models.DateTimeField(null=True, blank=True, editable=False)
    # When the visit before the one that `seen_at` belongs to ended.
    last_visit_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Counted up to end every session; the password alone cannot do that.
    session_generation = models.PositiveIntegerField(default=0, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_once",
                violation_error_message=_("Somebody with this address exists already."),
            )
        ]

    def __str__(self) -> str:
        return self.display_name

    @classmethod
    def normalize_username(cls, username: str) -> str:
        """Return an address as it is kept: in small letters."""
        return super().normalize_username(username).lower()

    @property
    def display_name(self) -> str:
        """The name, or the address while no name is known."""
        return self.name or self.email

    @property
    def initials(self) -> str:
        """At most two letters for the avatar."""
        parts = self.display_name.replace("@", " ").split()
        return "".join(part[0] for part in parts[:2]).upper()

    @property
    def is_unseen(self) -> bool:
        """Whether it is time to note again that a page was seen."""
        return self.seen_at is None or timezone.now() - self.seen_at >= SEEN_WITHIN

    def away_since(self, now: datetime) -> datetime | None:
        """Return when the visit before the one of `now` ended; None in the first."""
        if self.seen_at is not None and now - self.seen_at >= AWAY:
            return self.seen_at
        return self.last_visit_at

    @property
    def has_placeholder_address(self) -> bool:
        """Whether the address only stands in for one, as the first owner's does."""
        return self.email.endswith(f"@{PLACEHOLDER_DOMAIN}")

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        """Return what each session must carry; Django compares it on each request."""
        return salted_hmac(
            "core.User.session",
            f"{self.password}:{self.session_generation}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()


class Team(models.Model):
    """A named group of people that may hold a role in projects."""

    name = models.CharField(
        _("name"),
        max_length=120,
        unique=True,
        error_messages={"unique": _("A team of this name exists already.")},
    )
    members = models.ManyToManyField(User, related_name="teams", blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


def hash_secret(secret: str) -> str:
    """Return how a secret of high entropy is stored: its SHA-256, in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


class SignInLink(models.Model):
    """A one-time way in: for the first owner, and for people without mail."""

    LIFETIME = timedelta(hours=24)

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="sign_in_links"
    )
    secret_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"sign-in link of {self.user}"

    @classmethod
    def issue(cls, user: User) -> str:
        """Return the secret of a new link; only its hash is kept."""
        secret = secrets.token_urlsafe(32)
        cls.objects.create(
            user=user,
            secret_hash=hash_secret(secret),
            expires_at=timezone.now() + cls.LIFETIME,
        )
        return secret

    @classmethod
    def find(cls, secret: str) -> "SignInLink | None":
        """Return the link if it can still be used, and use nothing up."""
        return (
            cls.objects.select_related("user")
            .filter(
                secret_hash=hash_secret(secret),
                used_at=None,
                expires_at__gt=timezone.now(),
                user__is_active=True,
            )
            .first()
        )

    def use(self) -> bool:
        """Return whether this call was the one that used the link up."""
        unused = SignInLink.objects.filter(pk=self.pk, used_at=None)
        return bool(unused.update(used_at=timezone.now()))
