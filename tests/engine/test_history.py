"""What is out of step in a series, by numbers worked out by hand."""

import pytest

from engine.history import Series, formula, robust_z


def test_a_jump_is_as_odd_as_worked_out_by_hand():
    # Changes 1, 2, 1, 3, 20: median 2, distances 1, 0, 1, 1, 18, MAD 1.
    z = robust_z([10, 11, 13, 14, 17, 37], floor=0.1)

    assert z[0] is None
    assert z[1:] == pytest.approx((-0.6745, 0, -0.6745, 0.6745, 18 * 0.6745))
    assert Series.of("rows", [10, 11, 13, 14, 17, 37], floor=0.1).odd == (5,)


def test_four_versions_are_too_few_to_judge():
    assert robust_z([1, 1, 1, 100], floor=1) == (None,) * 4
    assert robust_z([1, 1, None, 1, 100], floor=1) == (None,) * 5


def test_what_never_moved_is_odd_only_beyond_its_floor():
    still = [0.5, 0.5, 0.5, 0.5]
    assert not Series.of("score", [*still, 0.501]).ends_odd
    found = Series.of("score", [*still, 0.4])
    assert found.z[-1] == pytest.approx(-0.1 / 0.005)
    assert found.ends_odd


def test_a_gap_in_the_series_is_bridged():
    z = robust_z([1, 2, None, 4, 5, 6], floor=0.5)

    assert z[2] is None
    assert z[3] == pytest.approx(2.0)  # two at once, over the floor


@pytest.mark.parametrize(("factor", "shift"), [(1, 100), (3, 0), (0.01, -7)])
def test_neither_place_nor_scale_changes_what_is_odd(factor, shift):
    values = [10, 11, 13, 14, 17, 37]
    moved = [factor * each + shift for each in values]

    assert robust_z(moved, floor=0.1 * factor)[1:] == pytest.approx(
        robust_z(values, floor=0.1)[1:]
    )


def test_a_mirrored_series_is_as_odd_the_other_way():
    values = [3, 5, 4, 9, 4, 5]
    mirrored = robust_z([-each for each in values], floor=0.1)

    assert mirrored[1:] == pytest.approx(
        [-(z or 0) for z in robust_z(values, floor=0.1)[1:]]
    )


def test_rows_are_judged_by_their_size():
    few = Series.of_rows("rows", [7000, 7001, 7000, 7002, 7100])
    many = Series.of_rows("rows", [7000, 7001, 7000, 7002, 9000])

    assert few.floor == pytest.approx(0.005 * 7001)
    assert not few.ends_odd
    assert many.ends_odd


def test_a_floor_of_zero_is_refused_and_the_formula_names_its_own():
    with pytest.raises(ValueError, match="above 0"):
        robust_z([1], floor=0)
    assert "0.6745 and 0.005; odd beyond ±3.5. Needs 5 versions" in formula(0.005)
