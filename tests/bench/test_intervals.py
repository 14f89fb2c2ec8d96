"""Intervals of shares whose rows come in clusters."""

from __future__ import annotations

import pytest

from bench.intervals import mean_interval, share, wilson


def test_wilsons_interval_is_the_textbooks() -> None:
    # 15 of 148: Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
    low, high = wilson(15 / 148, 148)
    assert (round(low, 4), round(high, 4)) == (0.0624, 0.1605)


def test_single_rows_give_wilsons_interval() -> None:
    found = share([(number < 30, number) for number in range(40)])
    low, high = wilson(0.75, 40 / (40 / 39))
    assert (found.hits, found.n, found.clusters) == (30, 40, 40)
    assert (found.low, found.high) == pytest.approx((low, high))


def test_rows_that_agree_within_clusters_count_as_one() -> None:
    alone = share([(number % 4 > 0, number) for number in range(80)])
    together = share([(number // 4 % 4 > 0, number // 4) for number in range(80)])
    assert alone.value == together.value == 0.75
    assert together.clusters == 20
    assert together.high - together.low == pytest.approx(2 * (alone.high - alone.low), rel=0.1)
    assert (together.low, together.high) == pytest.approx(wilson(0.75, 19))


def test_rows_that_differ_within_clusters_are_not_worth_more_than_single_rows() -> None:
    found = share([(number % 2 == 0, number // 2) for number in range(40)])
    assert (found.low, found.high) == pytest.approx(wilson(0.5, 40))


def test_all_right_in_few_clusters_says_less_than_in_many() -> None:
    few = share([(True, number % 5) for number in range(100)])
    many = share([(True, number) for number in range(100)])
    assert few.high == many.high == 1
    assert few.low == pytest.approx(wilson(1, 5)[0])
    assert few.low < many.low < 1


def test_no_rows_have_no_share() -> None:
    found = share([])
    assert found.n == 0
    assert found.value != found.value


def test_the_mean_of_differences_has_its_interval() -> None:
    mean, low, high = mean_interval([0.0, 100.0, 0.0, 0.0])
    assert mean == 25
    assert (low, high) == pytest.approx((25 - 1.96 * 25, 25 + 1.96 * 25), rel=1e-3)
