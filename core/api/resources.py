"""What viewsets and serializers of every app are built of."""

import math
from http import HTTPStatus
from typing import Any, ClassVar, TypeVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext_lazy as _
from django_filters.rest_framework import DjangoFilterBackend, NumberFilter
from rest_framework import exceptions, mixins, serializers, viewsets
from rest_framework.filters import OrderingFilter
from rest_framework.request import Request
from rest_framework.response import Response

from core.access import Actor, Policy
from core.models import IdempotencyKey, User
from engine.digests import digest

M = TypeVar("M", bound=models.Model)


class IdFilter(NumberFilter):
    """Rows by an id; a number that no database can hold is refused."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, min_value=1, max_value=2**63 - 1, **kwargs)


class Conflict(exceptions.APIException):
    """A key was used for another request."""

    status_code = HTTPStatus.CONFLICT
    default_detail = _("This Idempotency-Key was used for another request.")
    default_code = "conflict"


def actor_of(request: Request) -> Actor:
    """Return who calls, as the authentication found out."""
    actor: Actor = request._request.actor  # type: ignore[attr-defined]  # PortalRequest
    return actor


class CheckedModelSerializer(serializers.ModelSerializer[M]):
    """A serializer that ends where forms end: in the model's `full_clean`."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Check the whole row, not just the fields that were sent."""
        plain = {
            name: value for name, value in attrs.items() if name in self._columns()
        }
        if self.instance is None:
            row = self._model()(**{**plain, **self.fixed_values()})
        else:
            row = self.instance
            before = {name: getattr(row, name) for name in plain}
            for name, value in plain.items():
                setattr(row, name, value)
        # An existing row is checked whole: Django skips a constraint when any of
        # its columns is excluded, and PATCH sends only some of them.
        exclude = (
            set()
            if self.instance
            else self._columns() - set(plain) - set(self.fixed_values())
        )
        try:
            row.full_clean(exclude=exclude)
        finally:
            if self.instance is not None:
                for name, value in before.items():
                    setattr(row, name, value)
        return attrs

    def fixed_values(self) -> dict[str, Any]:
        """Return columns the view sets itself, such as the author."""
        return {}

    def _columns(self) -> set[str]:
        return {field.name for field in self._model()._meta.concrete_fields}

    def _model(self) -> type[M]:
        model: type[M] = self.Meta.model
        return model


class IdempotentCreateMixin(mixins.CreateModelMixin):
    """Creations with an `Idempotency-Key` header happen once.

    A repeated request gets the first one's answer, without the fields in
    `never_kept`: what must not lie in the database, such as the key of a link.
    """

    never_kept: ClassVar[tuple[str, ...]] = ()

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Create, or give the answer that this key was given before."""
        key = request.headers.get("Idempotency-Key", "")
        asked = digest({"path": request.path, "body": _plain(request.data)})
        if key and (kept := self._kept(request.user, key)):
            if kept.request_digest != asked:
                raise Conflict
            return Response(kept.body, status=kept.status)
        self.prepare(request)
        with transaction.atomic():
            response = super().create(request, *args, **kwargs)
            if key:
                self._keep(request.user, key, asked, response)
        return response

    def prepare(self, request: Request) -> None:
        """Do what takes long, once for a key.

        A view with a transaction of its own is in none yet.
        """

    def _kept(self, user: Any, key: str) -> IdempotencyKey | None:
        if len(key) > 120 or not isinstance(user, User):
            raise exceptions.ValidationError(
                {"Idempotency-Key": [_("At most 120 characters.")]}
            )
        return IdempotencyKey.objects.filter(user=user, key=key).first()

    def _keep(self, user: Any, key: str, asked: str, response: Response) -> None:
        """Keep the answer; the slower of two equal requests at once is undone."""
        try:
            with transaction.atomic():
                IdempotencyKey.objects.create(
                    user=user,
                    key=key,
                    request_digest=asked,
                    status=response.status_code,
                    body={
                        name: value
                        for name, value in _plain(response.data).items()
                        if name not in self.never_kept
                    },
                )
        except IntegrityError as error:
            raise Conflict(
                _("The same request is being answered already; ask again.")
            ) from error


def _plain(data: Any) -> Any:
    """Return request or answer data as JSON-able values."""
    if isinstance(data, dict):
        return {str(key): _plain(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(value) for value in data]
    if isinstance(data, float) and not math.isfinite(data):
        return str(data)  # 1e999 is a number to Python's reader and none to JSON
    return data if isinstance(data, bool | int | float | None) else str(data)


class PortalViewSet(viewsets.GenericViewSet[M]):
    """Rows of a project, by the one access rule.

    Reads go through `visible_to`, writes through `editable_by` (or
    `contributable_by` where `write_right` says so): others find nothing.
    """

    policy = Policy.SIGNED_IN
    filter_backends = (DjangoFilterBackend, OrderingFilter)
    ordering_fields: ClassVar[tuple[str, ...]] = ("id",)
    # The router's own pattern leaves out dots, and `/1.5/` would be no problem
    # document but a page.
    lookup_value_regex = "[^/]+"
    write_right: ClassVar[str] = "editable_by"

    def get_queryset(self) -> models.QuerySet[M]:
        """Return the rows the caller may see, or may change."""
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset().none()
        return self.rows_for(
            "visible_to"
            if self.request.method in {"GET", "HEAD", "OPTIONS"}
            else self.write_right
        )

    def rows_for(self, right: str) -> models.QuerySet[M]:
        """Return the rows the caller holds `right` to."""
        rows: Any = super().get_queryset()
        return getattr(rows, right)(actor_of(self.request))  # type: ignore[no-any-return]  # rows is Any

    def require(self, *, allowed: bool) -> None:
        """Refuse what the role or the token does not allow."""
        if not allowed:
            raise PermissionDenied
