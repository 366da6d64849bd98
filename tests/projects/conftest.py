"""A project with somebody in each role, somebody outside, and their browsers."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.test import Client

from core.models import User
from projects.models import Invitation, Project, Role, Stakeholder
from tests import factories

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@dataclass(frozen=True)
class Cast:
    owner: User
    editor: User
    contributor: User
    viewer: User
    outsider: User


@pytest.fixture
def project(db: None) -> Project:
    return factories.a_project(factories.a_user("Ana Ferreira"))


@pytest.fixture
def cast(project: Project) -> Cast:
    owner = project.created_by
    assert owner is not None
    return Cast(
        owner=owner,
        editor=factories.a_member(project, Role.EDITOR),
        contributor=factories.a_member(project, Role.CONTRIBUTOR),
        viewer=factories.a_member(project, Role.VIEWER),
        outsider=factories.a_user("Otto Outside"),
    )


@pytest.fixture
def browser_of(cast: Cast) -> Callable[[str], Client]:
    """Return the signed-in browser of a role; "nobody" is not signed in."""

    def open_browser(who: str) -> Client:
        browser = Client()
        if who != "nobody":
            browser.force_login(getattr(cast, who), backend=BACKEND)
        return browser

    return open_browser


@pytest.fixture
def ruth(project: Project) -> Stakeholder:
    return factories.a_stakeholder(project, "Ruth Adler")


@pytest.fixture
def invited(ruth: Stakeholder) -> tuple[Invitation, str]:
    return factories.an_invitation(ruth)
