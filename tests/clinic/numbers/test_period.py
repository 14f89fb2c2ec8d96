"""Which days, and when they begin and end in the clinic's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from clinic.numbers.period import MOST_DAYS, NoPeriod, Period

ZONE = ZoneInfo("America/New_York")
TODAY = date(2026, 11, 21)


def test_without_dates_it_is_the_last_thirty_days() -> None:
    period = Period.read("", "", TODAY, ZONE)
    assert (period.first, period.last) == (date(2026, 10, 23), TODAY)
    assert len(period.days) == 30


def test_a_day_begins_and_ends_on_the_clinics_clock_also_when_that_is_put_back() -> None:
    period = Period.read("2026-11-01", "2026-11-01", TODAY, ZONE)
    assert period.begins == datetime(2026, 11, 1, 4, tzinfo=UTC)
    assert period.ends == datetime(2026, 11, 2, 5, tzinfo=UTC)
    assert period.ends - period.begins == timedelta(hours=25)


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2026-11-22", "2026-11-21", "before"),
        ("yesterday", "", "written like"),
        ("", "2026-02-30", "written like"),
        ("0001-01-01", "0001-01-02", "year"),
        ("2025-11-20", "2026-11-21", str(MOST_DAYS)),
        ("2026-11-01T00:00", "", "written like"),
        ("'; drop table", "", "written like"),
    ],
)
def test_what_is_no_period_is_refused_with_a_sentence(first: str, last: str, said: str) -> None:
    with pytest.raises(NoPeriod, match=said):
        Period.read(first, last, TODAY, ZONE)
