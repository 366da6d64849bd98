"""Sources on real servers: PostgreSQL, MySQL where there is one, and S3 by moto."""

import shutil
import socket
import subprocess
import time
from http.client import HTTPConnection
from urllib.parse import urlsplit

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pymysql
import pytest
from django.db import connection
from moto.server import ThreadedMotoServer

from core.access import Actor
from core.jobs.testing import in_process, run_now
from dataquality import services, tasks
from engine.progress import Silent
from engine.sources import SourceError, fetch_object, fetch_query
from engine.sources.pinned import way_to

pytestmark = pytest.mark.child

MANY = "SELECT n FROM generate_series(1, 30000) AS n"
TYPES = """
SELECT 9223372036854775807 AS large, 12.30::numeric(8, 2) AS price,
       '007'::text AS code, 12345678901234567890::numeric(20, 0) AS account,
       '2026-03-01 12:00+02'::timestamptz AS at, '2026-03-01 12:00'::timestamp AS local,
       '2026-03-01'::date AS day, true AS flag, NULL::int AS nothing,
       '{"a": 1}'::jsonb AS told, 1.5::float8 AS share
"""


@pytest.fixture
def postgresql(db):
    """How the test's own PostgreSQL is reached; the rows of the test are not seen."""
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL: tests/with_postgres.py brings one")
    known = connection.get_connection_params()
    return {
        "host": known.get("host") or "127.0.0.1",
        "port": str(known.get("port") or 5432),
        "database": known["dbname"],
        "user": known["user"],
        "encryption": "disable",
    }, {"password": known.get("password", "")}


@pytest.fixture
def ask(postgresql, tmp_path):
    """Return a function that lands the answer of a query."""
    settings, secrets = postgresql

    def ask(query, *, rows=10**6, size=10**8, seconds=10, **changed):
        made = fetch_query(
            kind="postgresql",
            settings={**settings, "query": query, **changed},
            secrets=secrets,
            address="127.0.0.1",
            most={"rows": rows, "bytes": size, "seconds": seconds},
            folder=tmp_path,
            report=Silent(),
        )
        return pq.read_table(tmp_path / made["file"])

    return ask


@pytest.mark.database
def test_answer_of_postgresql_keeps_its_types(ask):
    table = ask(TYPES)
    types = dict(zip(table.schema.names, map(str, table.schema.types), strict=True))
    assert types == {
        "large": "int64",
        "price": "decimal128(8, 2)",
        "code": "string",
        "account": "string",
        "at": "timestamp[us, tz=UTC]",
        "local": "timestamp[us]",
        "day": "date32[day]",
        "flag": "bool",
        "nothing": "int64",
        "told": "string",
        "share": "double",
    }
    (row,) = table.to_pylist()
    assert (row["large"], row["code"]) == (2**63 - 1, "007")
    assert row["account"] == "12345678901234567890"
    assert row["at"].isoformat() == "2026-03-01T10:00:00+00:00"
    assert ask(MANY).num_rows == 30_000
    assert ask("SELECT 1 AS a WHERE false").num_rows == 0


@pytest.mark.database
@pytest.mark.parametrize(
    ("query", "changed", "why"),
    [
        ("SELECT pg_sleep(3)", {"seconds": 1}, "statement timeout"),
        (MANY, {"rows": 20_000}, "20,000 rows"),
        (MANY, {"size": 100}, "100 bytes"),
        ("SELECT * FROM nowhere", {}, 'relation "nowhere" does not exist'),
        ("SELECT 1 AS a, 2 AS a", {}, "two columns named a"),
        ("SELECT 'x'::bytea AS b", {}, "holds bytes"),
        ("SELECT 1", {"port": "1"}, "refused"),
        ("SELECT 1", {"user": "nobody_here"}, "nobody_here"),
    ],
)
def test_query_that_cannot_be_landed_says_why(ask, query, changed, why):
    with pytest.raises(SourceError, match=why):
        ask(query, **changed)


@pytest.mark.database
def test_database_itself_refuses_to_write(ask, monkeypatch):
    # As if the reading of the query had overlooked something.
    monkeypatch.setattr("engine.sources.databases.check_query", lambda q, dialect: q)
    for query in ("SELECT lo_creat(-1)", "SELECT pg_notify('a', 'b'), lo_creat(-1)"):
        with pytest.raises(SourceError, match="read-only transaction"):
            ask(query)


@pytest.mark.database
def test_source_in_a_network_of_its_own_needs_an_operator(
    postgresql, data_set, owner, settings
):
    said, secrets = postgresql
    source = services.set_source(
        data_set,
        actor=Actor(user=owner),
        kind="postgresql",
        said={**said, "query": "SELECT 1 AS a, '007' AS code"},
        secrets=secrets,
    )

    def fetched():
        job = tasks.start_fetching(source, actor=Actor(user=owner))
        return run_now(job, runner=in_process)

    assert "An operator may allow it with OUTGOING_HOSTS" in fetched().error
    settings.OUTGOING_HOSTS = [said["host"]]
    assert fetched().succeeded
    assert data_set.versions.get().file_name == "customers.parquet"


# S3


@pytest.fixture(scope="module")
def store():
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    keys = {"aws_access_key_id": "k", "aws_secret_access_key": "s"}
    client = boto3.client("s3", endpoint_url=url, region_name="us-east-1", **keys)
    client.create_bucket(Bucket="lake")
    yield url, client
    server.stop()


@pytest.fixture
def lake(store, settings):
    settings.OUTGOING_HOSTS = [urlsplit(store[0]).netloc]
    return store[1]


@pytest.fixture
def set_s3(data_set, owner, store):
    def set_s3(key, **said):
        url, _client = store
        return services.set_source(
            data_set,
            actor=Actor(user=owner),
            kind="s3",
            said={"endpoint": url, "bucket": "lake", "key": key, **said},
            secrets={"access_key": "k", "secret_key": "s"},
        )

    return set_s3


def parquet_of(table):
    target = pa.BufferOutputStream()
    pq.write_table(table, target, row_group_size=100)
    return target.getvalue().to_pybytes()


def test_object_is_read_by_row_groups_in_a_child_with_a_network(
    data_set, owner, lake, set_s3
):
    table = pa.table({"code": [f"{n:03}" for n in range(1000)], "n": range(1000)})
    lake.put_object(Bucket="lake", Key="a/t.parquet", Body=parquet_of(table))
    source = set_s3("a/t.parquet", columns="code")
    actor = Actor(user=owner)
    job = run_now(tasks.start_fetching(source, actor=actor))
    assert job.succeeded, job.error
    version = data_set.versions.get()
    landed = pq.read_table(services.source_path(version))
    assert (landed.schema.names, landed.num_rows) == (["code"], 1000)
    source.refresh_from_db()
    before = source.seen
    run_now(tasks.start_fetching(source, actor=actor), runner=in_process)
    source.refresh_from_db()
    assert (source.seen, data_set.versions.count()) == (before, 1)


def test_store_is_reached_by_the_address_that_was_checked_alone(
    store, tmp_path, monkeypatch
):
    url, client = store
    client.put_object(Bucket="lake", Key="p.csv", Body=b"a\n1\n")
    asked = {
        "settings": {
            # A name that nobody resolves by now: only the checked address is used.
            "endpoint": url.replace("127.0.0.1", "somewhere"),
            "bucket": "lake",
            "key": "p.csv",
        },
        "secrets": {"access_key": "k", "secret_key": "s"},
        "address": "127.0.0.1",
        "most": {"rows": 10, "bytes": 1000, "seconds": 5},
        "seen": "",
        "folder": tmp_path,
        "report": Silent(),
    }
    made = fetch_object(**asked)
    assert (tmp_path / made["file"]).read_bytes() == b"a\n1\n"


def test_tunnel_leads_to_the_checked_address_whatever_it_is_asked_for(store):
    place = urlsplit(store[0])
    with way_to("127.0.0.1", place.port) as here:
        asked = HTTPConnection("127.0.0.1", here, timeout=5)
        asked.set_tunnel("elsewhere.invalid", 443)
        asked.request("GET", "/moto-api/", headers={"Host": place.netloc})
        assert asked.getresponse().status == 200
        asked.close()


def test_text_objects_come_as_they_are_and_what_is_missing_is_said(
    data_set, owner, lake, set_s3
):
    actor = Actor(user=owner)
    lake.put_object(Bucket="lake", Key="t.csv", Body=b"code,n\n007,1\n")

    def fetched(key, **said):
        source = set_s3(key, **said)
        job = tasks.start_fetching(source, actor=actor)
        return run_now(job, runner=in_process)

    assert fetched("t.csv").succeeded
    version = data_set.versions.get()
    assert services.source_path(version).read_bytes() == b"code,n\n007,1\n"
    assert version.written_at <= version.delivered_at  # S3's own date
    assert "no object “gone.csv”" in fetched("gone.csv").error
    missing = fetched("t.csv", bucket="nowhere")
    assert missing.error
    assert "nowhere" in missing.error
    table = pa.table({"a": [1]})
    lake.put_object(Bucket="lake", Key="b.parquet", Body=parquet_of(table))
    assert "no column z" in fetched("b.parquet", columns="z").error
    assert data_set.versions.count() == 1


# MySQL


@pytest.fixture(scope="module")
def mysql(tmp_path_factory):
    program = shutil.which("mariadbd") or shutil.which("mysqld")
    if program is None:
        pytest.skip("needs MySQL or MariaDB: no mysqld or mariadbd on this machine")
    folder = tmp_path_factory.mktemp("mysql")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = [f"--datadir={folder}/data", f"--socket={folder}/s", "--user=root"]
    if "mariadbd" in program:
        install = [
            shutil.which("mariadb-install-db"),
            "--auth-root-authentication-method=normal",
        ]
    else:
        install = [program, "--initialize-insecure"]
    subprocess.run([*install, *options], check=True, capture_output=True)
    listening = [f"--port={port}", "--bind-address=127.0.0.1"]
    server = subprocess.Popen([program, *options, *listening])
    yield _when_ready(port)
    server.terminate()
    server.wait(30)


def _when_ready(port):
    for _try in range(300):
        try:
            pymysql.connect(host="127.0.0.1", port=port, user="root").close()
        except pymysql.Error:
            time.sleep(0.1)
        else:
            return port
    raise TimeoutError("MySQL did not start")


SECRET = "of a test"
MYSQL_TABLE = """
CREATE TABLE `orders` (
    large BIGINT, id BIGINT UNSIGNED, small INT UNSIGNED, flag TINYINT(1), bits BIT(8),
    price DECIMAL(8, 2), account DECIMAL(20, 0), share DOUBLE, code VARCHAR(9), day DATE,
    local DATETIME(6), at TIMESTAMP(6) NULL, lasts TIME, kind ENUM('a', 'b'), nothing INT
) CHARACTER SET utf8mb4
"""
MYSQL_ROW = """
INSERT INTO `orders` VALUES (
    -9223372036854775808, 18446744073709551615, 4294967295, 1, b'101', 12.30,
    12345678901234567890, 1.5, '007 ✓🙂', '2026-03-01', '2026-03-01 12:00:00.000001',
    '2026-03-01 12:00:00.5', '34:00:00', 'b', NULL
)
"""


@pytest.fixture(scope="module")
def ask_mysql(mysql, tmp_path_factory):
    """Return a function that lands the answer of a query of MySQL, asked by a reader."""
    folder = tmp_path_factory.mktemp("landed")
    with pymysql.connect(
        host="127.0.0.1", port=mysql, user="root", charset="utf8mb4", autocommit=True
    ) as root:
        cursor = root.cursor()
        for each in (
            "CREATE DATABASE shop",
            "USE shop",
            "SET time_zone = '+00:00'",
            MYSQL_TABLE,
            MYSQL_ROW,
            "CREATE TABLE many (n INT PRIMARY KEY)",
            "CREATE USER reader@'127.0.0.1' IDENTIFIED BY 'of a test'",
            "GRANT ALL ON shop.* TO reader@'127.0.0.1'",
        ):
            cursor.execute(each)
        cursor.executemany(
            "INSERT INTO many VALUES (%s)", [(n,) for n in range(1, 30_001)]
        )

    def ask(query, *, rows=10**6, seconds=10, is_look=False, secret=SECRET):
        settings = {
            "host": "127.0.0.1",
            "port": str(mysql),
            "database": "shop",
            "user": "reader",
            "encryption": "disable",
            "query": query,
        }
        made = fetch_query(
            kind="mysql",
            settings=settings,
            secrets={"password": secret},
            address="127.0.0.1",
            most={"rows": rows, "bytes": 10**8, "seconds": seconds, "is_look": is_look},
            folder=folder,
            report=Silent(),
        )
        return pq.read_table(folder / made["file"])

    return ask


def test_answer_of_mysql_keeps_its_types(ask_mysql):
    table = ask_mysql("SELECT * FROM `orders`")
    types = dict(zip(table.schema.names, map(str, table.schema.types), strict=True))
    assert types == {
        "large": "int64",
        "id": "uint64",
        "small": "uint64",
        "flag": "int64",
        "bits": "uint64",
        "price": "decimal128(10, 2)",
        "account": "string",
        "share": "double",
        "code": "string",
        "day": "date32[day]",
        "local": "timestamp[us]",
        "at": "timestamp[us, tz=UTC]",
        "lasts": "string",
        "kind": "string",
        "nothing": "int64",
    }
    (row,) = table.to_pylist()
    assert (row["large"], row["id"], row["bits"]) == (-(2**63), 2**64 - 1, 5)
    assert (str(row["price"]), row["account"]) == ("12.30", "12345678901234567890")
    assert (row["code"], row["lasts"], row["kind"]) == ("007 ✓🙂", "34:00:00", "b")
    assert row["local"].isoformat() == "2026-03-01T12:00:00.000001"
    assert row["at"].isoformat() == "2026-03-01T12:00:00.500000+00:00"
    assert row["nothing"] is None


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_answer_of_mysql_comes_in_batches_and_may_be_left(ask_mysql):
    assert ask_mysql("SELECT n FROM many").num_rows == 30_000
    assert ask_mysql("SELECT n FROM many WHERE n < 0").num_rows == 0
    # 900 million rows: more than this test lives to see.
    endless = "SELECT a.n FROM many AS a CROSS JOIN many AS b"
    assert ask_mysql(endless, is_look=True).num_rows == 5
    with pytest.raises(SourceError, match="20,000 rows"):
        ask_mysql(endless, rows=20_000)


@pytest.mark.parametrize(
    ("query", "changed", "why"),
    [
        ("SELECT * FROM nowhere", {}, "nowhere"),
        ("SELECT 1", {"secret": "wrong"}, "Access denied"),
        ("SELECT SLEEP(3) FROM many", {"seconds": 1}, "max_statement_time|interrupted"),
        ("SELECT 1 AS a, 2 AS a", {}, "two columns named a"),
        ("SELECT CAST('x' AS BINARY) AS b", {}, "holds bytes"),
        ("SELECT 1 /*! INTO OUTFILE '/tmp/x' */", {}, "comment that MySQL runs"),
        ("SELECT 1 /*M! INTO OUTFILE '/tmp/x' */", {}, "comment that MySQL runs"),
    ],
)
def test_query_of_mysql_that_cannot_be_landed_says_why(ask_mysql, query, changed, why):
    with pytest.raises(SourceError, match=why):
        ask_mysql(query, **changed)


def test_mysql_itself_refuses_to_write(ask_mysql, monkeypatch):
    # As if the reading of the query had overlooked something.
    monkeypatch.setattr("engine.sources.databases.check_query", lambda q, dialect: q)
    for query in ("INSERT INTO many VALUES (0)", "DELETE FROM many"):
        with pytest.raises(SourceError, match="READ ONLY transaction"):
            ask_mysql(query)
