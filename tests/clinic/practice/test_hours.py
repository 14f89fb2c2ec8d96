"""Opening hours: spans, the next opening, and both changes of the clocks."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.practice import facts
from clinic.practice.hours import Hours, parse_week

ZONE = "America/Los_Angeles"
HOURS = Hours.parse("mon-fri 09:00-12:00,13:00-17:00; sat 10:00-14:00", ZONE)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE))


@pytest.mark.parametrize(
    ("moment", "is_open", "opening"),
    [
        ("2026-11-20T08:59", False, "2026-11-20T09:00"),
        ("2026-11-20T09:00", True, "2026-11-20T13:00"),
        ("2026-11-20T12:00", False, "2026-11-20T13:00"),
        ("2026-11-20T16:59", True, "2026-11-21T10:00"),
        ("2026-11-20T17:00", False, "2026-11-21T10:00"),
        ("2026-11-21T14:00", False, "2026-11-23T09:00"),
        ("2026-11-22T12:00", False, "2026-11-23T09:00"),
    ],
)
def test_open_and_next_opening(moment: str, is_open: bool, opening: str) -> None:
    assert HOURS.is_open(at(moment)) is is_open
    assert HOURS.next_opening(at(moment)) == at(opening)


def test_hours_keep_their_wall_clock_over_a_change_of_the_clocks() -> None:
    before = at("2026-10-31T15:00")
    opening = HOURS.next_opening(before)
    assert opening is not None
    assert opening.astimezone(UTC) == datetime(2026, 11, 2, 17, tzinfo=UTC)


def test_a_start_in_the_hour_that_spring_skips_becomes_a_time_that_exists() -> None:
    hours = Hours.parse("sun 02:30-05:00", ZONE)
    opening = hours.next_opening(at("2026-03-08T00:00"))
    assert opening is not None
    assert opening.isoformat() == "2026-03-08T03:00:00-07:00"
    assert hours.is_open(opening)


def test_a_week_without_spans_never_opens() -> None:
    hours = Hours.parse("", ZONE)
    assert hours.next_opening(at("2026-11-20T12:00")) is None
    assert not hours.is_open(at("2026-11-20T12:00"))


@given(st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2035, 1, 1)))  # noqa: DTZ001
def test_the_next_opening_is_later_and_open(naive: datetime) -> None:
    moment = naive.replace(tzinfo=UTC)
    opening = HOURS.next_opening(moment)
    assert opening is not None
    assert opening > moment
    assert HOURS.is_open(opening)


@pytest.mark.parametrize("text", ["mon", "xyz 09:00-10:00", "mon 9-10", "mon 10:00-09:00", "mon 09:00-25:00"])
def test_what_is_no_week_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must"):
        parse_week(text)


def test_a_week_reads_well() -> None:
    assert facts.week_text(HOURS.week) == (
        "Monday to Friday 9:00 am to 12:00 pm and 1:00 pm to 5:00 pm; Saturday 10:00 am to 2:00 pm"
    )
    assert facts.week_text(parse_week("fri-mon 00:00-24:00")) == (
        "Monday 12:00 am to midnight; Friday to Sunday 12:00 am to midnight"
    )
