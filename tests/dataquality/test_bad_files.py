"""What is wrong with a file is said with its place and the remedy; the file is kept."""

import gzip
import io
import zipfile

import pytest

from core import objects
from core.access import Actor
from core.jobs import ask_cancel
from core.jobs.testing import run_now
from core.models import Job, ProjectUsage
from dataquality import services, tasks
from dataquality.models import DataSetVersion
from engine.words import again

pytestmark = pytest.mark.child

BOM = b"\xef\xbb\xbf"


def bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("table.csv", b"0" * 5_000_000)
    return packed.getvalue()


REFUSED = {
    "empty": (b"", "a.csv", "is empty", "Upload"),
    "binary": (b"\x89PNG\r\n\x1a\n" + bytes(500), "a.csv", "PNG", "Upload the table"),
    "zip bomb": (bomb(), "a.csv", "zip", "Unpack"),
    "gzip bomb": (gzip.compress(bytes(5_000_000)), "a.csv", "gzip", "unpack"),
    "latin-1 with a mark": (
        BOM + "name\nJosé\nAna\n".encode("latin-1"),
        "a.csv",
        "line 2",
        "cp1252",
    ),
    "cut off": (b"a,b\n1,2\n3,4\n5", "a.csv", "(4)", "Upload the whole file"),
    "open quote": (b'a,b\n1,2\n"3,4\n', "a.csv", "line 3", "Upload the whole file"),
    "cut off parquet": (b"PAR1" + bytes(100), "a.parquet", "cut off", "Upload"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_file_is_refused_with_place_and_remedy_and_kept(case, data_set, deliver):
    content, name, place, remedy = REFUSED[case]
    version = deliver(data_set, content, name)

    assert version.state in {"refused", "waiting"}
    assert name in version.refusal
    assert again(version.question)["sentence"].template
    assert place in version.refusal
    assert remedy in version.refusal
    assert services.source_path(version).read_bytes() == content


def test_ragged_rows_are_listed_by_line_and_left_out_once_accepted(
    data_set, deliver, owner
):
    version = deliver(data_set, b"a,b\n1,2\n3\n4,5,6\n7,8\n")

    assert version.is_waiting
    assert version.refusal == "2 of 4 rows do not fit and would be left out."
    rejects = version.reading["read"]["rejects"]
    assert [(each["line"], each["text"]) for each in rejects] == [
        (3, "3"),
        (4, "4,5,6"),
    ]

    services.accept(version)
    run_now(tasks.start_reading(version, actor=Actor(user=owner)))
    version.refresh_from_db()
    assert version.is_ready
    assert version.rows == 2
    assert version.reading["rows_read"] == 4
    assert [each["line"] for each in version.reading["rejects"]] == [3, 4]


def test_duplicate_headers_are_renamed_and_the_renames_told(data_set, deliver):
    version = deliver(data_set, b"a,a,b\n1,2,x\n3,4,y\n")

    names = [each["name"] for each in version.columns]
    assert len(set(names)) == 3
    assert [each["original"] for each in version.reading["renames"]] == ["a"]


def test_windows_text_is_read_after_the_answer(data_set, deliver, owner):
    content = "name,town\nAna,Lyon\nJosé,Córdoba\n".encode("cp1252")
    version = deliver(data_set, content)
    assert version.question["option"] == "encoding"
    assert version.question["proposal"] == "cp1252"
    assert "byte 22 on line 3" in version.refusal

    services.answer(version, {"encoding": "cp1252"})
    run_now(tasks.start_reading(version, actor=Actor(user=owner)))
    version.refresh_from_db()

    assert version.is_ready
    assert version.profile.sample["rows"][1] == ["José", "Córdoba"]


def test_a_table_that_does_not_fit_the_quota_is_refused_and_nothing_is_lost(
    data_set, owner, project
):
    content = b"a,b\n" + b"1,2\n" * 500
    actor = Actor(user=owner)
    incoming = objects.receive([content], limit=10**6)
    version = services.deliver(
        data_set, actor=actor, incoming=incoming, file_name="a.csv"
    ).version
    usage = ProjectUsage.objects.get(project_id=project.pk)
    ProjectUsage.objects.update(limit=usage.used + 10)

    job = run_now(tasks.start_reading(version, actor=actor))
    version.refresh_from_db()

    assert job.state == Job.State.FAILED
    assert version.is_refused
    assert "Delete versions nobody needs" in version.refusal
    assert services.source_path(version).read_bytes() == content
    assert ProjectUsage.objects.get(project_id=project.pk).used == usage.used


def test_a_file_over_quota_makes_no_version(data_set, owner, project):
    ProjectUsage.objects.create(project_id=project.pk, limit=3)
    incoming = objects.receive([b"a,b\n1,2\n"], limit=10**6)

    with pytest.raises(objects.TooLargeError, match="Delete versions nobody needs"):
        services.deliver(
            data_set, actor=Actor(user=owner), incoming=incoming, file_name="a.csv"
        )
    assert not DataSetVersion.objects.exists()


def test_a_cancelled_reading_says_so_and_can_be_tried_again(data_set, owner):
    actor = Actor(user=owner)
    incoming = objects.receive([b"a,b\n1,2\n"], limit=10**6)
    version = services.deliver(
        data_set, actor=actor, incoming=incoming, file_name="a.csv"
    ).version
    ask_cancel(tasks.start_reading(version, actor=actor), actor=actor)
    version.refresh_from_db()
    assert version.is_refused
    assert version.refusal.startswith("Cancelled")

    services.answer(version, {})
    run_now(tasks.start_reading(version, actor=actor))
    version.refresh_from_db()
    assert version.is_ready


def test_a_verdict_of_an_older_job_changes_nothing(version, owner):
    old = Job.objects.get(pk=version.job_id)
    services.refuse(version.pk, job=old, sentence="late")
    version.refresh_from_db()

    assert version.is_ready
