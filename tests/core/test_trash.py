"""Deleted things come back for thirty days; then their bytes go with them."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from core import objects, trash
from core.access import Actor
from core.models import AuditEntry, ObjectRef
from projects.models import Requirement
from tests.factories import a_project

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def project():
    return a_project()


@pytest.fixture
def actor(project):
    return Actor(user=project.created_by)


@pytest.fixture
def row(project):
    return Requirement.objects.create(project=project, kind="accuracy")


def in_trash(project):
    return Requirement.objects.filter(project=project).exclude(deleted_at=None)


def test_deleted_thing_is_listed_with_who_when_and_how_long(project, actor, row):
    trash.move_to_trash(row, actor, project_id=project.pk)
    (line,) = trash.lines([in_trash(project)])
    assert (line.kind, line.deleted_by, line.days_left) == (
        "requirement",
        "Ana Ferreira",
        29,
    )
    assert timezone.now() - line.deleted_at < DAY


def test_deleted_thing_is_out_of_sight_and_comes_back(project, actor, row):
    trash.move_to_trash(row, actor, project_id=project.pk)
    assert not Requirement.objects.visible_to(actor).exists()
    (line,) = trash.lines([in_trash(project)])
    found = trash.find(line.key, [in_trash(project)])
    trash.restore(found, actor, project_id=project.pk)
    assert Requirement.objects.visible_to(actor).exists()
    assert list(AuditEntry.objects.values_list("action", flat=True))[:2] == [
        "restore",
        "delete",
    ]


@pytest.mark.parametrize(
    "key", ["", "core.user:1", "projects.requirement:x", "projects.requirement:999"]
)
def test_only_what_was_listed_can_be_named(project, key):
    assert trash.find(key, [in_trash(project)]) is None


def test_what_is_not_deleted_cannot_be_named_as_trash(project, row):
    assert trash.find(f"projects.requirement:{row.pk}", [in_trash(project)]) is None


@pytest.mark.parametrize(("days", "gone"), [(29, 0), (31, 1)])
def test_trash_is_emptied_after_thirty_days(project, actor, row, days, gone):
    trash.move_to_trash(row, actor, project_id=project.pk)
    with time_machine.travel(timezone.now() + days * DAY):
        assert trash.empty() == gone
    assert Requirement.objects.filter(pk=row.pk).count() == 1 - gone


def test_what_was_restored_is_never_emptied(project, actor, row):
    trash.move_to_trash(row, actor, project_id=project.pk)
    trash.restore(row, actor, project_id=project.pk)
    with time_machine.travel(timezone.now() + 40 * DAY):
        assert trash.empty() == 0


@pytest.fixture
def with_bytes(project, row, store, monkeypatch):
    monkeypatch.setattr(trash, "_before_delete", {})
    trash.on_purge(Requirement)(lambda each: objects.release("requirement", each.pk))
    incoming = objects.receive([b"abc"], limit=10)
    return objects.attach(
        incoming,
        project_id=project.pk,
        owner_kind="requirement",
        owner_id=row.pk,
        path="a",
    )


def test_emptying_lets_go_of_the_bytes(project, actor, row, with_bytes):
    trash.move_to_trash(row, actor, project_id=project.pk)
    with time_machine.travel(timezone.now() + 31 * DAY):
        trash.empty()
    assert not ObjectRef.objects.exists()


def test_what_something_still_needs_stays_and_holds_up_nothing_else(
    project, actor, row, with_bytes, monkeypatch
):
    from django.db.models import ProtectedError

    other = Requirement.objects.create(project=project, kind="accuracy")
    delete = Requirement.delete

    def refuse(self, *args, **kwargs):
        if self.pk == row.pk:
            raise ProtectedError("a decision cites it", {self})
        return delete(self, *args, **kwargs)

    monkeypatch.setattr(Requirement, "delete", refuse)
    for each in (row, other):
        trash.move_to_trash(each, actor, project_id=project.pk)
    with time_machine.travel(timezone.now() + 31 * DAY):
        assert trash.empty() == 1
    assert list(Requirement.objects.all()) == [row]
    assert ObjectRef.objects.exists()  # its bytes were not let go of half-way
