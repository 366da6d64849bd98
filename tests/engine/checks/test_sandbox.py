"""SQL of people reaches the table and nothing else, and not for ever."""

import threading

import pytest

from engine.checks.guard import filter_problem, query_problem
from engine.checks.room import Alarm, Room, open_room
from engine.checks.sql import instant

BREAKS = [
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    'SELECT * FROM "/etc/passwd"',
    "SELECT * FROM data, read_text('/etc/passwd')",
    "SELECT * FROM data WHERE x IN (SELECT content FROM read_text('/etc/passwd'))",
    "SELECT * FROM glob('/*')",
    "SELECT getenv('HOME') FROM data",
    "SELECT current_setting('temp_directory') FROM data",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM numbered_data",
    "SELECT * FROM query('SELECT 1')",
    "SELECT * FROM range(9)",
    "SELECT unnest([1, 2]) FROM data",
    "SELECT * FROM 'https://example.org/x.parquet'",
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP VIEW data",
    "INSTALL httpfs",
    "LOAD httpfs",
    "PRAGMA database_list",
    "SET memory_limit = '9GB'",
    "ATTACH '/tmp/x.db'",
    "COPY data TO '/tmp/x.csv'",
    "COPY (SELECT 1) TO '/tmp/x.csv'",
    "CREATE TABLE x AS SELECT 1",
    "INSERT INTO data VALUES (1)",
    "DELETE FROM data",
    "CALL pragma_version()",
    "EXPORT DATABASE '/tmp/x'",
    "EXPLAIN SELECT 1",
    "WITH x AS (DELETE FROM data RETURNING *) SELECT * FROM x",
    "WITH RECURSIVE t(a) AS (SELECT 1 UNION ALL SELECT a FROM t) SELECT a FROM t",
    "SELECT $1",
    "SELECT ?",
    "",
    "SELEC x",
    "(" * 3000,
    "SELECT " + "1+" * 5000 + "1",
]


@pytest.mark.parametrize("query", BREAKS)
def test_a_query_that_asks_for_more_than_the_data_is_not_run(query):
    assert query_problem(query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM data",
        "select count(*) from data where x > 2 and lower(s) like 'a%' -- why",
        "WITH big AS (SELECT * FROM data WHERE x > 1) SELECT a.x FROM big a JOIN data USING (x)",
        "SELECT x, row_number() OVER (PARTITION BY s ORDER BY x) AS n FROM data QUALIFY n > 1",
        "SELECT median(x), regexp_matches(s, 'a') FROM data GROUP BY ALL",
        "SELECT x FROM data EXCEPT SELECT x FROM data",
        "WITH a AS (SELECT x FROM data), b AS (SELECT x FROM a) SELECT * FROM (SELECT * FROM b) JOIN a USING (x)",
    ],
)
def test_a_query_of_the_data_is_fine(query):
    assert query_problem(query) == ""


@pytest.mark.parametrize(
    "condition",
    [
        "1) UNION SELECT (1",
        "x > (SELECT 1)",
        "EXISTS (SELECT 1 FROM read_csv('/etc/passwd'))",
        "x > 1; DROP VIEW data",
        "sum(x) > 1",
        "row_number() OVER () > 1",
        "getenv('HOME') = 'x'",
        "read_text('/etc/passwd') = 'x'",
        "*",
        "",
    ],
)
def test_a_filter_is_one_condition(condition):
    assert filter_problem(condition)
    assert filter_problem("x > 17 AND (s = 'a' OR s IS NULL)") == ""


def test_what_runs_too_long_or_grows_too_large_is_ended(checked):
    cross = "FROM " + ", ".join(f"data d{i}" for i in range(8))
    forever = f"SELECT 1 {cross} WHERE random() > 2"
    slow, fast, *_rest = (
        checked(
            {"x": list(range(60))},
            ("custom_sql", {"query": query}),
            ("not_null", {"column": "x"}),
            seconds=0.1,
        ).results
        for query in (forever, f"SELECT * {cross} ORDER BY random()")
    )
    for bomb, sound in (slow, fast):
        assert bomb.state == "error"
        assert "was ended" in bomb.note or "more memory" in bomb.note
        assert sound.state == "kept"


def test_the_alarm_rings_late_queries_only_and_needs_no_thread_for_each():
    rung = threading.Event()
    alarm = Alarm(rung.set)
    threads = threading.active_count()
    with alarm.after(60):
        assert threading.active_count() == threads
    assert not rung.is_set()
    with alarm.after(0.01):
        assert rung.wait(10)
    alarm.close()


def test_behind_the_guard_the_connection_is_shut_in_as_well(tmp_path):
    import duckdb
    import polars as pl

    source = tmp_path / "t.parquet"
    pl.DataFrame({"x": [1]}).write_parquet(source)
    with open_room(
        str(source), tmp_path, tables={}, as_of=instant("2024-01-01")
    ) as room:
        assert isinstance(room, Room)
        for query in (
            "SELECT * FROM read_csv('/etc/passwd')",
            "SELECT * FROM glob('/*')",
            "COPY data TO '/tmp/x.csv'",
            "ATTACH '/tmp/x.db'",
            "INSTALL httpfs",
            "SET enable_external_access = true",
        ):
            with pytest.raises(duckdb.Error):
                room.connection.execute(query)
