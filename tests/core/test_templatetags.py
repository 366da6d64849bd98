"""The tags every page uses."""

import json
import math
import re
from datetime import UTC, datetime, timedelta

import plotly.graph_objects as go
import pytest
import time_machine
from django import forms
from django.contrib.messages import SUCCESS
from django.contrib.messages.storage.base import Message
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from core.models import Job
from core.templatetags import portal

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday


def render(source: str, **context: object) -> str:
    return Template("{% load portal %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ x|money:'EUR' }}", "€32k"),
        ("{{ x|two_digits }}", "32\u202f000"),
        ("{{ x|plain }}", "31\u202f950"),
        ("{{ share|percent }}", "79\N{NO-BREAK SPACE}%"),
    ],
)
def test_numbers_are_said_in_two_digits(source, text):
    assert render(source, x=31950, share=0.7941) == text


@pytest.mark.parametrize("missing", [None, "", math.nan])
@pytest.mark.parametrize("name", ["money:'EUR'", "two_digits", "plain", "percent"])
def test_a_missing_number_is_a_dash_and_never_zero(name, missing):
    assert render("{{ x|" + name + " }}", x=missing) == "–"


@pytest.mark.parametrize(
    ("distance", "said"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(hours=2, minutes=50), "2 h ago"),
        (timedelta(hours=-3), "in 3 h"),
        (timedelta(days=3), "Friday"),
        (timedelta(days=11), "12 Nov"),
        (timedelta(days=400), "19 Oct 2025"),
    ],
)
def test_times_are_said_by_their_distance(distance, said):
    with time_machine.travel(NOON, tick=False):
        text = portal.ago(NOON - distance)

    assert re.sub("<[^>]+>", "", text) == said


def test_a_time_carries_the_exact_moment():
    assert 'datetime="2026-11-23T12:00:00+00:00"' in portal.ago(NOON)


def test_a_time_that_is_not_known_is_a_dash():
    assert portal.ago(None) == "–"


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ana Ferreira", "AF"),
        ("Ana Maria Ferreira", "AF"),
        ("ana.ferreira@example.org", "AF"),
        ("Prince", "P"),
        ("", "?"),
    ],
)
def test_initials_stand_for_a_person(name, letters):
    assert portal.initials(name) == letters


def test_links_change_one_part_of_the_query_and_keep_the_rest():
    request = RequestFactory().get("/runs/", {"q": "a&b", "page": "3", "sort": "f1"})

    url = render("{% param_url sort='eur' page=None %}", request=request)

    assert url == "?q=a%26b&amp;sort=eur"


def test_glyph_is_mute_without_words_and_speaks_with_them():
    assert 'aria-hidden="true"' in render("{% glyph 'met' %}")
    assert 'role="img" aria-label="one failing"' in render(
        "{% glyph 'failing' 'one failing' %}"
    )


def test_range_bar_says_its_range_in_words():
    html = render(
        "{% axis_for values currency='EUR' as axis %}"
        "{% range_bar -83000 32000 180000 axis=axis %}",
        values=[-83e3, 180e3],
    )

    assert "about €32k a year; 9 times in 10 between −€83k and €180k" in html
    assert "c-zero" in html


def test_lengths_keep_their_dot_in_a_language_with_commas():
    with translation.override("de"):
        html = render(
            "{% axis_for values currency='EUR' as axis %}"
            "{% range_bar -83000 32000 180000 axis=axis %}{% score_bar 78.5 %}",
            values=[-83e3, 180e3],
        )

    assert re.findall(r'="[^"]*\d,\d', html) == []
    assert 'width="78.5%"' in html


def test_dot_plot_counts_in_words():
    html = render("{% dot_plot dots 'EUR' %}", dots=[-1e3, 1e3, 2e3])

    assert "2 of 3 possible futures pay back, 1 lose money" in html
    assert ">1 loses money<" in html


def test_range_and_dots_share_one_zero():
    html = render(
        "{% dot_plot dots 'EUR' %}{% dot_axis dots 'EUR' as axis %}"
        "{% range_bar -83000 32000 180000 axis=axis size='picture' %}",
        dots=[-100e3, 20e3, 220e3],
    )

    zeros = re.findall(r'class="c-zero" x1="([^"]+)"', html)
    assert len(zeros) == 2
    assert zeros[0] == zeros[1]


@pytest.fixture
def figure():
    return go.Figure(go.Scatter(x=[1, 2], y=[3, 4], name="</script><b>"))


def chart_data(html: str):
    found = re.search(
        r'<script id="[^"]+" type="application/json">(.*?)</script>', html
    )
    assert found
    return json.loads(found[1])


def test_chart_carries_its_data_its_title_and_its_words(figure):
    html = render("{% chart figure 'Recall rises' 'From 3 to 4.' %}", figure=figure)

    assert chart_data(html)["data"][0]["y"] == [3, 4]
    assert ">Recall rises<" in html
    assert ">From 3 to 4.<" in html


def test_chart_data_cannot_end_its_script(figure):
    html = render("{% chart figure 'a' 'b' %}", figure=figure)

    assert chart_data(html)["data"][0]["name"] == "</script><b>"
    assert html.count("</script>") == 1


def test_charts_leave_their_colours_to_the_theme(figure):
    html = render("{% chart figure 'a' 'b' %}", figure=figure)

    assert "template" not in chart_data(html)["layout"]


def test_two_charts_of_one_page_have_different_ids(figure):
    html = render("{% chart figure 'a' 'b' %}{% chart figure 'a' 'b' %}", figure=figure)

    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids)) == 8


def test_pager_links_keep_the_filter():
    page = Paginator(range(95), 10).page(2)
    request = RequestFactory().get("/runs/", {"q": "f1", "page": "2"})

    html = render("{% pager page %}", page=page, request=request)

    assert 'href="?q=f1&amp;page=1"' in html
    assert 'href="?q=f1&amp;page=3"' in html
    assert "11–20 of 95" in html


def test_a_single_page_has_no_pager():
    page = Paginator(range(5), 10).page(1)

    assert "<nav" not in render("{% pager page %}", page=page)


def test_a_message_offers_what_undoes_it():
    message = Message(SUCCESS, "7 runs archived", "undo:/p/churn/runs/undo/7/")

    assert portal.undo_url(message) == "/p/churn/runs/undo/7/"
    assert portal.undo_url(Message(SUCCESS, "Saved")) == ""


def test_a_running_job_shows_its_share_and_asks_again():
    job = Job(
        title="Sweep autumn-2",
        state=Job.State.RUNNING,
        progress=0.5,
        note="62 of 124 trials",
        started_at=NOON - timedelta(minutes=9),
    )
    with time_machine.travel(NOON, tick=False):
        html = render(
            "{% job_progress job poll_url='/jobs/1/' cancel_url='/jobs/1/cancel/' %}",
            job=job,
        )

    assert 'value="50"' in html
    assert "62 of 124 trials, about 9 minutes left" in html
    assert 'hx-get="/jobs/1/"' in html
    assert 'action="/jobs/1/cancel/"' in html


def test_a_failed_job_says_why_and_asks_no_more():
    job = Job(
        title="Profile",
        state=Job.State.FAILED,
        error="Line 3 has 4 columns, not 5.",
        finished_at=NOON,
    )

    html = render(
        "{% job_progress job poll_url='/jobs/1/' cancel_url='/x/' %}", job=job
    )

    assert "Line 3 has 4 columns, not 5." in html
    assert "hx-get" not in html
    assert "<progress" not in html
    assert "/x/" not in html


class ProjectForm(forms.Form):
    name = forms.CharField(help_text="Short.")
    about = forms.CharField(required=False)
    example = forms.BooleanField(required=False)


def test_a_field_has_its_help_and_its_problem_beside_it():
    html = str(ProjectForm({"name": ""})["name"].as_field_group())

    assert '<label for="id_name">Name' in html
    assert 'aria-invalid="true"' in html
    described = re.search(r'aria-describedby="([^"]+)"', html)
    assert described
    assert all(f'id="{each}"' in html for each in described[1].split())
    assert "This field is required." in html


def test_only_optional_fields_are_marked():
    form = ProjectForm()

    assert "optional" in str(form["about"].as_field_group())
    assert "optional" not in str(form["name"].as_field_group())


def test_a_tick_box_stands_before_its_words():
    html = str(ProjectForm()["example"].as_field_group())

    assert html.index("<input") < html.index("<label")
