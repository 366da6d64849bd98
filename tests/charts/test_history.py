"""Lines over versions: what is drawn and what is said."""

from charts.history import Panel, describe_history, history_chart

NUMBERS = (2, 3, 5)
FILLED = Panel("Filled", (99.0, None, 80.0), odd=(2,), most=100)
ROWS = Panel("Rows", (10.0, 11.0, 12.0), odd=(), decimals=0)


def test_each_panel_has_its_line_and_marks_of_its_own():
    chart = history_chart(NUMBERS, [FILLED, ROWS])
    lines = [each for each in chart.data if each.mode == "lines+markers"]
    marks = [each for each in chart.data if each.mode == "markers"]

    assert [each.name for each in lines] == ["Filled", "Rows"]
    assert lines[0].y == (99.0, None, 80.0)
    assert [(each.x, each.y) for each in marks] == [(("5",), (80.0,))]
    assert (lines[0].yaxis, lines[1].yaxis) == ("y", "y2")
    assert chart.layout.yaxis.domain[0] > chart.layout.yaxis2.domain[1]


def test_scale_with_an_end_shows_nothing_beyond_it():
    full = Panel("Full", (100.0, 100.0, 100.0), odd=(), most=100)
    low, high = history_chart(NUMBERS, [full]).layout.yaxis.range

    assert high <= 100.5
    assert low < 98


def test_text_names_what_is_out_of_step():
    assert describe_history(NUMBERS, [ROWS]) == "3 versions, the oldest first."
    assert "Out of step, with an open diamond: Filled at version 5." in (
        describe_history(NUMBERS, [FILLED, ROWS])
    )
