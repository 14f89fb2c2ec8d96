"""The clinic's facts in the console: typed, looked at as a difference, saved once, and heard by visitors."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from clinic.accounts.models import User
from clinic.audit.models import Entry
from clinic.conversations import responses
from clinic.practice import facts
from clinic.practice.hours import written_spans
from clinic.practice.models import Practice
from clinic.staff.practice_form import PracticeForm

PAGE = "/staff/settings/"
NASTY = "<script>alert('x')</script>"


@pytest.fixture
def manage(client: Client, manager: User) -> Client:
    """The browser of somebody who may edit the clinic's facts."""
    client.force_login(manager)
    return client


def typed(**changes: Any) -> dict[str, Any]:
    """Return what the untouched form sends, with changes."""
    form = PracticeForm.of(Practice.seeded())
    return {name: value for name, value in form.initial.items() if value is not None} | changes


def send(client: Client, do: str, **changes: Any) -> Any:
    """Send the form with a button."""
    return client.post(PAGE, typed(**changes) | {"do": do})


def hidden(page: str) -> dict[str, str]:
    """Return the hidden fields of the page that shows the differences."""
    found = re.findall(r'<input type="hidden" name="(\w+)"(?: value="([^"]*)")?', page)
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


def test_the_form_shows_what_counts(manage: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.ENV, "CLINIC_PHONE", "555-0142")
    monkeypatch.setitem(settings.ENV, "CLINIC_HOURS", "mon-thu 09:00-12:00,13:00-17:00; sat 10:00-24:00")
    page = manage.get(PAGE).content.decode()
    for shown in ('value="555-0142"', 'value="09:00-12:00, 13:00-17:00"', 'value="10:00-24:00"', 'value="911"'):
        assert shown in page


def test_a_change_is_looked_at_before_it_is_saved(manage: Client) -> None:
    page = send(manage, "check", price_line="From $12 a unit.", hours_sat="10:00-14:00").content.decode()
    assert "<del>nothing</del>" in page
    assert "<ins>From $12 a unit.</ins>" in page
    assert "<ins>Monday to Friday 9:00 am to 5:00 pm; Saturday 10:00 am to 2:00 pm</ins>" in page
    assert "E-mail for visitors" not in page.partition("</table>")[0]
    assert Practice.seeded().price_line == ""


def test_what_was_looked_at_is_saved(manage: Client, manager: User) -> None:
    page = send(manage, "check", phone="555-0199", hours_sun="closed", hours_mon="9:00-12:00").content.decode()
    answer = manage.post(PAGE, hidden(page) | {"do": "save"}, follow=True)
    assert "Saved: Phone for visitors, Opening hours of the week." in answer.content.decode()
    practice = Practice.objects.get()
    assert (practice.phone, practice.hours) == ("555-0199", "mon 09:00-12:00; tue-fri 09:00-17:00")
    assert practice.version == 1
    assert practice.edited_at is not None
    entry = Entry.objects.get(action="practice.edited")
    assert entry.actor == manager.username
    assert entry.details == {
        "changes": {"phone": ["", "555-0199"], "hours": ["mon-fri 09:00-17:00", "mon 09:00-12:00; tue-fri 09:00-17:00"]}
    }


def test_one_goes_on_editing_with_everything_that_was_typed(manage: Client) -> None:
    page = send(manage, "check", parking="Behind the house").content.decode()
    again = manage.post(PAGE, hidden(page) | {"do": "edit"}).content.decode()
    assert 'value="Behind the house"' in again
    assert Practice.seeded().parking == ""


def test_nothing_new_is_nothing_to_save(manage: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    # The same week in other words.
    monkeypatch.setitem(settings.ENV, "CLINIC_HOURS", "mon,tue,wed,thu,fri 9:00-17:00")
    assert b"Nothing is different" in send(manage, "check").content
    assert Practice.seeded().hours == "mon,tue,wed,thu,fri 9:00-17:00"
    send(manage, "save")
    assert (Practice.seeded().version, Entry.objects.filter(action="practice.edited").count()) == (0, 0)


def test_visitors_hear_a_change_without_a_restart(manage: Client) -> None:
    def said() -> str:
        return responses.renderer().render("utter_turn_failed", timezone.now()).text

    assert said() == "That went wrong. Call 911 in an emergency."
    send(manage, "save", phone="555-0177")
    assert said() == "That went wrong. Call 555-0177, or 911 in an emergency."


def test_another_process_hears_a_change_within_five_seconds(manage: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(facts.clock, "monotonic", lambda: clock[0])
    assert facts.values(timezone.now())["parking"] == ""
    # Another process writes: this one is not told.
    monkeypatch.setattr(facts, "forget", lambda: None)
    send(manage, "save", parking="Behind the house")
    assert facts.values(timezone.now())["parking"] == ""
    clock[0] += 5.1
    assert facts.values(timezone.now())["parking"] == "Behind the house"


def test_from_the_first_edit_on_the_settings_count_no_more(manage: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    send(manage, "save", parking="Behind the house")
    monkeypatch.setitem(settings.ENV, "CLINIC_PARKING", "In the street")
    assert Practice.seeded().parking == "Behind the house"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "This must not be empty."),
        ("emergency_number", " ", "This must not be empty."),
        ("crisis_line", "", "This must not be empty."),
        ("emergency_number", "ask us", "This must hold a phone number."),
        ("phone", "on request", "This must hold a phone number."),
        ("email", "desk at clinic", "This must be an e-mail address such as desk@clinic.example."),
        ("time_zone", "Mars/Olympus", "This must be a time zone name such as America/Los_Angeles."),
        ("holidays", "US-XX", "This names a region that is not known"),
        ("booking_url", "javascript:alert(1)", "This must be an address that begins with http:// or https://."),
        ("price_line", "from {price}", "This must not hold { or }"),
        ("parking", "behind\nthe house", "This must be a single line of text."),
        ("address", "x" * 301, "This must not be longer than 300 characters."),
        ("hours_wed", "9-5", "Wednesday must look like"),
        ("hours_wed", "09:00-12:00, 11:00-13:00", "Wednesday must not have spans that overlap."),
        ("unclaimed_minutes", "0", "This must be a whole number from 1 to 240."),
        ("forgotten_minutes", "soon", "This must be a whole number from 1 to 240."),
    ],
)
@pytest.mark.parametrize("do", ["check", "save"])
def test_what_cannot_be_used_gets_a_sentence_and_nothing_is_lost(
    manage: Client, field: str, value: str, sentence: str, do: str
) -> None:
    answer = send(manage, do, **{"practitioners": "Keep me", field: value})
    assert 'value="Keep me"' in answer.content.decode()
    page = answer.content.decode().replace("&lt;", "<").replace("&#x27;", "'")
    assert answer.status_code == 400
    assert sentence in page
    assert 'aria-invalid="true"' in page
    assert Practice.seeded().version == 0


@pytest.mark.parametrize(("adapter", "field"), [("link", "booking_url"), ("ics", "email")])
def test_the_way_to_take_bookings_needs_its_fact(
    manage: Client, monkeypatch: pytest.MonkeyPatch, adapter: str, field: str
) -> None:
    monkeypatch.setitem(settings.ENV, "BOOKING_ADAPTER", adapter)
    answer = send(manage, "save", **{"booking_url": "https://book.example", "email": "desk@clinic.example", field: ""})
    assert answer.status_code == 400
    assert b"This must not be empty." in answer.content


def test_the_second_of_two_people_is_told(manage: Client) -> None:
    first, second = typed(phone="555-0101"), typed(parking="Behind the house")
    manage.post(PAGE, first | {"do": "save"})
    answer = manage.post(PAGE, second | {"do": "save"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Somebody else has saved" in page
    # What the first has saved would be taken back: the second one sees it.
    assert "<del>555-0101</del>" in page
    assert "<ins>Behind the house</ins>" in page
    practice = Practice.objects.get()
    assert (practice.phone, practice.parking, practice.version) == ("555-0101", "", 1)
    manage.post(PAGE, hidden(page) | {"do": "save"})
    practice = Practice.objects.get()
    assert (practice.phone, practice.parking, practice.version) == ("", "Behind the house", 2)


def test_the_second_is_told_before_saving_too(manage: Client) -> None:
    second = typed(parking="Behind the house")
    send(manage, "save", phone="555-0101")
    assert b"Somebody else has saved" in manage.post(PAGE, second | {"do": "check"}).content


def test_answers_are_shown_as_they_will_read(manage: Client) -> None:
    page = send(manage, "check", phone="555-0155").content.decode()
    assert "Call 555-0155, or 911 in an emergency." in page
    assert "Call 911 in an emergency." in page


def test_what_is_typed_is_text(manage: Client) -> None:
    page = send(manage, "check", parking=NASTY, name=NASTY).content.decode()
    assert "<script>alert" not in page
    send(manage, "save", parking=NASTY, name=NASTY)
    for address in (PAGE, f"{PAGE}history/"):
        assert "<script>alert" not in manage.get(address).content.decode()


def test_the_history_says_who_changed_what(manage: Client) -> None:
    assert b"Nobody has changed anything" in manage.get(f"{PAGE}history/").content
    send(manage, "save", phone="555-0101")
    manage.post(f"{PAGE}bot/", {"do": "off", "reason": "We check the texts."})
    page = manage.get(f"{PAGE}history/").content.decode()
    assert "casey" in page
    assert "<ins>555-0101</ins>" in page
    assert "<ins>off: We check the texts.</ins>" in page
    assert page.index("off: We check") < page.index("555-0101")


def test_the_history_names_replies_and_rules_too(manage: Client) -> None:
    manage.post(f"{PAGE}replies/add/", {"version": 0, "title": "Hi", "text": "Hi there.", "is_active": "on"})
    manage.post(f"{PAGE}alerts/add/", {"name": "Desk", "kinds": ["booking", "emergency"], "is_active": "on"})
    page = manage.get(f"{PAGE}history/").content.decode()
    assert "Canned reply “Hi”" in page
    assert "<ins>Hi there.</ins>" in page
    assert "Alert rule “Desk”" in page
    assert "<ins>booking, emergency</ins>" in page


@pytest.mark.parametrize("address", [PAGE, f"{PAGE}history/"])
def test_the_front_desk_may_not_edit(staff: Client, address: str) -> None:
    assert staff.get(address).status_code == 403
    assert staff.post(address, {"do": "save"}).status_code == 403


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("9am to 5 pm", "09:00-17:00"),
        ("9 - 12, 13:30 – 17", "09:00-12:00, 13:30-17:00"),
        ("8:30 a.m.-12 p.m.", "08:30-12:00"),
        ("12am-24", "00:00-24:00"),
        ("Closed", ""),
    ],
)
def test_hours_are_typed_as_people_type_them(manage: Client, text: str, kept: str) -> None:
    send(manage, "save", hours_sun=text)
    assert written_spans(facts.snapshot().hours.week[6]) == kept


@pytest.mark.parametrize("text", ["9-5", "14pm-15pm", "0am-9am", "nine to five", "9 to", "-"])
def test_hours_that_may_mean_two_things_are_refused(manage: Client, text: str) -> None:
    assert send(manage, "save", hours_sun=text).status_code == 400


def test_a_form_that_lacks_its_version_saves_nothing(manage: Client) -> None:
    values = typed(phone="555-0101")
    del values["version"]
    assert manage.post(PAGE, values | {"do": "save"}).status_code == 400
    assert Practice.seeded().phone == ""


class TestSwitch:
    """Bot off: contact form only."""

    def test_switching_off_and_on_is_kept_and_audited(self, manage: Client, manager: User) -> None:
        page = manage.post(f"{PAGE}bot/", {"do": "off", "reason": "The texts are checked."}, follow=True)
        assert b"The bot is off" in page.content
        practice = Practice.objects.get()
        assert (practice.is_bot_off, practice.bot_off_reason) == (True, "The texts are checked.")
        assert practice.bot_off_by == manager
        assert practice.edited_at is None
        page = manage.post(f"{PAGE}bot/", {"do": "on"}, follow=True)
        assert b"The bot is on" in page.content
        practice.refresh_from_db()
        assert (practice.is_bot_off, practice.bot_off_reason, practice.bot_off_by) == (False, "", None)
        details = Entry.objects.filter(action="practice.bot_switched").order_by("number").values_list("details")
        assert [one["off"] for (one,) in details] == [True, False]

    @pytest.mark.parametrize("reason", ["", "  ", "x" * 201, "two\nlines"])
    def test_switching_off_needs_a_reason(self, manage: Client, reason: str) -> None:
        assert manage.post(f"{PAGE}bot/", {"do": "off", "reason": reason}).status_code == 400
        assert not Practice.seeded().is_bot_off

    def test_of_two_people_one_switches(self, manage: Client) -> None:
        manage.post(f"{PAGE}bot/", {"do": "off", "reason": "First."})
        page = manage.post(f"{PAGE}bot/", {"do": "off", "reason": "Second."}, follow=True).content
        assert b"Somebody else had switched it off already" in page
        assert Practice.objects.get().bot_off_reason == "First."

    def test_a_clinician_may_and_the_front_desk_may_not(self, client: Client, clinician: User, member: User) -> None:
        client.force_login(clinician)
        assert client.get(f"{PAGE}bot/").status_code == 200
        client.force_login(member)
        assert client.post(f"{PAGE}bot/", {"do": "off", "reason": "x"}).status_code == 403
        assert not Practice.seeded().is_bot_off

    def test_a_reason_is_text(self, manage: Client) -> None:
        manage.post(f"{PAGE}bot/", {"do": "off", "reason": NASTY})
        assert b"<script>alert" not in manage.get(f"{PAGE}bot/").content
