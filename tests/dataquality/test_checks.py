"""Checks of a data set on its pages: declared, suggested, taken in, thrown away."""

import io

import polars as pl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from core.models import StoredObject
from dataquality.forms import CheckForm
from dataquality.models import Check, CheckResult
from engine.checks import check_of
from engine.checks.failing import columns_to_mask
from mlops_portal.selectors.activity import trashed_rows
from tests import factories
from tests.engine.checks.test_documents import PARAMS

PEOPLE = b"name,visits,mail\n" + b"".join(
    f"P{n:02},{n + 20},p{n:02}@x.org\n".encode() for n in range(29)
)


@pytest.fixture
def people(data_set, deliver):
    """A version with thirty rows, one of them without visits."""
    return deliver(data_set, PEOPLE + b"P29,,p29@x.org\n")


def at(name, data_set, **more):
    kwargs = {"slug": data_set.project.slug, "name": data_set.slug}
    return reverse(f"dataquality:{name}", kwargs={**kwargs, **more})


def test_a_check_is_added_by_kind_run_changed_and_thrown_away(
    people, data_set, owner, contributor, outsider, signed_in, jobs_inline
):
    browser = signed_in(owner)
    kinds = browser.get(at("check_new", data_set)).content.decode()
    assert "?kind=in_range" in kinds
    add = at("check_new", data_set) + "?kind=in_range"
    form = browser.get(add).content.decode()
    assert 'name="minimum"' in form
    assert 'name="pattern"' not in form
    said = {
        "column": "visits",
        "maximum": "40",
        "severity": "error",
        "dimension": "validity",
        "where": "name <> 'P28'",
        "owner": contributor.pk,
        "note": "Nobody is older.",
    }
    answer = browser.post(add, said)
    assert answer.url == at("checks", data_set)
    jobs_inline()
    check = Check.objects.get()
    result = CheckResult.objects.get()
    # 41 to 47; P28 would be 48.
    assert (result.state, result.tested, result.violating) == ("failed", 28, 7)
    assert check.owner == contributor

    page = browser.get(at("checks", data_set)).content.decode()
    assert "fails a requirement" in page
    assert "visits at most 40" in page
    report = browser.get(people.get_absolute_url()).content.decode()
    assert "Fails requirement: 1 check" in report

    rows = at("failing_rows", data_set, number=1, pk=check.pk)
    # The column of the check stands beside the number of the row; the report
    # leads there, and the page of the data set says that it is broken.
    answer = browser.get(rows)
    assert answer.context["columns"] == ["row", "visits", "name", "mail"]
    assert rows in report
    broken = browser.get(data_set.get_absolute_url()).context["card"].promises
    assert [each.is_broken for each in broken] == [True]
    shown = answer.content.decode()
    assert "P27" in shown
    assert "p27@x.org" not in shown  # looks personal
    file = at("failing_file", data_set, number=1, pk=check.pk)
    content = b"".join(browser.get(file).streaming_content)
    assert pl.read_parquet(io.BytesIO(content))["visits"].to_list() == list(
        range(41, 48)
    )

    edit = check.get_absolute_url()
    changed = browser.post(edit, {**said, "maximum": "50", "severity": "warning"})
    assert changed.status_code == 302
    jobs_inline()
    assert CheckResult.objects.get().is_kept
    # Its rows are let go of with the result.
    assert b"no rows to show" in browser.get(rows).content
    browser.post(at("check_delete", data_set, pk=check.pk))
    assert browser.get(at("checks", data_set)).context["shown"].total == 0
    lines = [row for rows in trashed_rows(data_set.project) for row in rows]
    assert lines == [check]
    browser.post(at("check_restore", data_set, pk=check.pk))
    assert Check.objects.live().get() == check

    for person, status in ((contributor, 404), (outsider, 404)):
        browser = signed_in(person)
        assert browser.post(edit, said).status_code == status
        assert browser.post(add, said).status_code == status
        remove = at("check_delete", data_set, pk=check.pk)
        assert browser.post(remove).status_code == status
    assert signed_in(outsider).get(rows).status_code == 404
    assert signed_in(contributor).get(rows).status_code == 200


NOT_UNDERSTOOD = [
    ("in_range", {"column": "visits"}, "a lower or an upper bound"),
    ("in_range", {"column": "visits", "minimum": "ten"}, "“ten” is no number"),
    ("unique", {"of": "nmae"}, "is “name” meant?"),
    ("unique", {"of": ""}, "This field is required"),
    ("custom_sql", {"query": "DROP VIEW data"}, "Write one SELECT"),
    ("not_null", {"column": "visits", "where": "visits >"}, "no SQL that can be read"),
    ("not_null", {"column": "visits", "where": "\0"}, "Null characters"),
    ("authority_match", {"keys": "name", "tolerances": "visits"}, "cannot be read"),
]


def test_what_the_form_does_not_understand_is_said(people, data_set, owner, signed_in):
    browser = signed_in(owner)
    common = {"severity": "error", "dimension": "validity"}
    for kind, said, words in NOT_UNDERSTOOD:
        add = at("check_new", data_set) + f"?kind={kind}"
        answer = browser.post(add, {**common, **said})
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert not Check.objects.exists()


def test_every_kind_has_a_form_that_gives_back_what_it_shows(data_set):
    others = {
        "in_set": {"column": "s", "values": ["a", "b"]},
        "in_range": {"column": "n", "minimum": 1e-9, "maximum": 1234567.25},
    }
    for kind, params in {**PARAMS, **others}.items():
        check = Check(data_set=data_set, kind=kind, params=params)
        shown = CheckForm(instance=check, columns=[], people=[])
        values = {name: shown[name].value() for name in shown.fields}
        sent = {k: v for k, v in values.items() if v not in (None, False)}
        # A data set that is to come can be chosen only where it was before.
        form = CheckForm(sent, instance=check, columns=[], people=[])
        assert form.is_valid(), (kind, form.errors)
        assert check_of(kind, check.params) == check_of(kind, params)


def test_suggestions_are_accepted_one_by_one_or_all_at_once(
    people, data_set, owner, viewer, signed_in, jobs_inline
):
    browser = signed_in(owner)
    shown = browser.get(at("checks", data_set)).context["shown"].suggestions
    assert "mail is unique" in [each.words for each in shown]
    browser.post(at("checks_accept", data_set), {"id": shown[0].id})
    assert Check.objects.get().origin == "suggested"
    browser.post(at("checks_accept", data_set), {"id": "all"})
    browser.post(at("checks_accept", data_set), {"id": "all"})
    assert Check.objects.count() == len(shown)
    jobs_inline()
    results = CheckResult.objects.all()
    assert {each.state for each in results} == {"kept"}
    page = signed_in(viewer).get(at("checks", data_set))
    assert b"Accept" not in page.content
    assert signed_in(viewer).post(at("checks_accept", data_set)).status_code == 404


def test_a_file_of_checks_goes_out_and_comes_in_and_says_what_is_left(
    people, data_set, owner, viewer, signed_in, declare
):
    declare(
        data_set,
        ("not_null", {"column": "name"}),
        ("format_uniform", {"column": "name"}),
    )
    browser = signed_in(owner)
    told = browser.get(at("checks_export", data_set, form="gx")).content.decode()
    assert "name has one format: Great Expectations has no such expectation" in told
    files = {
        form: browser.get(at("checks_export", data_set, form=form) + "?anyway=1")
        for form in ("yaml", "odcs", "gx")
    }
    assert files["gx"]["Content-Disposition"].endswith('customers-gx.json"')
    assert browser.get(at("checks_export", data_set, form="pdf")).status_code == 404
    Check.objects.all().delete()
    for form, answer in files.items():
        upload = {"file": SimpleUploadedFile(f"c.{form}", answer.content)}
        taken = browser.post(at("checks_import", data_set), upload, follow=True)
        assert "Everything in the file was understood" in taken.content.decode()
    # The contract says the types of columns as well.
    kinds = sorted(Check.objects.values_list("kind", flat=True))
    assert kinds == ["format_uniform", "not_null", "schema"]

    bad = {"file": SimpleUploadedFile("c.yaml", b"a: &x [1]\nb: *x")}
    answer = browser.post(at("checks_import", data_set), bad)
    assert answer.status_code == 422
    assert "aliases are not read" in answer.content.decode()
    foreign = b'{"expectations": [{"type": "expect_magic", "kwargs": {}}]}'
    half = {"file": SimpleUploadedFile("s.json", foreign)}
    told = browser.post(at("checks_import", data_set), half, follow=True)
    assert "expect_magic was not translated" in told.content.decode()
    assert signed_in(viewer).get(at("checks_export", data_set, form="odcs")).status_code
    assert signed_in(viewer).post(at("checks_import", data_set)).status_code == 404


def test_checks_by_token(people, data_set, owner, viewer, client, jobs_inline):
    def api(person):
        key = factories.a_token(person, scope="write")
        return {"Authorization": f"Bearer {key}"}

    mine = {"content_type": "application/json", "headers": api(owner)}
    body = {"data_set": data_set.pk, "kind": "in_range", "params": {"column": "visits"}}
    refused = client.post("/api/v1/checks/", body, **mine)
    assert refused.status_code == 400
    assert "a lower or an upper bound" in str(refused.json()["errors"])
    long = {**body, "kind": "not_null", "params": {"column": "x" * 100_000}}
    refused = client.post("/api/v1/checks/", long, **mine)
    assert "at most 100,000 characters" in str(refused.json()["errors"])
    body["params"]["maximum"] = 40
    made = client.post("/api/v1/checks/", body, **mine)
    assert made.status_code == 201, made.content
    assert made.json()["severity"] == "error"
    jobs_inline()
    found = client.get(f"/api/v1/check-results/?check={made.json()['id']}", **mine)
    (result,) = found.json()["results"]
    assert (result["state"], result["violating"]) == ("failed", 8)
    rows = client.get(f"/api/v1/check-results/{result['id']}/rows/", **mine)
    assert b"".join(rows.streaming_content)[:4] == b"PAR1"

    path = f"/api/v1/checks/{made.json()['id']}/"
    moved = client.patch(path, {"kind": "length"}, **mine)
    assert moved.status_code == 400
    changed = client.patch(path, {"severity": "info"}, **mine)
    assert changed.json()["severity"] == "info"
    assert client.delete(path, **mine).status_code == 204
    assert client.get(path, **mine).status_code == 404
    assert client.post(f"{path}restore/", **mine).status_code == 200

    of = f"/api/v1/data-sets/{data_set.pk}"
    offered = client.get(f"{of}/suggestions/", **mine).json()
    taken = client.post(f"{of}/suggestions/", {"ids": [offered[0]["id"]]}, **mine)
    assert [each["kind"] for each in taken.json()] == [offered[0]["kind"]]
    document = client.get(f"{of}/document/?form=odcs", **mine).json()
    again = client.post(f"{of}/document/", {"text": document["text"]}, **mine)
    assert again.json() == {"checks": [], "left": []}
    assert client.post(f"{of}/document/", {"text": "x"}, **mine).status_code == 400
    assert client.post(f"{of}/run/", **mine).json()["job"]

    theirs = {"content_type": "application/json", "headers": api(viewer)}
    assert client.get(path, **theirs).status_code == 200
    assert client.patch(path, {"note": "x"}, **theirs).status_code == 404
    assert client.post("/api/v1/checks/", body, **theirs).status_code == 400
    assert client.post(f"{of}/run/", **theirs).status_code == 404


def test_a_number_that_names_a_row_is_not_masked():
    found = [{"column": "customer_id", "kind": "person_id"}]
    found += [{"column": "mail", "kind": "email"}]
    assert columns_to_mask(found) == ["mail"]


def test_what_breaks_checks_is_let_go_of_with_the_data_set(
    people, data_set, owner, declare
):
    from core.access import Actor
    from core.jobs.testing import run_now
    from core.models import ObjectRef
    from dataquality import tasks
    from dataquality.services.comparing import let_go_of_bytes

    declare(data_set, ("not_null", {"column": "visits"}))
    run_now(tasks.start_assessing(people, actor=Actor(user=owner)))
    assert ObjectRef.objects.filter(owner_kind="check_results").count() == 1
    let_go_of_bytes(data_set)
    assert not ObjectRef.objects.exists()
    assert StoredObject.objects.exists()  # until they are swept
