"""The marks, against the numbers of the drawn reference."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charts import marks, spans
from engine.numbers import money

# Twenty futures of the reference picture: eight lose, in columns of €40k.
FUTURES = [
    *[-100e3],
    *[-60e3] * 3,
    *[-20e3] * 4,
    *[20e3] * 4,
    *[60e3] * 3,
    *[100e3] * 2,
    *[140e3] * 2,
    *[220e3],
]
AXIS = marks.Axis(-160e3, 240e3, "EUR", ())
amounts = st.floats(min_value=-1e9, max_value=1e9)


def test_dots_stand_where_the_reference_drew_them():
    plot = marks.dot_plot(FUTURES, currency="EUR")

    assert [(dot.x, dot.y, dot.radius) for dot in plot.dots[:4]] == [
        ("15%", "122.5", "12.1"),
        ("25%", "122.5", "12.1"),
        ("25%", "93.5", "12.1"),
        ("25%", "64.5", "12.1"),
    ]
    assert (plot.dots[-1].x, plot.dots[-1].y, plot.dots[-1].radius) == (
        "95%",
        "122.5",
        "13",
    )
    assert plot.zero == "40%"
    assert (plot.left_of_zero, plot.right_of_zero) == ("38%", "42%")
    assert [(tick.x, tick.text) for tick in plot.ticks] == [
        ("20%", "−€80k"),
        ("40%", "€0"),
        ("60%", "€80k"),
        ("80%", "€160k"),
    ]


def test_dots_are_counted_as_losing_and_paying():
    plot = marks.dot_plot(FUTURES, currency="EUR")

    assert (plot.losing, plot.paying) == (8, 12)
    assert [dot.ink for dot in plot.dots].count("c-loss") == 8


def test_a_future_of_exactly_nothing_pays_back():
    plot = marks.dot_plot([0.0, -1.0], currency="EUR")

    assert (plot.losing, plot.paying) == (1, 1)


def test_twenty_equal_futures_still_fit_below_the_counts():
    plot = marks.dot_plot([5e3] * 20, currency="EUR")

    assert min(float(dot.y) - float(dot.radius) for dot in plot.dots) > 20


@pytest.mark.parametrize("dots", [[], [1.0, math.nan], [math.inf]])
def test_a_plot_of_nothing_is_refused(dots):
    with pytest.raises(ValueError, match="finite"):
        marks.dot_plot(dots, currency="EUR")


@given(st.lists(amounts, min_size=1, max_size=20))
def test_every_dot_lies_on_its_side_of_zero_and_on_the_picture(dots):
    plot = marks.dot_plot(dots, currency="EUR")
    zero = share(plot.zero)

    assert plot.losing + plot.paying == len(dots) == len(plot.dots)
    for dot in plot.dots:
        assert 0 <= share(dot.x) <= 100
        assert (share(dot.x) < zero) == (dot.ink == "c-loss")


def test_range_bar_has_the_lengths_of_the_reference():
    # The reference drew its end at 176, before rounding it to 180 in words.
    bar = marks.range_bar(-83e3, 32e3, 176e3, axis=AXIS)
    loss, gain = bar.parts

    assert (loss.ink, loss.x, loss.width) == ("c-loss", "19.25%", "20.75%")
    assert (loss.height, loss.lift) == ("7.2", "-3.6")
    assert (gain.ink, gain.x, gain.width) == ("c-gain", "40%", "44%")
    assert (gain.height, gain.lift) == ("9", "-4.5")
    assert (bar.zero, bar.mean, bar.radius) == ("40%", "48%", "6")


def test_a_range_that_only_loses_has_no_solid_part():
    bar = marks.range_bar(-130e3, -70e3, -12e3, axis=AXIS)

    assert [(part.ink, part.x, part.width) for part in bar.parts] == [
        ("c-loss", "7.5%", "29.5%")
    ]


def test_a_range_upside_down_is_refused():
    with pytest.raises(ValueError, match="from low to high"):
        marks.range_bar(2, 1, 0, axis=AXIS)


def test_a_picture_carries_its_own_numbers():
    bar = marks.range_bar(-83e3, 32e3, 180e3, axis=AXIS, size="picture")

    assert {label.text for label in bar.labels} == {"−€83k", "€0", "€180k"}
    assert (bar.y, bar.zero_end) == ("14", "28")


def test_numbers_that_would_touch_the_zero_are_left_out():
    bar = marks.range_bar(-10e3, 32e3, 180e3, axis=AXIS, size="picture")

    assert [label.text for label in bar.labels] == ["€0", "€180k"]


@given(st.lists(amounts, max_size=12))
def test_zero_and_every_value_lie_inside_the_axis(values):
    axis = marks.axis_for(values, currency="EUR")

    assert axis.low < 0 < axis.high
    assert all(axis.low <= value <= axis.high for value in values)
    assert money(0, "EUR") in [tick.text for tick in axis.ticks]


@given(st.lists(amounts, min_size=1, max_size=12))
def test_an_axis_has_few_numbers_in_order(values):
    ticks = marks.axis_for(values, currency="EUR").ticks
    shares = [share(tick.x) for tick in ticks]

    assert 2 <= len(ticks) <= 8
    assert shares == sorted(shares)


def test_home_shows_the_levels_of_the_reference():
    axis = marks.axis_for([-120e3, 740e3], currency="EUR")

    assert [tick.text for tick in axis.ticks] == ["€0", "€200k", "€400k", "€600k"]


def test_a_note_at_zero_keeps_its_neighbours_away():
    axis = marks.axis_for([-320e3, 100e3], currency="EUR", zero_note=", do nothing")

    assert [tick.text for tick in axis.ticks] == [
        "−€300k",
        "−€200k",
        "€0, do nothing",
    ]


@pytest.mark.parametrize(
    ("span", "parts", "step"),
    [(280e3, 10, 40e3), (9, 10, 1), (11, 10, 2), (0.35, 5, 0.1), (100, 10, 10)],
)
def test_steps_are_numbers_people_count_in(span, parts, step):
    assert marks.nice_step(span, parts=parts) == pytest.approx(step)


@pytest.mark.parametrize("tiny", [0.0, 5e-324, -1e-300])
def test_amounts_too_small_to_draw_are_drawn_as_nothing(tiny):
    assert marks.dot_plot([tiny], currency="EUR").dots
    assert marks.axis_for([tiny], currency="EUR").ticks


@pytest.mark.parametrize("span", [0, -1, math.inf, math.nan, 5e-324])
def test_a_scale_without_a_span_is_refused(span):
    with pytest.raises(ValueError, match="positive span"):
        marks.nice_step(span, parts=5)


def test_score_stands_against_what_was_agreed():
    bar = marks.score_bar(78, 90)

    assert (bar.value, bar.agreed) == ("78%", "90%")


def test_a_figure_stands_against_the_marks_of_its_bands():
    assert spans.band_bar(0.2, (0.1, 0.25)) == spans.BandBar("40%", ("20%", "50%"))
    assert spans.band_bar(3.0, (0.1, 0.25)).value == "100%"


def test_a_score_is_never_rounded_up_to_perfect():
    assert marks.score_bar(99.97).value_text == "99"
    assert marks.score_bar(100).value_text == "100"


@pytest.mark.parametrize(("value", "agreed"), [(101, None), (-1, None), (50, 120)])
def test_a_score_outside_its_scale_is_refused(value, agreed):
    with pytest.raises(ValueError, match="between 0 and 100"):
        marks.score_bar(value, agreed)


def test_a_missing_value_breaks_the_sparkline():
    line = marks.sparkline([0, 10, None, 5, math.nan])

    assert line.pieces == ("0,22 25,2", "75,12 87.5,12")


def test_a_sparkline_of_nothing_is_empty():
    assert marks.sparkline([]).pieces == ()
    assert marks.sparkline([None]).pieces == ()


def test_scatter_draws_losses_as_rings_below_the_line_at_zero():
    picture = marks.scatter(
        [marks.Point(0.3, 40e3, "a"), marks.Point(0.5, -20e3, "b", note="worst")],
        currency="EUR",
        x_title="F1",
        top_note=" a year",
    )
    zero = next(line for line in picture.lines if line.line == "c-zero")
    gain, loss = picture.dots

    assert (gain.ink, loss.ink) == ("c-gain", "c-loss")
    assert float(gain.y) < float(zero.y) < float(loss.y)
    assert picture.lines[-1].text == "€40k a year"
    # Near the right edge the words stand left of their dot.
    assert picture.notes[0].anchor == "end"


def test_a_scatter_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one point"):
        marks.scatter([], currency="EUR", x_title="F1")


def share(length: str) -> float:
    assert length.endswith("%")
    return float(length[:-1])
