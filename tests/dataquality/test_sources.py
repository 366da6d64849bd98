"""Sources of data sets: fetched now and by schedule, tried, failing and coming back."""

import sqlite3
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from core import notices, objects
from core.access import Actor
from core.jobs.testing import in_process, run_now
from core.models import Job
from dataquality import services, tasks
from dataquality.kinds.schedule import ScheduleProblem, next_run
from dataquality.models import DataSetVersion, Source
from engine.sources import SourceError, check_query

CSV = b"code,age\n007,31\n008,\n"


class Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        served = self.server
        served.heard.append(dict(self.headers))
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", served.away)
            self.end_headers()
            return
        tag = f'"{hash(served.content)}"'
        is_same = self.headers.get("If-None-Match") == tag
        self.send_response(304 if is_same else served.status)
        self.send_header("ETag", tag)
        if served.written:
            self.send_header("Last-Modified", served.written)
        self.send_header("Content-Length", str(len(served.content) + served.missing))
        self.end_headers()
        if not is_same:
            self.wfile.write(served.content)

    def log_message(self, *args):
        pass


@pytest.fixture
def site(settings):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.content, server.status, server.heard = CSV, 200, []
    server.away, server.missing = "http://169.254.169.254/latest/", 0
    server.written = ""
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    place = f"127.0.0.1:{server.server_port}"
    settings.OUTGOING_HOSTS = [place]
    server.url = f"http://{place}/readings.csv"
    yield server
    server.shutdown()
    server.server_close()


def set_http(data_set, url, **said):
    return services.set_source(
        data_set,
        actor=Actor(user=data_set.project.created_by),
        kind="http",
        said={"url": url},
        secrets=said.pop("secrets", {}),
        **said,
    )


def fetch(source, *, runner=in_process):
    source.refresh_from_db()
    job = tasks.start_fetching(source, actor=Actor(user=source.owner))
    return run_now(job, runner=runner)


def test_fetch_lands_a_version_once_and_asks_only_for_what_is_new(
    data_set, site, jobs_inline
):
    source = set_http(data_set, site.url, secrets={"authorization": "Bearer k"})
    assert "Bearer" not in source.secrets
    assert fetch(source).succeeded
    jobs_inline()
    (version,) = data_set.versions.all()
    assert (version.state, version.rows) == ("ready", 2)
    assert version.columns[0] == {"name": "code", "kind": "text"}
    assert site.heard[0]["Authorization"] == "Bearer k"
    assert fetch(source).result == {"is_new": False}  # 304
    assert "If-None-Match" in site.heard[-1]
    Source.objects.update(seen={})
    assert fetch(source).succeeded  # the same bytes again
    assert data_set.versions.count() == 1
    site.content = CSV + b"009,44\n"
    assert fetch(source).result == {"is_new": True}
    jobs_inline()
    assert data_set.versions.first().rows == 3


def test_age_of_what_was_fetched_counts_from_the_day_its_source_states(
    data_set, site, owner, declare, signed_in, jobs_inline
):
    declare(data_set, ("freshness", {"max_age_days": 1}))
    source = set_http(data_set, site.url)
    site.written = "Sun, 01 Mar 2026 06:00:00 GMT"
    fetch(source)
    jobs_inline()
    old = data_set.versions.get()
    assert old.written_at == datetime(2026, 3, 1, 6, tzinfo=UTC)
    assert old.delivered_at > old.written_at
    (result,) = old.profile.results.all()
    assert (result.state, result.value > 100) == ("failed", True)
    page = signed_in(owner).get(old.get_absolute_url()).text
    assert "Written at source" in page
    for said in ("Sun, 01 Mar 2526 06:00:00 GMT", "yesterday"):  # nothing to believe
        site.written, site.content = said, site.content + b"010,1\n"
        fetch(source)
        jobs_inline()
        newest = data_set.versions.first()
        assert (newest.written_at, newest.profile.results.get().state) == (None, "kept")


def test_source_that_vanished_says_so_once_and_a_later_success_clears_it(
    data_set, site, owner, jobs_inline
):
    source = set_http(data_set, site.url)
    fetch(source)
    jobs_inline()
    site.status, site.content = 404, b"gone"
    for _time in range(2):
        job = fetch(source)
        assert job.state == Job.State.FAILED
    source.refresh_from_db()
    assert "nothing is there (404)" in source.error
    told = notices.unread_of(owner).filter(kind="source")
    assert [each.count for each in told] == [1]
    assert data_set.versions.filter(state="ready").count() == 1
    site.status, site.content = 200, CSV
    fetch(source)
    source.refresh_from_db()
    assert (source.error, source.failing_since) == ("", None)


def test_addresses_inside_are_not_fetched_even_by_a_redirect(data_set, site, settings):
    with pytest.raises(ValidationError, match="a network of its own"):
        set_http(data_set, "http://10.0.0.1/x.csv")
    away = site.url.replace("/readings.csv", "/away")
    source = set_http(data_set, away, secrets={"authorization": "Bearer k"})
    assert "a network of its own" in fetch(source).error
    settings.OUTGOING_HOSTS = [*settings.OUTGOING_HOSTS, "localhost"]
    site.away = site.url.replace("127.0.0.1", "localhost")
    assert fetch(source).succeeded
    assert "Authorization" not in site.heard[-1]  # another server's


def test_file_that_breaks_off_or_is_too_large_makes_no_version(
    data_set, site, settings
):
    source = set_http(data_set, site.url)
    site.missing = 7
    assert "before the whole file" in fetch(source).error
    site.missing, settings.UPLOAD_LIMIT = 0, 10
    assert "larger than" in fetch(source).error
    assert not data_set.versions.exists()


def test_answers_given_once_hold_for_the_next_fetch(data_set, site, jobs_inline):
    site.content = b"id;price\n1;1,5\n2;2,5\n"
    source = set_http(data_set, site.url)
    fetch(source)
    jobs_inline()
    version = data_set.versions.get()
    if version.is_waiting:
        services.accept(version, kinds={"id": "text"})
    else:
        services.read_again(version, {"kinds": {"id": "text"}})
    run_now(tasks.start_reading(version, actor=Actor(user=source.owner)))
    site.content += b"3;4,5\n"
    fetch(source)
    jobs_inline()
    newest = data_set.versions.first()
    assert newest.is_ready
    assert newest.columns[0] == {"name": "id", "kind": "text"}


def test_two_fetches_at_once_are_one_job(data_set, site):
    source = set_http(data_set, site.url)
    actor = Actor(user=source.owner)
    first = tasks.start_fetching(source, actor=actor)
    assert tasks.start_fetching(source, actor=actor) == first


def test_schedule_fetches_when_due_with_the_rights_of_its_owner(
    data_set, site, owner, monkeypatch
):
    source = set_http(data_set, site.url, schedule="0 6 * * 1-5")
    assert source.next_at > timezone.now()
    tasks.fetch_due()
    assert not Job.objects.exists()
    Source.objects.update(next_at=timezone.now() - timedelta(minutes=1))
    tasks.fetch_due()
    tasks.fetch_due()
    (job,) = Job.objects.all()
    assert job.created_by == owner
    source.refresh_from_db()
    assert source.next_at > timezone.now()
    Source.objects.update(owner=None, next_at=timezone.now())
    tasks.fetch_due()
    source.refresh_from_db()
    assert "has gone" in source.error


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("*/15 * * * *", datetime(2026, 3, 6, 12, 15, tzinfo=UTC)),
        ("0 6 * * 1-5", datetime(2026, 3, 9, 6, 0, tzinfo=UTC)),
        ("30 0 1 * *", datetime(2026, 4, 1, 0, 30, tzinfo=UTC)),
        ("0 12 * * *", datetime(2026, 3, 7, 12, 0, tzinfo=UTC)),
        ("0 12 * * 7", datetime(2026, 3, 8, 12, 0, tzinfo=UTC)),  # Sunday
    ],
)
def test_next_run_of_a_schedule(expression, expected):
    friday = datetime(2026, 3, 6, 12, 0, 30, tzinfo=UTC)
    assert next_run(expression, after=friday, zone=UTC) == expected


@pytest.mark.parametrize("expression", ["daily", "61 * * * *", "0 0 31 2 *", "* * *"])
def test_schedule_that_never_comes_is_refused_with_an_example(expression):
    with pytest.raises(ScheduleProblem, match="0 6 \\* \\* 1-5"):
        next_run(expression, after=datetime(2026, 3, 6, tzinfo=UTC), zone=UTC)


# Queries

REFUSED = {
    "INSERT INTO t VALUES (1)": "no SELECT",
    "SELECT 1; DROP TABLE t": "2 statements",
    "": "0 statements",
    "COPY t TO '/tmp/x'": "no SELECT",
    "WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x": "more than read",
    "SELECT * INTO u FROM t": "more than read",
    "SELECT * FROM t FOR UPDATE": "more than read",
    "SELECT setval('s', 1)": "setval",
    "SELECT pg_catalog.pg_read_file('/etc/passwd')": "pg_read_file",
    "SELECT set_config('statement_timeout', '0', false)": "set_config",
    "SELECT * FROM dblink('host=x', 'DELETE FROM t') AS t(a int)": "dblink",
    "SELECT FROM WHERE": "cannot be read",
    "SET transaction_read_only = off": "no SELECT",
}


@pytest.mark.parametrize("query", REFUSED)
def test_query_that_does_more_than_read_is_refused(query):
    with pytest.raises(SourceError, match=REFUSED[query]):
        check_query(query, dialect="postgresql")


@pytest.mark.parametrize("mark", ["!", "!50000", "M!"])
def test_comment_that_mysql_would_run_is_refused(mark):
    query = "SELECT '/*! text */' AS a {} -- a remark"
    with pytest.raises(SourceError, match="comment that MySQL runs"):
        check_query(query.format(f"/*{mark} INTO OUTFILE '/tmp/x' */"), dialect="mysql")
    plain = query.format("/* said */")
    assert check_query(plain, dialect="mysql") == plain


@pytest.mark.parametrize(
    "query",
    [
        "SELECT a, count(*) FROM t GROUP BY a ORDER BY a;",
        "WITH x AS (SELECT 1 AS a) SELECT * FROM x UNION ALL SELECT 2",
    ],
)
def test_query_that_reads_is_taken(query):
    assert check_query(query, dialect="postgresql") == query.rstrip(";")


def test_sqlite_file_is_read_by_its_query(data_set, tmp_path, owner, jobs_inline):
    path = tmp_path / "shop.sqlite"
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE orders (code TEXT, n INTEGER, price REAL, note)")
        rows = [("007", 2**62, 1.5, None), ("008", None, 2, "x"), ("009", 3, None, 4)]
        made.executemany("INSERT INTO orders VALUES (?, ?, ?, ?)", rows)
    actor = Actor(user=owner)

    def set_to(query, content):
        return services.set_source(
            data_set,
            actor=actor,
            kind="sqlite",
            said={"query": query},
            secrets={},
            file=objects.receive([content], limit=10**7),
        )

    with pytest.raises(ValidationError, match="no SQLite"):
        set_to("SELECT 1", b"code,n\n")
    content = path.read_bytes()
    source = set_to("SELECT * FROM orders ORDER BY code", content)
    assert fetch(source).succeeded
    jobs_inline()
    version = data_set.versions.get()
    kinds = {each["name"]: each["kind"] for each in version.columns}
    assert kinds == {"code": "text", "n": "integer", "price": "number", "note": "text"}
    assert version.profile.sample["rows"][0][:2] == ["007", str(2**62)]
    source = set_to("SELECT * FROM gone", content)
    assert "no such table" in fetch(source).error
    source = set_to("SELECT load_x(1)", content)
    assert "no such function" in fetch(source).error


# Pages and API


def test_editor_sets_tries_and_removes_a_source_by_page(
    data_set, signed_in, owner, viewer, site, jobs_inline
):
    page = reverse("dataquality:source", args=[data_set.project.slug, data_set.slug])
    assert signed_in(viewer).get(page).status_code == 404
    client = signed_in(owner)
    assert "An S3-compatible store" in client.get(page).text
    form = client.get(f"{page}?kind=postgresql").text
    assert "Password" in form
    assert "Bucket" not in form
    sent = {"url": "ftp://x", "authorization": "Bearer k", "schedule": "often"}
    refused = client.post(f"{page}?kind=http", sent)
    assert refused.status_code == 422
    assert "Only http://" in refused.text
    sent["url"] = site.url
    refused = client.post(f"{page}?kind=http", sent)
    assert "“often” is no schedule" in refused.text
    kept = client.post(f"{page}?kind=http", sent | {"schedule": "0 6 * * *"})
    assert kept.status_code == 302
    jobs_inline()
    shown = client.get(page).text
    assert "It answers, with readings.csv" in shown
    assert "Bearer" not in shown
    assert "Next:" in shown
    client.post(f"{page}fetch/")
    jobs_inline()
    assert DataSetVersion.objects.get().is_ready
    assert "A web address: 127.0.0.1" in client.get(data_set.get_absolute_url()).text
    client.post(f"{page}remove/")
    assert not Source.objects.exists()
    assert DataSetVersion.objects.count() == 1


def test_new_data_set_can_begin_with_a_source_instead_of_a_file(
    project, data_set, signed_in, owner
):
    client = signed_in(owner)
    page = reverse("dataquality:data_set_create", args=[project.slug])
    named = client.post(page, {"name": "Readings", "fetched": "1"})
    assert named.url == f"/p/{project.slug}/data/readings/source/"
    assert not DataSetVersion.objects.exists()
    twice = client.post(page, {"name": "Readings", "fetched": "1"})
    assert (twice.status_code, "exists already" in twice.text) == (422, True)
    assert "Choose a file" in client.post(page, {"name": "Others"}).text


def test_api_sets_changes_tries_and_fetches_a_source(
    data_set, client, owner, outsider, site, jobs_inline
):
    client.force_login(owner)
    asked = {
        "data_set": data_set.pk,
        "kind": "http",
        "settings": {"url": site.url},
        "secrets": {"authorization": "Bearer k"},
    }
    url = "/api/v1/sources/"
    wrong = client.post(url, asked | {"schedule": "x"}, content_type="application/json")
    assert wrong.status_code == 400
    assert "is no schedule" in wrong.text
    made = client.post(url, asked, content_type="application/json")
    assert made.status_code == 201, made.text
    assert made.json()["secrets_kept"] == ["authorization"]
    assert "Bearer" not in made.text
    one = f"{url}{made.json()['id']}/"
    again = {"schedule": "0 6 * * *"}
    changed = client.patch(one, again, content_type="application/json").json()
    assert (changed["secrets_kept"], changed["next_at"] is None) == (
        ["authorization"],
        False,
    )
    elsewhere = {"settings": {"url": site.url.replace("http:", "https:")}}
    moved = client.patch(one, elsewhere, content_type="application/json").json()
    assert moved["secrets_kept"] == []  # they were for another server
    client.patch(one, {"settings": {"url": site.url}}, content_type="application/json")
    assert client.post(f"{one}check/").status_code == 202
    jobs_inline()
    assert client.get(one).json()["checked"]["is_good"]
    assert client.post(f"{one}fetch/").status_code == 202
    jobs_inline()
    assert data_set.versions.get().is_ready
    client.force_login(outsider)
    assert client.get(one).status_code == 404
    client.force_login(owner)
    assert client.delete(one).status_code == 204
