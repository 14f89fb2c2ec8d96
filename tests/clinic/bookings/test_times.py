"""Promises and half-days that the opening hours make true."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.bookings.times import confirm_by, half_days
from clinic.practice.hours import Hours, parse_week

ZONE = "America/Los_Angeles"
WEEK = "mon-fri 09:00-12:00,13:00-17:00; sat 10:00-14:00"
HOURS = Hours.parse(WEEK, ZONE)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE))


@pytest.mark.parametrize(
    ("now", "promise"),
    [
        ("2026-11-20T09:00", "2026-11-20T14:00"),  # Over the lunch break.
        ("2026-11-20T09:07", "2026-11-20T14:15"),  # At a full quarter.
        ("2026-11-20T16:00", "2026-11-21T13:00"),  # One hour today, three on Saturday.
        ("2026-11-20T16:58", "2026-11-21T14:00"),  # To the closing.
        ("2026-11-21T15:00", "2026-11-23T14:00"),  # Over the weekend.
        ("2026-10-31T13:00", "2026-11-02T12:00"),  # Over the night when clocks are set back.
    ],
)
def test_the_promise(now: str, promise: str) -> None:
    assert confirm_by(HOURS, at(now)) == at(promise)


def test_the_quarter_never_lies_behind_a_closing() -> None:
    assert confirm_by(Hours.parse("mon 09:00-13:05", ZONE), at("2026-11-23T09:02")) == at("2026-11-23T13:05")


def test_the_promise_leaves_holidays_out() -> None:
    thanksgiving = date(2026, 11, 26)
    hours = Hours(parse_week(WEEK), ZoneInfo(ZONE), holidays=lambda day: "Holiday" if day == thanksgiving else "")
    assert confirm_by(hours, at("2026-11-25T17:30")) == at("2026-11-27T14:00")
    assert [half.label for half in half_days(hours, at("2026-11-25T14:00"), 2)] == [
        "Fri, Nov 27, morning",
        "Fri, Nov 27, afternoon",
    ]


def test_hours_without_an_opening_promise_nothing() -> None:
    hours = Hours.parse("", ZONE)
    assert confirm_by(hours, at("2026-11-20T09:00")) is None
    assert half_days(hours, at("2026-11-20T09:00"), 4) == []


def test_half_days_begin_after_now() -> None:
    labels = [half.label for half in half_days(HOURS, at("2026-11-20T10:00"), 4)]
    assert labels == [
        "Fri, Nov 20, afternoon",
        "Sat, Nov 21, morning",
        "Sat, Nov 21, afternoon",
        "Mon, Nov 23, morning",
    ]
    saturday = half_days(HOURS, at("2026-11-20T18:00"), 2)
    assert [(half.start, half.end) for half in saturday] == [
        (at("2026-11-21T10:00"), at("2026-11-21T12:00")),
        (at("2026-11-21T12:00"), at("2026-11-21T14:00")),
    ]


def test_a_half_day_in_pieces_is_one() -> None:
    hours = Hours.parse("mon 08:00-09:00,10:00-11:30,11:45-12:10,15:00-16:00", ZONE)
    found = half_days(hours, at("2026-11-20T10:00"), 3)
    assert [half.label for half in found] == ["Mon, Nov 23, morning", "Mon, Nov 23, afternoon", "Mon, Nov 30, morning"]
    assert (found[0].start, found[0].end) == (at("2026-11-23T08:00"), at("2026-11-23T12:00"))


@given(st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2028, 1, 1)))  # noqa: DTZ001
def test_promises_and_half_days_are_always_true(naive: datetime) -> None:
    now = naive.replace(tzinfo=UTC)
    promise = confirm_by(HOURS, now)
    assert promise is not None
    assert promise - now >= timedelta(hours=4)
    assert HOURS.is_open(promise - timedelta(seconds=1))
    found = half_days(HOURS, now, 6)
    assert len(found) == 6
    assert len({half.label for half in found}) == 6
    for half in found:
        assert now < half.start < half.end
        assert HOURS.is_open(half.start)
        assert HOURS.is_open(half.end - timedelta(seconds=1))
