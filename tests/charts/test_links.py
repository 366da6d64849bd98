"""Where linked metrics stand, and how the lines between them run."""

from hypothesis import given
from hypothesis import strategies as st

from charts.links import PITCH, Node, link_map

RECALL, FPR = Node("recall", 0), Node("fpr", 0)
KEPT, CALLS = Node("kept", 1), Node("calls", 1)
NET = Node("net", 2)


def test_a_line_runs_from_the_right_side_to_the_left_side_with_a_head():
    (line,) = link_map([RECALL, KEPT], [("recall", "kept")]).lines
    assert (line.x1, line.x2, line.has_head) == ("28%", "36%", True)
    assert line.y1 == line.y2 == f"{PITCH / 2:g}"


def test_a_metric_stands_near_what_moves_it():
    drawn = link_map(
        [RECALL, FPR, CALLS, KEPT, NET],
        [("recall", "kept"), ("fpr", "calls"), ("kept", "net"), ("calls", "net")],
    )
    assert drawn.columns == (("recall", "fpr"), ("kept", "calls"), ("net",))
    assert drawn.height == 2 * PITCH


def test_a_link_inside_a_column_bows_out_and_has_one_head():
    lines = link_map([KEPT, CALLS], [("calls", "kept")]).lines
    assert len(lines) == 3
    assert [line.has_head for line in lines] == [False, False, True]
    assert lines[0].x1 == lines[2].x2 == "64%"
    assert lines[0].x2 == lines[2].x1 == "67%"


def test_a_link_inside_the_last_column_bows_to_the_left():
    other = Node("cost", 2)
    lines = link_map([NET, other], [("net", "cost")]).lines
    assert (lines[0].x1, lines[0].x2) == ("72%", "69%")


def test_nothing_to_draw_is_an_empty_picture():
    drawn = link_map([], [])
    assert (drawn.height, drawn.lines) == (0, ())


@given(st.lists(st.integers(0, 2), max_size=12))
def test_every_metric_stands_once_in_its_column(columns):
    nodes = [Node(str(n), column) for n, column in enumerate(columns)]
    edges = [(a.key, b.key) for a in nodes for b in nodes if a.column < b.column]
    drawn = link_map(nodes, edges)
    for node in nodes:
        assert drawn.columns[node.column].count(node.key) == 1
    assert sum(map(len, drawn.columns)) == len(nodes)
