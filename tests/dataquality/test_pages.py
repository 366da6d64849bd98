"""Pages of the data room: who may see and do what, and how files come in."""

import io
import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from core.models import Job, StoredObject
from dataquality.models import DataSet, DataSetVersion
from tests import factories

SMALL = b"name,age\nAna,31\nBo,\nCy,52\n"
READS = ["data_set", "checks", "compare"]
OF_VERSION = [
    "version",
    "version_columns",
    "version_original",
    "version_table",
    "version_profile",
    "version_report",
]


def file_of(content=SMALL, name="people.csv"):
    return SimpleUploadedFile(name, content)


def at(name, version, **more):
    kwargs = {"slug": version.data_set.project.slug, "name": version.data_set.slug}
    return reverse(f"dataquality:{name}", kwargs={**kwargs, **more})


@pytest.fixture
def two_versions(version, deliver):
    return deliver(version.data_set, SMALL.replace(b"Bo,", b"Bo,7"))


@pytest.mark.parametrize("role", ["owner", "contributor", "viewer"])
def test_members_read_every_page(role, request, two_versions, signed_in):
    browser = signed_in(request.getfixturevalue(role))
    pages = [at(name, two_versions) for name in READS]
    pages += [at(name, two_versions, number=2) for name in OF_VERSION]
    pages.append(
        reverse("dataquality:data_sets", args=[two_versions.data_set.project.slug])
    )

    assert [browser.get(page).status_code for page in pages] == [200] * len(pages)


def test_outsider_finds_no_page_and_writes_nothing(two_versions, outsider, signed_in):
    browser = signed_in(outsider)
    slug = two_versions.data_set.project.slug
    pages = [at(name, two_versions) for name in READS]
    pages += [at(name, two_versions, number=2) for name in OF_VERSION]
    pages.append(at("check_new", two_versions))
    pages += [
        reverse(f"dataquality:{name}", args=[slug])
        for name in ("data_sets", "data_set_create")
    ]
    assert {browser.get(page).status_code for page in pages} == {404}

    writes = [
        at(name, two_versions)
        for name in ("data_set_upload", "data_set_delete", "checks_accept")
    ]
    writes += [at("version_assess", two_versions, number=2)]
    before = Job.objects.count()
    answers = {browser.post(page, {"file": file_of()}).status_code for page in writes}
    assert answers == {404}
    assert Job.objects.count() == before
    assert not DataSet.objects.exclude(deleted_at=None).exists()


@pytest.mark.parametrize("role", ["contributor", "viewer"])
def test_who_may_not_edit_uploads_nothing(role, request, version, signed_in):
    browser = signed_in(request.getfixturevalue(role))
    create = reverse(
        "dataquality:data_set_create", args=[version.data_set.project.slug]
    )
    pages = [create, at("data_set_upload", version), at("check_new", version)]

    assert {
        browser.post(p, {"file": file_of(), "name": "x"}).status_code for p in pages
    } == {404}
    assert DataSetVersion.objects.count() == 1
    assert b"Declare checks" not in browser.get(at("data_set", version)).content


def test_a_first_file_makes_data_set_version_and_job(
    project, owner, signed_in, jobs_inline
):
    create = reverse("dataquality:data_set_create", args=[project.slug])
    answer = signed_in(owner).post(create, {"name": "People", "file": file_of()})
    version = DataSetVersion.objects.get()

    assert (
        answer.url
        == version.get_absolute_url()
        == f"/p/{project.slug}/data/people/v/1/"
    )
    waiting = signed_in(owner).get(answer.url)
    assert b"Reading <b>people.csv</b>" in waiting.content
    jobs_inline()
    report = signed_in(owner).get(answer.url)
    assert b"not assessed yet" in report.content
    assert b"1 of 2 columns lack values" in report.content


def test_the_same_file_again_is_said_in_words(version, owner, signed_in):
    answer = signed_in(owner).post(
        at("data_set_upload", version), {"file": file_of()}, follow=True
    )

    assert answer.redirect_chain[-1][0] == version.get_absolute_url()
    assert b"is Customers, version 1 already; nothing was added" in answer.content
    assert DataSetVersion.objects.count() == 1


def test_a_taken_name_is_said_beside_its_field_and_keeps_nothing(
    version, owner, signed_in
):
    create = reverse(
        "dataquality:data_set_create", args=[version.data_set.project.slug]
    )
    answer = signed_in(owner).post(create, {"name": "Customers", "file": file_of()})

    assert answer.status_code == 422
    assert "exists already" in answer.context["form"].errors["name"][0]
    assert DataSet.objects.count() == 1


def test_an_upload_above_the_memory_bound_comes_in_pieces(
    project, owner, signed_in, settings
):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
    content = b"a,b\n" + b"1,2\n" * 200_000
    create = reverse("dataquality:data_set_create", args=[project.slug])
    answer = signed_in(owner).post(create, {"name": "Long", "file": file_of(content)})

    assert answer.status_code == 302
    assert DataSetVersion.objects.get().size == len(content)
    assert StoredObject.objects.get().size == len(content)


def test_a_file_announced_as_too_large_is_refused_unread(
    project, owner, signed_in, settings
):
    settings.UPLOAD_LIMIT = 1_000_000
    create = reverse("dataquality:data_set_create", args=[project.slug])
    answer = signed_in(owner).generic(
        "POST",
        create,
        b"",
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH="3000000",
    )

    assert answer.status_code == 413
    assert b"at most 1 MB can be sent at once" in answer.content


def cut_off(browser, url, fields, keep):
    """Send a form whose connection breaks after a share of its bytes."""
    from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

    whole = encode_multipart(BOUNDARY, fields)
    return browser.generic(
        "POST",
        url,
        b"",
        **{
            "CONTENT_TYPE": MULTIPART_CONTENT,
            "CONTENT_LENGTH": str(len(whole)),
            "wsgi.input": io.BytesIO(whole[:keep]),
        },
    )


def test_an_upload_that_is_cut_off_keeps_nothing(project, owner, signed_in):
    content = b"a,b\n" + b"1,2\n" * 50_000
    create = reverse("dataquality:data_set_create", args=[project.slug])
    answer = cut_off(
        signed_in(owner), create, {"name": "Cut", "file": file_of(content)}, 100_000
    )

    assert answer.status_code == 422
    assert "send the file again" in answer.context["form"].errors["file"][0]
    assert not DataSet.objects.exists()
    assert not StoredObject.objects.exists()


def test_an_upload_without_its_token_is_refused(project, owner):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(owner)
    create = reverse("dataquality:data_set_create", args=[project.slug])
    answer = browser.post(create, {"name": "x", "file": file_of()})

    assert answer.status_code == 403
    assert not DataSet.objects.exists()


WESTERN = "name;paid\nJosé;1,50\nAna;x\n".encode("cp1252")


def test_what_is_in_doubt_is_shown_and_read_by_one_click(
    data_set, deliver, owner, viewer, outsider, signed_in, jobs_inline
):
    version = deliver(data_set, WESTERN)
    answer = at("version_answer", version, number=1)
    page = signed_in(viewer).get(version.get_absolute_url()).content.decode()
    assert "Is this how <b>table.csv</b> is to be read?" in page
    assert "byte 13 on line 2 does not fit" in page
    assert "José" in page
    assert "Read it so" not in page
    assert signed_in(viewer).post(answer).status_code == 404
    assert signed_in(outsider).get(version.get_absolute_url()).status_code == 404

    page = signed_in(owner).get(version.get_absolute_url())
    shown = page.context["form"]
    sent = {field.html_name: field.value() for field in shown if field.value()}
    assert sent["encoding"] == "cp1252"
    signed_in(owner).post(answer, sent)
    jobs_inline()
    version.refresh_from_db()
    assert version.is_ready
    assert version.options == {"encoding": "cp1252", "preview": False}
    assert version.columns == [
        {"name": "name", "kind": "text"},
        {"name": "paid", "kind": "text"},
    ]


def test_other_options_and_kinds_are_shown_before_they_count(
    data_set, deliver, owner, signed_in, jobs_inline
):
    version = deliver(data_set, WESTERN, options={"delimiter": ";"})
    browser, answer = signed_in(owner), at("version_answer", version, number=1)
    asked = {"encoding": "cp1252", "delimiter": ";", "decimal": ","}
    browser.post(answer, {**asked, "skip_lines": 0})
    jobs_inline()
    version.refresh_from_db()
    assert (version.is_waiting, version.question) == (True, {})
    browser.post(answer, {**asked, "kind-0": "text", "kind-1": "number"})
    jobs_inline()
    version.refresh_from_db()
    assert version.options == {**asked, "kinds": {"paid": "number"}, "preview": True}
    page = browser.get(version.get_absolute_url()).content.decode()
    assert "paid: values that are no number would count as missing (1: x)." in page

    browser.post(answer, {**asked, "kind-0": "text", "kind-1": "number"})
    jobs_inline()
    version.refresh_from_db()
    assert version.is_ready
    assert version.columns[1] == {"name": "paid", "kind": "number"}
    report = browser.get(version.get_absolute_url()).content.decode()
    assert "1 values are no number and count as missing: x" in report


def test_only_answers_that_are_offered_are_taken(data_set, deliver, owner, signed_in):
    version = deliver(data_set, WESTERN)
    refused = signed_in(owner).post(
        at("version_answer", version, number=1), {"encoding": "rot13"}
    )
    version.refresh_from_db()

    assert refused.status_code == 422
    assert version.options == {}
    assert version.is_waiting


def test_a_file_is_shown_first_if_somebody_asks_for_it(
    project, owner, signed_in, jobs_inline
):
    create = reverse("dataquality:data_set_create", args=[project.slug])
    browser = signed_in(owner)
    browser.post(create, {"name": "People", "file": file_of(), "preview": "on"})
    jobs_inline()
    version = DataSetVersion.objects.get()
    page = browser.get(version.get_absolute_url()).content.decode()
    assert "Nothing is in doubt." in page
    browser.post(at("version_answer", version, number=1))
    jobs_inline()
    version.refresh_from_db()
    assert version.is_ready


def test_a_refusal_is_said_in_the_language_of_its_reader(
    data_set, deliver, owner, signed_in, monkeypatch
):
    version = deliver(data_set, b"")
    german = {
        "%(file)s is empty (0 bytes). Upload a file with a header.": "%(file)s: leer"
    }
    monkeypatch.setattr("core.words.gettext", lambda text: german.get(text, text))
    page = signed_in(owner).get(version.get_absolute_url()).content.decode()
    assert "table.csv: leer" in page
    assert version.refusal.startswith("table.csv is empty")


def test_files_come_as_attachments_no_browser_runs(version, viewer, signed_in):
    browser = signed_in(viewer)
    original = browser.get(at("version_original", version, number=1))

    assert b"".join(original.streaming_content) == SMALL
    assert original["Content-Disposition"] == 'attachment; filename="table.csv"'
    assert original["X-Content-Type-Options"] == "nosniff"
    assert original["Content-Type"] == "application/octet-stream"
    table = browser.get(at("version_table", version, number=1))
    assert b"".join(table.streaming_content)[:4] == b"PAR1"


def test_what_a_cell_holds_is_only_text(data_set, deliver, viewer, signed_in):
    attack = b'name,<script>alert(1)</script>\n"<img src=x onerror=alert(1)>",2\nb,3\n'
    version = deliver(data_set, attack, "<b>.csv")
    page = signed_in(viewer).get(version.get_absolute_url()).content

    assert b"<script>alert" not in page
    assert b"<img src=x" not in page


def test_the_trash_keeps_a_data_set_and_gives_it_back(version, owner, signed_in):
    browser = signed_in(owner)
    browser.post(at("data_set_delete", version))
    assert browser.get(at("data_set", version)).status_code == 404
    assert browser.get(version.get_absolute_url()).status_code == 404

    browser.post(at("data_set_restore", version))
    assert browser.get(version.get_absolute_url()).status_code == 200


def test_a_name_taken_meanwhile_is_said_at_restoring(
    version, owner, signed_in, project
):
    from core.access import Actor
    from dataquality import services

    browser = signed_in(owner)
    browser.post(at("data_set_delete", version))
    services.create_data_set(project, actor=Actor(user=owner), name="Customers")
    answer = browser.post(at("data_set_restore", version), follow=True)

    assert b"Another data set is called" in answer.content
    assert DataSet.objects.filter(deleted_at=None).count() == 1


def test_what_changed_is_told_column_by_column(version, deliver, viewer, signed_in):
    deliver(version.data_set, b"name,shoe\nAna,3\nBo,4\nCy,5\nDi,6\n")
    page = signed_in(viewer).get(at("compare", version))
    changes = {each.name: each.words for each in page.context["comparison"].changes}

    assert changes == {
        "name": "3 different values, now 4",
        "shoe": "added",
        "age": "removed",
    }
    assert page.context["comparison"].rows_gained == 1


def test_another_projects_data_set_of_one_name_is_not_mine(version, signed_in):
    stranger = factories.a_project(slug="strange")
    browser = signed_in(stranger.created_by)
    path = version.get_absolute_url().replace(version.data_set.project.slug, "strange")

    assert browser.get(path).status_code == 404
    assert Path(path).name == "1"


def test_a_page_that_waits_is_told_when_the_report_is_there(version, viewer, signed_in):
    answer = signed_in(viewer).get(
        version.get_absolute_url(), headers={"HX-Request": "true"}
    )

    assert answer["HX-Refresh"] == "true"


def test_columns_and_pairs_open_one_by_one_and_the_report_is_one_file(
    version, deliver, viewer, signed_in
):
    rows = "".join(f"{n},{2 * n},{'' if n % 3 else n}\n" for n in range(40))
    newer = deliver(version.data_set, f"a,b,c\n{rows}".encode())
    browser, columns = signed_in(viewer), at("version_columns", newer, number=2)
    shown = browser.get(f"{columns}?column=b", headers={"hx-request": "true"})
    assert shown.context["cards"].cards[0].column.name == "b"
    pair = browser.get(f"{columns}?x=a&y=b").context["pair"]
    assert "40 rows" in pair.text
    for wrong in ("?column=zz", "?x=a&y=zz"):
        assert browser.get(columns + wrong).status_code == 404
    page = browser.get(newer.get_absolute_url()).content.decode()
    assert "What is missing together" in page
    assert f"{columns}?x=a&amp;y=b" in page
    saved = browser.get(at("version_report", newer, number=2))
    body = saved.content.decode()
    assert saved["Content-Disposition"].startswith("attachment")
    markup = re.sub(r"<script(?: [^>]*)?>.*?</script>", "", body, flags=re.DOTALL)
    assert not re.search(r"(?:src|href|hx-get)\s*=\s*[\"']?[^#\"'>]", markup)
    assert body.count("data-chart=") > 4
