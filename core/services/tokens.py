"""Keys for tools: made by their owner, never stronger than who makes them."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.access import SCOPE_RIGHT, Actor
from core.models import ApiToken


class TooStrongError(ValueError):
    """A token was asked for that could do more than the one that asks."""


@transaction.atomic
def issue_token(
    *,
    actor: Actor,
    name: str,
    scope: str,
    project_id: int | None = None,
    lifetime: timedelta = ApiToken.LIFETIME,
) -> tuple[ApiToken, str]:
    """Return a new token of the actor and its key, which is kept nowhere.

    Raises
    ------
    TooStrongError
        If a token asks for one of a wider scope, of other projects, or one that
        outlives it.
    """
    if actor.user is None:
        raise TooStrongError(_("Only a person with an account has tokens."))
    _check_strength(actor, scope, project_id, lifetime)
    token, key = ApiToken.issue(
        actor.user, name=name, scope=scope, project_id=project_id, lifetime=lifetime
    )
    audit.record(
        actor,
        "create token",
        project_id=project_id,
        subject=token.name,
        detail={"token": token.key_id, "scope": token.scope},
    )
    return token, key


def _check_strength(
    actor: Actor, scope: str, project_id: int | None, lifetime: timedelta
) -> None:
    if actor.token is None:
        return
    if scope in ApiToken.Scope.values and (
        SCOPE_RIGHT[ApiToken.Scope(scope)] > actor.limit
    ):
        raise TooStrongError(
            _("A token of scope “%(mine)s” cannot make one of scope “%(asked)s”.")
            % {"mine": actor.token.scope, "asked": scope}
        )
    if actor.only_project_id is not None and project_id != actor.only_project_id:
        raise TooStrongError(_("This token can only make tokens of its own project."))
    if timezone.now() + lifetime > actor.token.expires_at:
        raise TooStrongError(
            _("A token cannot make one that lives longer; this one ends %(when)s.")
            % {"when": actor.token.expires_at.date().isoformat()}
        )


@transaction.atomic
def revoke_token(token: ApiToken, *, actor: Actor) -> None:
    """Make a token useless from now on."""
    if not ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(
        revoked_at=timezone.now()
    ):
        return
    audit.record(
        actor,
        "revoke token",
        project_id=token.project_id,
        subject=token.name,
        detail={"token": token.key_id},
    )
