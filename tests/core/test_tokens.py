"""Tokens: hashed, scoped, expiring, revocable, never stronger than who makes them."""

import base64
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from core import services
from core.access import Actor, Right
from core.models import ApiToken
from core.models.people import hash_secret
from projects.models import Project, Role
from tests.factories import a_member, a_project, a_token, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    return a_user("Ana")


def test_key_is_recognisable_and_only_its_hash_is_kept(ana):
    token, key = ApiToken.issue(ana, name="laptop", scope="read")
    prefix, key_id, secret = key.split("_", 2)
    assert (prefix, key_id) == ("mlp", token.key_id)
    assert len(base64.urlsafe_b64decode(secret + "==")) == 32
    row = ApiToken.objects.values().get()
    assert secret not in str(row)
    assert row["secret_hash"] == hash_secret(secret)


def test_sha256_of_a_secret_is_the_published_one():
    # FIPS 180-2, appendix B.1
    assert hash_secret("abc") == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )


def test_token_opens_for_ninety_days(ana):
    key = a_token(ana)
    assert ApiToken.find(key) is not None
    with time_machine.travel(timezone.now() + timedelta(days=90, seconds=1)):
        assert ApiToken.find(key) is None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda key: key[:-1],
        lambda key: key.replace("mlp_", "xyz_"),
        lambda key: key.rpartition("_")[0],
        lambda key: "",
        lambda key: key.split("_")[0] + "_000000000000_" + key.split("_", 2)[2],
    ],
)
def test_spoilt_key_opens_nothing(ana, spoil):
    assert ApiToken.find(spoil(a_token(ana))) is None


def test_revoked_token_opens_nothing(ana):
    token, key = ApiToken.issue(ana, name="n", scope="read")
    services.revoke_token(token, actor=Actor(user=ana))
    assert ApiToken.find(key) is None


def test_token_of_a_deactivated_owner_opens_nothing(ana):
    key = a_token(ana)
    ana.is_active = False
    ana.save()
    assert ApiToken.find(key) is None


@pytest.mark.parametrize(
    ("scope", "right"),
    [("read", Right.READ), ("write", Right.EDIT), ("admin", Right.OWN)],
)
def test_scope_is_the_most_a_token_gives(ana, scope, right):
    token, _key = ApiToken.issue(ana, name="n", scope=scope)
    assert Actor(user=ana, token=token).limit is right


@pytest.mark.parametrize(
    ("scope", "role", "may_see", "may_edit"),
    [
        ("read", Role.OWNER, True, False),
        ("write", Role.OWNER, True, True),
        ("admin", Role.VIEWER, True, False),
        ("write", Role.CONTRIBUTOR, True, False),
    ],
)
def test_right_is_the_lesser_of_role_and_scope(scope, role, may_see, may_edit):
    project = a_project()
    member = a_member(project, role)
    token, _key = ApiToken.issue(member, name="n", scope=scope)
    actor = Actor(user=member, token=token)
    assert Project.objects.visible_to(actor).exists() is may_see
    assert Project.objects.editable_by(actor).exists() is may_edit


def test_token_of_one_project_sees_no_other(ana):
    mine, other = a_project(ana, name="Mine"), a_project(ana, name="Other")
    token, _key = ApiToken.issue(ana, name="n", scope="admin", project_id=mine.pk)
    seen = Project.objects.visible_to(Actor(user=ana, token=token))
    assert list(seen) == [mine]
    assert other not in seen


@pytest.mark.parametrize(
    ("scope", "project_id"), [("read", None), ("write", None), ("admin", 1)]
)
def test_weaker_token_of_an_admin_manages_nothing(scope, project_id):
    admin = a_user("Root", is_portal_admin=True)
    token, _key = ApiToken.issue(admin, name="n", scope=scope, project_id=project_id)
    assert not Actor(user=admin, token=token).is_portal_admin


def by_token(ana, scope, project_id=None):
    token, _key = ApiToken.issue(ana, name="n", scope=scope, project_id=project_id)
    return Actor(user=ana, token=token)


@pytest.mark.parametrize(
    ("mine", "asked"), [("read", "write"), ("read", "admin"), ("write", "admin")]
)
def test_token_cannot_make_one_of_a_wider_scope(ana, mine, asked):
    with pytest.raises(services.TooStrongError, match=asked):
        services.issue_token(actor=by_token(ana, mine), name="n", scope=asked)


def test_token_of_a_project_cannot_make_one_of_all(ana):
    actor = by_token(ana, "write", project_id=1)
    for elsewhere in (None, 2):
        with pytest.raises(services.TooStrongError, match="own project"):
            services.issue_token(
                actor=actor,
                name="n",
                scope="read",
                project_id=elsewhere,
                lifetime=timedelta(days=1),
            )


def test_token_cannot_make_one_that_outlives_it(ana):
    actor = by_token(ana, "write")
    with pytest.raises(services.TooStrongError, match="lives longer"):
        services.issue_token(
            actor=actor, name="n", scope="read", lifetime=timedelta(days=91)
        )


def test_guest_has_no_tokens():
    with pytest.raises(services.TooStrongError):
        services.issue_token(actor=Actor(invitation_id=1), name="n", scope="read")


# The page


def make(client, **changes):
    return client.post(
        reverse("core:token_list"),
        {"name": "laptop", "scope": "write", "project": "all", "days": "90", **changes},
    )


def test_key_is_shown_once_with_lines_to_paste(client, ana):
    client.force_login(ana)
    made = make(client)
    key = made.context["key"]
    assert ApiToken.find(key).user == ana
    text = made.content.decode()
    assert f"Authorization: Bearer {key}" in text.replace("&quot;", '"')
    assert "urllib.request" in text
    secret = key.split("_", 2)[2]
    assert secret not in client.get(reverse("core:token_list")).content.decode()


def test_page_with_a_key_is_never_cached(client, ana):
    client.force_login(ana)
    assert "no-store" in make(client)["Cache-Control"]


def test_project_of_others_cannot_be_chosen(client, ana):
    others = a_project(name="Others")
    client.force_login(ana)
    assert make(client, project=str(others.pk)).context["form"].errors["project"]
    assert not ApiToken.objects.exists()


def test_own_project_can_be_chosen(client, ana):
    mine = a_project(ana)
    client.force_login(ana)
    made = make(client, project=str(mine.pk))
    assert not made.context["form"].errors
    assert ApiToken.objects.get().project_id == mine.pk


def test_token_of_somebody_else_cannot_be_revoked(client, ana):
    token, key = ApiToken.issue(a_user("Kim"), name="n", scope="read")
    client.force_login(ana)
    answer = client.post(reverse("core:token_revoke", args=[token.pk]))
    assert answer.status_code == 404
    assert ApiToken.find(key) is not None


def test_revoking_on_the_page_ends_the_token(client, ana):
    token, key = ApiToken.issue(ana, name="n", scope="read")
    client.force_login(ana)
    client.post(reverse("core:token_revoke", args=[token.pk]))
    assert ApiToken.find(key) is None
