"""Public holidays: which are proposed, what counts for them, and what a wrong region says."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.conf import settings

from clinic import env
from clinic.practice import facts, public_holidays
from clinic.practice.models import Closure, DayException

THANKSGIVING = date(2026, 11, 26)
NOON = datetime(2026, 11, 26, 20, tzinfo=UTC)


@pytest.mark.parametrize("region", ["", "US", "US-CA", "GB-ENG", "AU-NSW"])
def test_a_region_is_accepted(region: str) -> None:
    assert env.read({"CLINIC_HOLIDAYS": region})["CLINIC_HOLIDAYS"] == region


@pytest.mark.parametrize("region", ["XX", "us", "USA", "US-", "US-XX", "GB_ENG", "US-CA-LA", "United States"])
def test_a_wrong_region_is_refused_with_one_sentence(region: str) -> None:
    with pytest.raises(env.SettingError, match=r"^The setting CLINIC_HOLIDAYS [^\n]*\.$"):
        env.read({"CLINIC_HOLIDAYS": region})


def test_names_are_english_and_regions_differ() -> None:
    assert public_holidays.name("US", THANKSGIVING) == "Thanksgiving Day"
    assert public_holidays.name("GB-ENG", THANKSGIVING) == ""
    assert public_holidays.name("", THANKSGIVING) == ""
    assert public_holidays.name("DE-BY", date(2026, 1, 6)) == "Epiphany"
    found = public_holidays.between("GB-ENG", date(2026, 12, 25), date(2027, 1, 1))
    assert [day.isoformat() for day, _ in found] == ["2026-12-25", "2026-12-26", "2026-12-28", "2027-01-01"]


@pytest.fixture
def _holidays(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    monkeypatch.setitem(settings.ENV, "CLINIC_HOLIDAYS", "US")


@pytest.mark.usefixtures("_holidays")
def test_holidays_count_in_any_year_without_anybody_looking() -> None:
    for year in (2026, 2031, 2044):
        assert not facts.snapshot().hours.is_open(datetime(year, 12, 25, 20, tzinfo=UTC))


@pytest.mark.usefixtures("_holidays")
def test_a_decision_outlives_the_name_of_its_holiday(monkeypatch: pytest.MonkeyPatch) -> None:
    DayException.objects.create(date=THANKSGIVING, choice="usual")
    monkeypatch.setattr(public_holidays, "of_year", lambda region, year: {THANKSGIVING: "Turkey Day"})
    assert facts.snapshot().hours.is_open(NOON)
    DayException.objects.all().delete()
    facts.forget()
    assert not facts.snapshot().hours.is_open(NOON)


@pytest.mark.usefixtures("_holidays")
def test_open_as_usual_follows_the_week_when_it_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    DayException.objects.create(date=THANKSGIVING, choice="usual")
    monkeypatch.setitem(settings.ENV, "CLINIC_HOURS", "thu 13:00-14:00")
    assert not facts.snapshot().hours.is_open(NOON)


@pytest.mark.usefixtures("_holidays")
def test_what_visitors_read_is_right_on_a_holiday() -> None:
    found = facts.values(NOON)
    assert found["open_line"] == "closed until Friday, November 27 at 9:00 am"
    assert found["next_opening"] == "Friday, November 27 at 9:00 am"
    assert found["opening_hours"] == (
        "Monday to Friday 9:00 am to 5:00 pm; Thursday, November 26: closed (Thanksgiving Day)"
    )


@pytest.mark.usefixtures("_holidays")
def test_days_in_a_row_are_one_entry_and_notes_stay_with_staff() -> None:
    Closure.objects.create(
        begins_at=datetime(2026, 11, 30, 8, tzinfo=UTC), ends_at=datetime(2026, 12, 2, 22, tzinfo=UTC), note="flu"
    )
    unusual = [str(one) for one in facts.unusual_days(facts.snapshot().hours, NOON, 14)]
    assert unusual == [
        "Thursday, November 26: closed (Thanksgiving Day)",
        "Monday, November 30 to Tuesday, December 1: closed",
        "Wednesday, December 2: 2:00 pm to 5:00 pm",
    ]


@pytest.mark.usefixtures("_holidays")
def test_a_change_of_another_process_counts_within_seconds_and_costs_no_query_a_message(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: object
) -> None:
    now = [1000.0]
    monkeypatch.setattr("clinic.practice.facts.clock.monotonic", lambda: now[0])
    facts.forget()
    assert not facts.snapshot().hours.is_open(NOON)
    DayException.objects.create(date=THANKSGIVING, choice="usual")  # as another process writes it
    with django_assert_num_queries(0):  # type: ignore[operator]
        facts.values(NOON)
    now[0] += facts.KEEP_SECONDS + 0.1
    assert facts.snapshot().hours.is_open(NOON)


def test_day_and_night_reads_well(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    for text, line in {
        "mon-sun 00:00-24:00": "open day and night",
        "thu 00:00-24:00": "open until midnight today",
        "thu 09:00-24:00; fri 00:00-02:00": "open until Friday, November 27 at 2:00 am",
    }.items():
        monkeypatch.setitem(settings.ENV, "CLINIC_HOURS", text)
        facts.forget()
        assert facts.values(NOON)["open_line"] == line
