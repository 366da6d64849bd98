"""Writes with consequences for people, teams and keys."""

from core.services.people import (
    LastAdminError,
    change_address,
    create_person,
    deactivate_person,
    end_sessions,
    hand_over_link,
    note_seen,
    reactivate_person,
    set_admin,
    set_password,
    use_link,
)
from core.services.teams import create_team, delete_team, rename_team, set_member
from core.services.tokens import TooStrongError, issue_token, revoke_token
from core.services.webhooks import (
    add_webhook,
    change_webhook,
    deliver_again,
    ping,
    remove_webhook,
    renew_secret,
)

__all__ = [
    "LastAdminError",
    "TooStrongError",
    "add_webhook",
    "change_address",
    "change_webhook",
    "create_person",
    "create_team",
    "deactivate_person",
    "delete_team",
    "deliver_again",
    "end_sessions",
    "hand_over_link",
    "issue_token",
    "note_seen",
    "ping",
    "reactivate_person",
    "remove_webhook",
    "rename_team",
    "renew_secret",
    "revoke_token",
    "set_admin",
    "set_member",
    "set_password",
    "use_link",
]
