"""Writes with consequences for people, teams and keys."""

from core.services.people import (
    LastAdminError,
    change_address,
    create_person,
    deactivate_person,
    end_sessions,
    hand_over_link,
    reactivate_person,
    set_admin,
    set_password,
    use_link,
)
from core.services.teams import create_team, delete_team, rename_team, set_member
from core.services.tokens import TooStrongError, issue_token, revoke_token

__all__ = [
    "LastAdminError",
    "TooStrongError",
    "change_address",
    "create_person",
    "create_team",
    "deactivate_person",
    "delete_team",
    "end_sessions",
    "hand_over_link",
    "issue_token",
    "reactivate_person",
    "rename_team",
    "revoke_token",
    "set_admin",
    "set_member",
    "set_password",
    "use_link",
]
