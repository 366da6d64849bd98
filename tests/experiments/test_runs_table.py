"""Sorting, filtering and paging of runs, held against doing it by hand."""

import math
import operator
import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.access import Actor
from engine.export import escaped
from experiments import services, tasks
from experiments.models import Run
from experiments.selectors import filters, keyset
from experiments.selectors.filters import FilterProblem
from experiments.selectors.keyset import Cursor, Sort
from projects.services import edit_case
from tests.experiments.factories import NOW, a_run, an_experiment
from tests.factories import a_project

MEANING = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    "!=": operator.ne,
}
VALUES = [0.1, 0.25, 0.25, 0.7, -3.0, math.nan, math.inf, -math.inf, None]


def make_many():
    """Write runs with all kinds of values, some of them equal; return the values."""
    experiment = an_experiment(a_project(), "Autumn")
    rng = random.Random(5)
    values = {}
    for n in range(28):
        value = rng.choice(VALUES)
        run = a_run(
            experiment,
            name=rng.choice(["ash", "birch", "cedar"]) + f"-{n % 9}",
            start_time=NOW + rng.randrange(4),
            status=rng.choice(["FINISHED", "FAILED"]),
            metrics={} if value is None else {"recall": value},
            params={"depth": rng.choice([3, 5])},
        )
        Run.objects.filter(pk=run.pk).update(
            money_mean=rng.choice([None, -5.0, 0.0, 12.5, 900.0]),
            family=rng.choice(["tree", "linear"]),
        )
        values[run.pk] = value
    return values


@pytest.fixture(scope="module")
def values(written_once):
    return written_once(make_many)


@pytest.fixture
def many(values, db):
    """Runs with all kinds of values, some of them equal."""
    runs = list(Run.objects.filter(pk__in=values))
    for run in runs:
        run.value = values[run.pk]
    return runs


def kept(value):
    return 0.0 if math.isnan(value) else min(max(value, -1.7e308), 1.7e308)


def by_hand(runs, sort):
    def place(run):
        if sort.key in {"name", "family"}:
            bucket, value = 0, getattr(run, sort.key)
            return bucket, [ord(c) for c in value], run
        value = run.value if sort.key == "recall" else run.money_mean
        if value is None:
            return 2, 0.0, run
        return (1, 0.0, run) if math.isnan(value) else (0, kept(value), run)

    rows = sorted((place(r) for r in runs), key=lambda row: row[2].pk)
    rows.sort(key=lambda row: -row[2].start_time)
    rows.sort(key=lambda row: row[1], reverse=sort.descending)
    rows.sort(key=lambda row: row[0])
    return [run.pk for _bucket, _value, run in rows]


@pytest.mark.parametrize("key", ["recall", "money", "name", "family"])
@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("size", [1, 5, 100])
def test_pages_forward_and_back_are_the_order_by_hand(many, key, descending, size):
    sort = Sort(key, descending)
    expected = by_hand(many, sort)
    seen, ranks, cursor = [], [], None
    while True:
        page = keyset.page_of(Run.objects.all(), sort, cursor, size=size)
        seen += [run.pk for run in page.runs]
        ranks.append(page.first_rank)
        if page.after is None:
            break
        cursor = Cursor.read(str(page.after), sort)
    assert seen == expected
    assert ranks == list(range(1, len(many) + 1, size))
    back = [run.pk for run in page.runs]
    while page.before is not None:
        cursor = Cursor.read(str(page.before), sort)
        page = keyset.page_of(Run.objects.all(), sort, cursor, size=size)
        back = [run.pk for run in page.runs] + back
    assert back == expected
    assert page.first_rank == 1


@pytest.mark.parametrize("sign", list(MEANING))
@pytest.mark.parametrize("bound", ["0.25", "-3", "0"])
def test_comparisons_are_those_of_numbers(many, sign, bound):
    found = filters.apply(Run.objects.all(), filters.parse(f"recall{sign}{bound}"))
    means = MEANING[sign]
    expected = {
        run.pk
        for run in many
        if run.value is not None
        and not math.isnan(run.value)
        and means(kept(run.value), float(bound))
    }
    assert set(found.values_list("pk", flat=True)) == expected


@pytest.mark.parametrize(
    ("text", "test"),
    [
        ("family:tree", lambda r: r.family == "tree"),
        ("-family:tree", lambda r: r.family != "tree"),
        ("status:finished", lambda r: r.status == "FINISHED"),
        ("ash", lambda r: "ash" in r.name),
        ("name:BIRCH -status:failed", lambda r: "birch" in r.name and r.is_finished),
        ("param:depth=3", lambda r: r.params.get().value == "3"),
        ("experiment:autumn", lambda r: True),
        ('experiment:"Autumn"', lambda r: True),
        ("experiment:winter", lambda r: False),
        ("money>=0", lambda r: r.money_mean is not None and r.money_mean >= 0),
        ("money!=0", lambda r: r.money_mean is not None and r.money_mean != 0),
        ("-archived", lambda r: True),
        ("archived", lambda r: False),
    ],
)
def test_each_part_of_a_filter_says_what_it_says(many, text, test):
    found = filters.apply(Run.objects.all(), filters.parse(text))
    assert set(found.values_list("pk", flat=True)) == {r.pk for r in many if test(r)}


@pytest.mark.parametrize(
    "text",
    ["colour:red", "recall>much", 'name:"open', "status:happy", "family:", "a\x00b"],
)
def test_a_filter_that_cannot_be_read_says_which_part(text, db):
    with pytest.raises(FilterProblem):
        filters.apply(Run.objects.all(), filters.parse(text))


@pytest.mark.parametrize("text", ["", "x", "WzFd", "W10", "bnVsbA", "é", "A" * 999])
def test_a_broken_cursor_is_the_first_page(text):
    assert Cursor.read(text, Sort()) is None


def test_the_runs_page_needs_few_queries_for_many_runs(
    trained, experiment, project, owner, client, jobs_inline
):
    for n in range(60):
        a_run(
            experiment,
            metrics={"recall": n / 60, "fpr": 0.1, "x": 1.0},
            params={"depth": n},
            status=Run.Status.FINISHED,
        )
    tasks.start_pricing(project, actor=Actor(user=owner))
    jobs_inline()
    client.force_login(owner)
    url = project.url("experiments:runs")
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = client.get(url, headers={"HX-Request": "true"})
    assert response.status_code == 200
    assert len(response.context["table"].rows) == 50
    assert len(queries) <= 20, [q["sql"][:120] for q in queries]


def test_unpriced_runs_come_last_and_say_what_is_missing(
    trained, experiment, project, owner, client, jobs_inline
):
    a_run(experiment, name="silent-run", metrics={"recall": 0.9}, status="FINISHED")
    tasks.start_pricing(project, actor=Actor(user=owner))
    jobs_inline()
    client.force_login(owner)
    response = client.get(project.url("experiments:runs"))
    rows = response.context["table"].rows
    assert [row.run.name for row in rows][-1] == "silent-run"
    assert rows[-1].heads_unpriced
    assert "counts missing" in response.content.decode()


def test_old_prices_are_named_and_a_button_prices_again(
    trained, project, owner, client, jobs_inline
):
    client.force_login(owner)
    url = project.url("experiments:runs")
    assert "Price again" not in client.get(url).content.decode()
    edit_case(project, actor=Actor(user=owner), changes={"volume": "2 * customers"})
    text = client.get(url).content.decode()
    assert "of 2 runs are of value case 1; the case is now version 2" in text
    assert client.post(project.url("experiments:runs_price")).status_code == 302
    jobs_inline()
    assert "Price again" not in client.get(url).content.decode()


@pytest.mark.parametrize(
    ("text", "kept_as"),
    [
        ("=1+1", "'=1+1"),
        ("@cmd", "'@cmd"),
        ("+x", "'+x"),
        ("-2.5", "-2.5"),
        ("-x", "'-x"),
        ("\tx", "'\tx"),
        ("plain", "plain"),
    ],
)
def test_no_spreadsheet_runs_an_exported_cell(text, kept_as):
    assert escaped(text) == kept_as


def test_export_holds_the_ticked_runs_with_metrics_and_params(
    experiment, project, owner, client
):
    first = a_run(experiment, name="=evil()", metrics={"recall": 0.5}, params={"C": 1})
    a_run(experiment, name="other")
    client.force_login(owner)
    url = project.url("experiments:runs_export")
    ticked = b"".join(client.get(url, {"run": first.pk}).streaming_content).decode()
    assert "'=evil()" in ticked
    assert "other" not in ticked
    assert ticked.splitlines()[0].endswith("metric recall,param C")
    everything = b"".join(client.get(url).streaming_content).decode()
    assert len(everything.splitlines()) == 3


def test_bulk_tag_writes_only_what_the_reader_may_change(
    experiment, project, owner, client
):
    run = a_run(experiment)
    client.force_login(owner)
    url = project.url("experiments:runs_change")
    data = {"run": [run.pk], "verb": "tag", "tag": "team=a=b"}
    assert client.post(url, data).status_code == 302
    assert run.tags.get(key="team").value == "a=b"
    assert services.tag_runs([run], key="team", value="c") == 1
    assert run.tags.get(key="team").value == "c"
