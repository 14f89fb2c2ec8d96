"""Holidays, days with their own hours, and closures: right to the minute, over both changes of the clocks too."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import accumulate
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.practice.hours import Hours, Span, Spans, Stretch, parse_spans, parse_week

MINUTE = timedelta(minutes=1)
# A zone, and dates about which its clocks change; the last zone's never do.
CHANGES = [
    ("America/Los_Angeles", date(2026, 3, 8)),
    ("America/Los_Angeles", date(2026, 11, 1)),
    ("Europe/London", date(2026, 3, 29)),
    ("Europe/London", date(2026, 10, 25)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),  # half an hour
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("America/Santiago", date(2026, 9, 6)),  # midnight itself is skipped
    ("America/Santiago", date(2026, 4, 5)),  # the last hour of a date comes twice
    ("Asia/Kolkata", date(2026, 3, 29)),
]


@cache
def walk(zone: ZoneInfo, day: date) -> list[tuple[datetime, datetime]]:
    """Return each minute from two days before to three days after, with what a clock on the wall shows.

    The clock is never turned back: it stands still while others show an hour again.
    """
    first = datetime.combine(day, time(), tzinfo=UTC) - timedelta(days=2)
    minutes = [first + number * MINUTE for number in range(5 * 24 * 60)]
    return list(
        zip(minutes, accumulate((one.astimezone(zone).replace(tzinfo=None) for one in minutes), max), strict=True)
    )


class Oracle:
    """Looks at the clock every minute: a span that has ended does not begin anew when an hour is shown again."""

    def __init__(self, hours: Hours, day: date) -> None:
        """Note of each minute whether the clinic is open."""
        self.minutes = [minute for minute, _ in walk(hours.zone, day)]
        self.open: dict[datetime, bool] = {}
        for minute, clock in walk(hours.zone, day):
            spans = hours.days.get(clock.date(), hours.week[clock.weekday()])
            inside = any(one.start <= clock.time() and (one.end is None or clock.time() < one.end) for one in spans)
            self.open[minute] = inside and not any(one.begins <= minute < one.ends for one in hours.closures)

    def changes(self) -> list[tuple[datetime, bool]]:
        """Return the minutes at which open and closed change, with what it is from then on."""
        return [(one, self.open[one]) for one in self.minutes[1:] if self.open[one] != self.open[one - MINUTE]]


@st.composite
def day_spans(draw: st.DrawFn) -> Spans:
    """Draw up to three spans of a day, often about the hours at which clocks change."""
    minute = st.one_of(st.integers(0, 4 * 60), st.integers(0, 24 * 60 - 1), st.just(24 * 60))
    edges = sorted(draw(st.lists(minute, min_size=0, max_size=6, unique=True)))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return tuple(Span(time(*divmod(a, 60)), time(*divmod(b, 60)) if b < 24 * 60 else None) for a, b in pairs)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(CHANGES),
    day_spans(),
    day_spans(),
    st.lists(st.tuples(st.integers(-600, 2000), st.integers(1, 900)), max_size=3),
)
def test_every_minute_is_as_a_clock_on_the_wall_has_it(
    change: tuple[str, date], usual: Spans, special: Spans, closed: list[tuple[int, int]]
) -> None:
    zone, day = change
    midnight = datetime.combine(day, time(), tzinfo=UTC)
    closures = sorted(
        Stretch(midnight + begins * MINUTE, midnight + (begins + length) * MINUTE) for begins, length in closed
    )
    hours = Hours((usual,) * 7, ZoneInfo(zone), days={day: special}, closures=tuple(closures))
    oracle = Oracle(hours, day)
    changes = oracle.changes()
    around = {one + step for one, _ in changes for step in (-MINUTE, timedelta(), MINUTE)}
    for minute in sorted(around.union(oracle.minutes[60:-60:97]) & oracle.open.keys()):
        assert hours.is_open(minute) is oracle.open[minute], minute
        opening = next((one for one, opens in changes if opens and one > minute), None)
        ends = next((one for one, opens in changes if not opens and one > minute), None)
        if opening:
            assert _utc(hours.next_opening(minute)) == opening, minute
        if ends:
            assert _utc(hours.closes(minute)) == (ends if oracle.open[minute] else None), minute


def _utc(moment: datetime | None) -> datetime | None:
    # Moments that a clock shows twice never equal those of another zone.
    return moment.astimezone(UTC) if moment else None


@pytest.mark.parametrize(
    ("zone", "spans", "day", "begins", "ends"),
    [
        # Skipped: from two to three.
        ("America/Los_Angeles", "02:30-05:00", "2026-03-08", "2026-03-08T10:00", "2026-03-08T12:00"),
        ("America/Los_Angeles", "01:00-02:30", "2026-03-08", "2026-03-08T09:00", "2026-03-08T10:00"),
        # Shown twice: from one to two.
        ("America/Los_Angeles", "01:00-01:30", "2026-11-01", "2026-11-01T08:00", "2026-11-01T08:30"),
        ("America/Los_Angeles", "01:00-02:00", "2026-11-01", "2026-11-01T08:00", "2026-11-01T10:00"),
        ("Europe/London", "01:30-09:00", "2026-03-29", "2026-03-29T01:00", "2026-03-29T08:00"),
        ("Europe/London", "01:30-09:00", "2026-10-25", "2026-10-25T00:30", "2026-10-25T09:00"),
        # Half an hour: skipped from two to half past, shown twice from half past one to two.
        ("Australia/Lord_Howe", "02:15-09:00", "2026-10-04", "2026-10-03T15:30", "2026-10-03T22:00"),
        ("Australia/Lord_Howe", "01:45-09:00", "2026-04-05", "2026-04-04T14:45", "2026-04-04T22:30"),
        ("Asia/Kolkata", "02:30-05:00", "2026-03-29", "2026-03-28T21:00", "2026-03-28T23:30"),
    ],
)
def test_a_span_over_a_change_of_the_clocks(zone: str, spans: str, day: str, begins: str, ends: str) -> None:
    hours = Hours((parse_spans(spans),) * 7, ZoneInfo(zone))
    expected = Stretch(*(datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (begins, ends)))
    assert hours.openings(date.fromisoformat(day)) == (expected,)


def test_a_span_that_lies_in_the_skipped_hour_does_not_happen() -> None:
    hours = Hours((parse_spans("02:10-02:50"),) * 7, ZoneInfo("America/Los_Angeles"))
    assert hours.openings(date(2026, 3, 8)) == ()


WEEKDAYS = parse_week("mon-fri 09:00-17:00")
LONDON = ZoneInfo("Europe/London")


def test_a_holiday_is_closed_unless_the_day_says_otherwise() -> None:
    day = date(2026, 12, 25)
    noon = datetime(2026, 12, 25, 12, tzinfo=LONDON)
    holidays = {day: "Christmas Day"}
    hours = Hours(WEEKDAYS, LONDON, holidays=lambda one: holidays.get(one, ""))
    assert not hours.is_open(noon)
    assert hours.next_opening(noon) == datetime(2026, 12, 28, 9, tzinfo=LONDON)
    hours = Hours(WEEKDAYS, LONDON, days={day: parse_spans("11:00-13:00")}, holidays=hours.holidays)
    assert hours.is_open(noon)
    assert hours.closes(noon) == datetime(2026, 12, 25, 13, tzinfo=LONDON)


def test_a_long_closure_is_looked_beyond_and_endless_ones_are_not() -> None:
    at = datetime(2026, 6, 1, 12, tzinfo=UTC)
    hours = Hours(WEEKDAYS, LONDON, closures=(Stretch(at - MINUTE, at + timedelta(days=100)),))
    assert hours.next_opening(at) == at + timedelta(days=100)
    hours = Hours(WEEKDAYS, LONDON, closures=(Stretch(at - MINUTE, at + timedelta(days=400)),))
    assert hours.next_opening(at) is None


def test_open_over_midnight_and_day_and_night() -> None:
    friday = datetime(2026, 6, 5, 23, tzinfo=LONDON)
    late = Hours(parse_week("fri 20:00-24:00; sat 00:00-02:00"), LONDON)
    assert late.closes(friday) == datetime(2026, 6, 6, 2, tzinfo=LONDON)
    assert late.next_opening(friday) == datetime(2026, 6, 12, 20, tzinfo=LONDON)
    always = Hours(parse_week("mon-sun 00:00-24:00"), LONDON)
    assert always.closes(friday) is None
    assert always.next_opening(friday) is None
    assert always.is_open(friday)


def test_a_day_without_spans_reads_as_none_and_nonsense_is_refused() -> None:
    assert parse_spans(" ") == ()
    assert parse_spans("13:00-14:00, 10:00-12:00")[0].start == time(10)
    for text in ("10-14", "10:00", "14:00-10:00", "10:00-12:00,", "10:00-12:00, 11:00-13:00"):
        with pytest.raises(ValueError, match="must"):
            parse_spans(text)
