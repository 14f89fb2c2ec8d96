"""Reading days and times: the table of phrases, its figure, and promises that hold for any text."""

from __future__ import annotations

import re
import time as stopwatch
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.bookings.when import Reading, Status, Window, read
from clinic.practice.hours import Hours, parse_week

GROUPS = yaml.safe_load(Path(__file__).with_name("phrases.yml").read_text(encoding="utf-8"))
CASES = [(group, phrase, expected) for group in GROUPS for phrase, expected in group["rows"]]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ZONE = ZoneInfo("America/Los_Angeles")
HOURS = Hours.parse("mon-fri 09:00-17:00; sat 10:00-14:00", ZONE.key)
WEDNESDAY = datetime(2026, 11, 18, 10, 30, tzinfo=ZONE)


def shown(window: Window) -> str:
    """A window as the table writes it."""
    dates, times = window.dates, window.times
    text = str(dates.first) if dates.first == dates.last else f"{dates.first}..{dates.last or ''}"
    if dates.weekdays and len(dates.weekdays) < 7 and dates.first != dates.last:
        text += " " + ",".join(DAYS[day] for day in sorted(dates.weekdays))
    start, end = (f"{at:%H:%M}" if at else "" for at in (times.start, times.end))
    if start or end:
        text += f" {start}" if start == end else f" {start}-{end}"
    return f"{text} without {','.join(map(str, sorted(dates.without)))}" if dates.without else text


def outcome(reading: Reading) -> Any:
    """A reading as the table writes it."""
    if reading.status == Status.AMBIGUOUS:
        return {"ask": [", ".join(map(shown, choice.windows)) for choice in reading.choices]}
    if reading.status != Status.CLEAR:
        return str(reading.status)
    windows = [shown(window) for window in reading.windows]
    return windows[0] if len(windows) == 1 else windows


def read_row(group: dict[str, Any], phrase: str) -> Reading:
    zone = ZoneInfo(group["zone"])
    closed = {date.fromisoformat(day): () for day in group.get("closed", ())}
    hours = Hours(parse_week(group["hours"]), zone, days=closed)
    now = group["now"] if isinstance(group["now"], datetime) else datetime.fromisoformat(group["now"])
    return read(phrase, now.replace(tzinfo=zone), hours, group.get("region", "US"))


@pytest.mark.parametrize(("group", "phrase", "expected"), CASES, ids=[f"{g['now']} {p}" for g, p, _ in CASES])
def test_phrase(group: dict[str, Any], phrase: str, expected: Any) -> None:
    assert outcome(read_row(group, phrase)) == expected


def test_the_figure_holds_and_the_rest_asks_back() -> None:
    asked = [phrase for _, phrase, expected in CASES if isinstance(expected, dict)]
    right = sum(outcome(read_row(group, phrase)) == expected for group, phrase, expected in CASES)
    assert len(CASES) >= 170
    assert right / len(CASES) >= 0.97
    assert len(asked) / len(CASES) < 0.1


def test_each_phrase_is_read_within_50_milliseconds() -> None:
    read("warm up on 3 de diciembre", WEDNESDAY, HOURS)  # The first month named loads dateparser.
    for group, phrase, _ in CASES:
        spent = []
        for _ in range(3):
            begun = stopwatch.process_time()
            read_row(group, phrase)
            spent.append(stopwatch.process_time() - begun)
        assert min(spent) < 0.05, phrase


def promises(reading: Reading, text: str, now: datetime) -> None:
    windows = [*reading.windows, *(window for choice in reading.choices for window in choice.windows)]
    assert bool(reading.windows) == (reading.status == Status.CLEAR)
    assert (len(reading.choices) >= 2) == (reading.status == Status.AMBIGUOUS)
    for window in windows:
        assert window.begins.utcoffset() is not None
        assert window.begins >= now
        assert window.dates.first >= now.date()
        if window.ends is not None:
            assert window.ends.utcoffset() is not None
            assert window.ends >= window.begins
    for stretch in reading.stretches:
        assert stretch.text == text[stretch.start : stretch.end]
    if reading.status != Status.NOTHING:
        assert reading.text


START = datetime(2024, 1, 1, tzinfo=UTC)
WORDS = sorted({word for _, phrase, _ in CASES for word in re.findall(r"\S+|\s", phrase)})
MOMENTS = st.integers(0, 8 * 366 * 24 * 60).map(lambda minutes: (START + timedelta(minutes=minutes)).astimezone(ZONE))


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=6_000), now=MOMENTS)
def test_any_text_keeps_the_promises(text: str, now: datetime) -> None:
    begun = stopwatch.process_time()
    promises(read(text, now, HOURS), text, now)
    assert stopwatch.process_time() - begun < 1


@settings(max_examples=400, deadline=None)
@given(
    words=st.lists(st.sampled_from(WORDS) | st.integers(0, 99).map(str) | st.sampled_from("-/.,:"), max_size=12),
    now=MOMENTS,
    region=st.sampled_from(("US", "GB", "CA")),
)
def test_any_mixture_of_words_keeps_the_promises(words: list[str], now: datetime, region: str) -> None:
    text = " ".join(words)
    promises(read(text, now, HOURS, region), text, now)


@pytest.mark.parametrize(
    "text",
    [
        "thursday " * 700, "1,2-3:" * 1000, "dec 3 or " * 600, "not " * 1500, "from monday to " * 400, "a" * 6000,
        "9" * 6000, "1 " * 3000, "had " * 1500, "monday or tuesday at 7 or 8 and " * 180,
        "marzo " * 1000,
        "maybe1 " * 800, "(((" * 2000, "12/3 " * 1200,
    ],
)  # fmt: skip
def test_long_texts_are_cut_and_stay_quick(text: str) -> None:
    read("3 december", WEDNESDAY, HOURS)
    begun = stopwatch.process_time()
    promises(read(text, WEDNESDAY, HOURS), text, WEDNESDAY)
    assert stopwatch.process_time() - begun < 1


def test_a_naive_now_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        read("thursday", WEDNESDAY.replace(tzinfo=None), HOURS)


def test_now_of_another_zone_is_read_in_the_clinic_s() -> None:
    # Half past three in the morning of Thursday in Berlin is still Wednesday evening at the clinic.
    berlin = datetime(2026, 11, 19, 3, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    (window,) = read("tomorrow", berlin, HOURS).windows
    assert window.dates.first == date(2026, 11, 19)
    assert window.begins.utcoffset() == timedelta(hours=-8)


def test_today_begins_now() -> None:
    (window,) = read("today", WEDNESDAY, HOURS).windows
    assert window.begins == WEDNESDAY
    assert window.ends == datetime(2026, 11, 19, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("thursday afternoon", "Thursday, November 19, in the afternoon"),
        ("jan 5 at 3", "Tuesday, January 5, 2027, at 3:00 PM"),
        ("mon-wed after 3", "Monday, November 23 to Wednesday, November 25, after 3:00 PM"),
        ("any weekday but monday", "any Tuesday, Wednesday, Thursday or Friday"),
        ("not monday", "any day except Monday"),
        ("weekdays before noon", "any weekday, before noon"),
        ("from monday on", "any day from Monday, November 23 on"),
        ("tomorrow or friday between 2 and 4",
         "Thursday, November 19, between 2:00 PM and 4:00 PM or Friday, November 20, between 2:00 PM and 4:00 PM"),
        ("wednesday", "Wednesday, November 18, or Wednesday, November 25"),
        ("sunday", "Sunday, November 22"),
        ("february 30", "february 30"),
        ("lunchtime friday", "Friday, November 20, at lunchtime"),
        ("not tomorrow", "any day, except Thursday, November 19"),
    ],
)  # fmt: skip
def test_it_is_read_back(phrase: str, text: str) -> None:
    assert read(phrase, WEDNESDAY, HOURS).text == text


def test_it_tells_which_stretch_was_read() -> None:
    text = "Hi, I'm Ana, could it be Thursday afternoon? 916 555 0100. Or friday at 11."
    found = read(text, WEDNESDAY, HOURS).stretches
    assert [stretch.text for stretch in found] == ["Thursday afternoon", "friday at 11"]


def test_what_cannot_be_beside_what_can_is_told() -> None:
    reading = read("saturday or sunday", WEDNESDAY, HOURS)
    assert [shown(window) for window in reading.windows] == ["2026-11-21"]
    assert reading.left_out == ("Sunday, November 22",)


def test_a_meaning_that_is_closed_is_told() -> None:
    hours = Hours(HOURS.week, ZONE, days={date(2026, 11, 26): ()})
    reading = read("next thursday", WEDNESDAY, hours)
    assert [shown(window) for window in reading.windows] == ["2026-11-19"]
    assert reading.left_out == ("Thursday, November 26",)


@pytest.mark.parametrize("phrase", ["thursday", "whenever", "next week after 3", "asap", "tomorrow at 7"])
def test_a_clinic_that_never_opens_has_no_window(phrase: str) -> None:
    reading = read(phrase, WEDNESDAY, Hours.parse("", ZONE.key))
    assert (reading.status, reading.windows, reading.opens) == (Status.CLOSED, (), None)


def test_a_closed_day_comes_with_the_next_opening() -> None:
    reading = read("sunday", WEDNESDAY, HOURS)
    assert reading.status == Status.CLOSED
    assert reading.opens == datetime(2026, 11, 23, 9, tzinfo=ZONE)


def test_soonest_is_told() -> None:
    assert read("asap, friday if possible", WEDNESDAY, HOURS).soonest
    assert not read("friday", WEDNESDAY, HOURS).soonest


def test_only_the_first_thousand_characters_count() -> None:
    assert read("x" * 1_000 + " thursday", WEDNESDAY, HOURS).status == Status.NOTHING


def test_a_closed_hour_up_to_six_is_meant_in_the_afternoon() -> None:
    assert read("tomorrow at 6", WEDNESDAY, HOURS).text == "Thursday, November 19, at 6:00 PM"
