"""The page of the opening hours: what it shows, who may change it, and what a slip says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from clinic.accounts.models import User
from clinic.accounts.roles import Role
from clinic.practice import facts
from clinic.practice.models import Closure, DayException

ZONE = ZoneInfo("America/Los_Angeles")
NOW = datetime(2026, 11, 20, 12, tzinfo=ZONE)
THANKSGIVING = date(2026, 11, 26)
PAGE = "/staff/hours/"
DECIDE, ADD_DAY, ADD_CLOSURE = f"{PAGE}holiday/", f"{PAGE}day/", f"{PAGE}closure/"


@pytest.fixture(autouse=True)
def _november(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A Friday before Thanksgiving in a clinic that keeps the country's holidays."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    monkeypatch.setitem(settings.ENV, "CLINIC_HOLIDAYS", "US")
    facts.forget()
    yield
    facts.forget()


@pytest.fixture
def administrator(client: Client, member: User) -> Client:
    """The browser of somebody who may change the hours."""
    member.role = Role.MANAGER
    member.save()
    client.force_login(member)
    return client


def noon(day: int) -> datetime:
    return datetime(2026, 11, day, 12, tzinfo=ZONE)


def decide(browser: Client, choice: str, spans: str = "") -> int:
    form = {"form": "holiday-2026-11-26", "date": "2026-11-26", "choice": choice, "spans": spans}
    return browser.post(DECIDE, form).status_code


def test_the_page_shows_week_and_holidays_to_all_staff(staff: Client) -> None:
    page = staff.get(PAGE).content.decode()
    assert "Changing them takes an account with that permission." in page
    assert "9:00 am to 5:00 pm" in page
    assert "Thursday, November 26, 2026" in page
    assert "Thanksgiving Day" in page
    assert "Monday, September 6, 2027" in page
    assert 'method="post" action="/staff/hours/' not in page


def test_it_says_so_when_no_holidays_are_set(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.ENV, "CLINIC_HOLIDAYS", "")
    assert "No public holidays are set." in staff.get(PAGE).content.decode()


def test_each_choice_counts_at_once(administrator: Client) -> None:
    assert not facts.snapshot().hours.is_open(noon(26))
    assert decide(administrator, "usual") == 302
    assert facts.snapshot().hours.is_open(noon(26))
    assert decide(administrator, "other", "10:00-11:30") == 302
    assert not facts.snapshot().hours.is_open(noon(26))
    assert facts.snapshot().hours.is_open(noon(26).replace(hour=11))
    assert "open 10:00-11:30." in administrator.get(PAGE).content.decode()
    assert decide(administrator, "closed") == 302
    assert not DayException.objects.exists()
    assert not facts.snapshot().hours.is_open(noon(26).replace(hour=11))


def test_a_special_opening_is_added_and_removed(administrator: Client) -> None:
    form = {"form": "day", "date": "2026-11-22", "spans": "10:00-14:00", "note": "open house"}
    assert administrator.post(ADD_DAY, form).status_code == 302
    assert facts.snapshot().hours.is_open(noon(22))
    page = administrator.get(PAGE).content.decode()
    assert "open house" in page
    assert administrator.post(f"{PAGE}day/remove/", {"date": "2026-11-22"}).status_code == 302
    assert not facts.snapshot().hours.is_open(noon(22))


def test_a_closure_is_added_once_and_removed(administrator: Client) -> None:
    form = {"form": "closure", "first": "2026-11-23", "last": "2026-11-24", "note": "<b>painting</b>"}
    for _ in range(2):
        assert administrator.post(ADD_CLOSURE, form).status_code == 302
    closure = Closure.objects.get()
    assert closure.ends_at == datetime(2026, 11, 25, tzinfo=ZONE)
    assert not facts.snapshot().hours.is_open(noon(24))
    page = administrator.get(PAGE).content.decode()
    assert "Monday, November 23, 2026 to Tuesday, November 24, 2026" in page
    assert "&lt;b&gt;painting" in page
    assert administrator.post(f"{PAGE}closure/remove/", {"closure": closure.pk}).status_code == 302
    assert administrator.post(f"{PAGE}closure/remove/", {"closure": closure.pk}).status_code == 302
    assert facts.snapshot().hours.is_open(noon(24))


def test_a_closure_of_hours(administrator: Client) -> None:
    form = {"form": "closure", "first": "2026-11-23", "begins": "11:00", "last": "2026-11-23", "ends": "12:30"}
    administrator.post(ADD_CLOSURE, form)
    hours = facts.snapshot().hours
    assert not hours.is_open(noon(23))
    assert hours.closes(noon(23).replace(hour=10)) == noon(23).replace(hour=11)
    assert hours.next_opening(noon(23)) == noon(23).replace(minute=30)


@pytest.mark.parametrize(
    ("address", "change", "sentence"),
    [
        (DECIDE, {"choice": "other", "spans": "10-14"}, "The hours must look like"),
        (DECIDE, {"choice": "other", "spans": "10:00-12:00, 11:00-13:00"}, "The hours must not have spans that"),
        (DECIDE, {"choice": "other", "spans": ""}, "Please say which hours"),
        (DECIDE, {"choice": "sometimes"}, "Please choose closed"),
        (DECIDE, {"date": "2026-02-30"}, "The day has to be a date such as 2026-11-20."),
        (ADD_DAY, {"date": "2026-11-19"}, "The day has to be today or later"),
        (ADD_DAY, {"date": "9999-12-31"}, "within the next three years"),
        (ADD_DAY, {"note": "x" * 201}, "The note has to be one line"),
        (ADD_CLOSURE, {"first": "2026-12-02", "last": "2026-12-01"}, "The closure has to end after it begins."),
        (ADD_CLOSURE, {"begins": "25:00"}, "The time on the first day has to be a time"),
        (ADD_CLOSURE, {"first": "2026-11-20", "last": "2026-11-20", "ends": "11:00"}, "has to end later than now"),
        (ADD_CLOSURE, {"last": ""}, "The last day has to be a date"),
    ],
)
def test_a_slip_is_told_in_a_sentence_and_nothing_typed_is_lost(
    administrator: Client, address: str, change: dict[str, str], sentence: str
) -> None:
    forms = {
        DECIDE: {"form": "holiday-2026-11-26", "date": "2026-11-26", "choice": "other", "spans": "10:00-14:00"},
        ADD_DAY: {"form": "day", "date": "2026-11-29", "spans": "10:15-14:00", "note": "typed"},
        ADD_CLOSURE: {"form": "closure", "first": "2026-12-01", "last": "2026-12-01", "note": "typed"},
    }
    form = forms[address] | change
    answer = administrator.post(address, form)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert sentence in page
    kept = form.get("spans") or form.get("note", "")
    assert f'value="{kept}"' in page
    assert not DayException.objects.exists()
    assert not Closure.objects.exists()


@pytest.mark.parametrize("address", [DECIDE, ADD_DAY, ADD_CLOSURE, f"{PAGE}day/remove/", f"{PAGE}closure/remove/"])
def test_edits_take_the_permission_a_form_and_its_token(staff: Client, member: User, address: str, db: None) -> None:
    Closure.objects.create(begins_at=noon(23), ends_at=noon(24))
    assert staff.post(address, {"date": "2026-11-26", "choice": "usual", "closure": "1"}).status_code == 403
    member.role = Role.MANAGER
    member.save()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(member)
    assert strict.get(address).status_code == 405
    assert strict.post(address, {"date": "2026-11-26", "choice": "usual"}).status_code == 403
    assert Client().post(address).headers["Location"].startswith("/staff/login/")
    assert Closure.objects.count() == 1
    assert not DayException.objects.exists()


def test_the_home_page_names_the_coming_exceptions(client: Client, administrator: Client) -> None:
    assert "<li>Thursday, November 26: closed (Thanksgiving Day)</li>" in client.get("/").content.decode()
    decide(administrator, "other", "10:00-12:00,13:00-24:00")
    times = "10:00 am to 12:00 pm and 1:00 pm to midnight"
    assert f"<li>Thursday, November 26: {times} (Thanksgiving Day)</li>" in client.get("/").content.decode()
    decide(administrator, "usual")
    assert "Thanksgiving" not in client.get("/").content.decode()


def test_the_page_of_somebody_without_a_login_is_the_login() -> None:
    assert Client().get(PAGE).headers["Location"].startswith("/staff/login/")
    assert timezone.now() == NOW
