"""The drawings: how high, how long."""

from __future__ import annotations

from clinic.numbers import chart


def test_the_highest_column_is_as_high_as_the_drawing_and_its_parts_stand_on_each_other() -> None:
    drawing = chart.columns([(3, 1, "monday", "/1"), (1, 1, "tuesday", "/2")])
    high, low = drawing.columns
    assert drawing.top == 4
    assert (high.lower_height, high.upper_height) == (chart.HEIGHT * 3 / 4, chart.HEIGHT / 4)
    assert high.upper_y == 0
    assert high.lower_y == high.upper_y + high.upper_height
    assert low.lower_height == low.upper_height == chart.HEIGHT / 4
    assert high.x + high.width < low.x
    assert low.x + low.width < chart.WIDTH


def test_nothing_is_drawn_of_nothing() -> None:
    assert chart.columns([]).columns == []
    [column] = chart.columns([(0, 0, "", "")]).columns
    assert (column.lower_height, column.upper_height) == (0, 0)
    assert chart.bars([]) == []


def test_the_longest_bar_is_whole() -> None:
    assert [bar.share for bar in chart.bars([("a", 8, ""), ("b", 2, ""), ("c", 0, "")])] == [100, 25, 0]
