"""The morning: since when, what came in, and the call list."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from clinic.accounts.models import User
from clinic.audit.models import Entry
from clinic.bookings import desk as booking_desk
from clinic.bookings.models import BookingRequest
from clinic.contacts.models import Contact
from clinic.conversations.models import Conversation, Message, Understanding
from clinic.handoffs.models import HandOff
from clinic.practice.hours import Hours
from clinic.queue.night import night
from clinic.staff import morning
from tests.clinic.staff.conftest import START, Talk, hand_over

HOURS = Hours.parse("mon-fri 09:00-12:00,13:00-17:00; sat 10:00-14:00", "America/New_York")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HOURS.zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "since"),
    [
        ("2026-11-20T09:05", "2026-11-19T17:00"),
        ("2026-11-20T08:00", "2026-11-19T17:00"),
        ("2026-11-20T12:30", "2026-11-19T17:00"),
        ("2026-11-20T15:00", "2026-11-19T17:00"),
        ("2026-11-20T17:00", "2026-11-20T17:00"),
        ("2026-11-20T21:00", "2026-11-20T17:00"),
        ("2026-11-22T12:00", "2026-11-21T14:00"),
        ("2026-11-23T09:30", "2026-11-21T14:00"),
        # Clocks are set back on the first of November.
        ("2026-11-02T09:30", "2026-10-31T14:00"),
    ],
)
def test_since_the_clinic_closed(now: str, since: str) -> None:
    assert night(HOURS, at(now)).begins == at(since)
    assert night(HOURS, at(now)).ends == at(now)


def test_a_day_is_from_the_closing_before_it_to_its_own() -> None:
    now = at("2026-11-25T10:00")
    monday = night(HOURS, now, date(2026, 11, 23))
    assert (monday.begins, monday.ends) == (at("2026-11-21T14:00"), at("2026-11-23T17:00"))
    today = night(HOURS, now, date(2026, 11, 25))
    assert (today.begins, today.ends) == (at("2026-11-24T17:00"), now)
    sunday = night(HOURS, now, date(2026, 11, 22))
    assert (sunday.begins, sunday.ends) == (at("2026-11-21T14:00"), at("2026-11-23T00:00"))


def test_a_clinic_that_never_closes_or_never_opens_has_the_last_day() -> None:
    now = at("2026-11-20T09:05")
    for week in ("", "mon-sun 00:00-24:00"):
        window = night(Hours.parse(week, "America/New_York"), now)
        assert timedelta() < window.ends - window.begins <= timedelta(days=1)


def put(conversation: Conversation, **changes: Any) -> Conversation:
    Conversation.objects.filter(pk=conversation.pk).update(**changes)
    return conversation


def came_now(matter: HandOff, **changes: Any) -> HandOff:
    HandOff.objects.filter(pk=matter.pk).update(created_at=timezone.now() - timedelta(seconds=1), **changes)
    return matter


def reach(conversation: Conversation, **values: Any) -> Contact:
    now = timezone.now()
    known = {"name": "Robin Example", "phone": "+15550100", "best_time": "mornings", "consent_at": now}
    return Contact.objects.create(conversation=conversation, updated_at=now, **known | values)


def book(conversation: Conversation, **values: Any) -> BookingRequest:
    now = timezone.now() - timedelta(seconds=1)
    message = Message.objects.filter(conversation=conversation).earliest("seq")
    known: dict[str, Any] = {"name": "Alex Example", "phone": "+15550101", "preferred": "Tuesday"}
    return booking_desk.create(conversation, message, now, known | values)


def main(client: Client, address: str = "/staff/morning/") -> str:
    response = client.get(address)
    assert response.status_code == 200
    page = response.content.decode()
    return page[page.index("<main") : page.index("</main>")]


def test_what_came_in_emergencies_first(staff: Client, talk: Talk) -> None:
    for kind, text in (
        ("staff_other", "a person"),
        ("failed_turn", "unread"),
        ("emergency", "help"),
        ("staff_medical", "a pill"),
    ):
        came_now(hand_over(talk(text), kind))
    old = talk("of last year")
    hand_over(old, "staff_other")
    HandOff.objects.filter(conversation=old).update(created_at=timezone.now() - timedelta(days=300))
    book(talk("an appointment"))
    unknown = put(talk("what of the moon"), last_message_at=timezone.now())
    Message.objects.filter(conversation=unknown).update(created_at=timezone.now() - timedelta(seconds=1))
    Understanding.objects.filter(message__conversation=unknown).update(route="out_of_scope")
    page = main(staff)
    order = ["help", "a pill", "a person", "Alex Example: Tuesday", "unread", "what of the moon"]
    places = [page.rindex(text) for text in order]
    assert places == sorted(places)
    assert "of last year" not in page
    assert 'Not answered by the assistant <span class="count">2</span>' in page
    [entry] = Entry.objects.filter(action="queue.listed")
    assert entry.details == {"page": "morning", "day": "", "calls": 1}


def test_what_is_settled_says_so(staff: Client, talk: Talk) -> None:
    came_now(hand_over(talk("help"), "emergency"), state="resolved")
    assert "settled" in main(staff)


def test_an_empty_morning(staff: Client) -> None:
    page = main(staff)
    assert "Nothing came in for staff" in page
    assert "waits for a call." in page


@pytest.mark.parametrize("day", ["2026-02-30", "x", "9999-01-01", "1999-12-31", "%00"])
def test_a_day_that_is_none_is_not_found(staff: Client, day: str) -> None:
    assert staff.get("/staff/morning/", {"day": day}).status_code == 404


def test_the_call_list(staff: Client, talk: Talk) -> None:
    one, declined, silent, settled = talk("a"), talk("b"), talk("c"), talk("d")
    for conversation in (one, declined, silent):
        hand_over(put(conversation, waiting_since=timezone.now(), last_topic="side_effects"), "staff_medical")
    came_now(hand_over(settled, "staff_other"), state="resolved")
    reach(one)
    reach(settled, name="Settled Example")
    nothing = {"declined": True, "consent_at": None, "name": "", "phone": "", "best_time": ""}
    reach(declined, **nothing)
    book(talk("e"), confirm_by=START - timedelta(days=1))
    book(talk("f"), name="Done Example", state="contacted")
    page = main(staff)
    calls = page[page.index('id="calls"') : page.index("</section>")]
    for shown in ("Robin Example", "tel:+15550100", "mornings", "Medical question", "last topic: side effects"):
        assert shown in calls
    assert "Late: promised by" in calls
    assert calls.index("Alex Example") < calls.index("Robin Example")
    assert "Settled Example" not in calls
    assert "Done Example" not in calls
    assert calls.count('class="call"') == 2


def test_called_settles_what_was_listed(staff: Client, talk: Talk, member: User) -> None:
    one = put(talk("a"), owner="waiting", urgency=1, waiting_since=timezone.now())
    matter, request = hand_over(one, "staff_medical"), book(one)
    reach(one)
    done = {"hand_off": [matter.pk], "booking": [f"{request.reference}:{request.version}"]}
    response = staff.post("/staff/morning/called/", done)
    assert response["Location"] == "/staff/morning/#calls"
    matter.refresh_from_db()
    request.refresh_from_db()
    one.refresh_from_db()
    assert (matter.state, request.state) == ("resolved", "contacted")
    assert (matter.claimed_by, one.owner, one.waiting_since) == (member, "bot", None)
    assert "Nobody who left" in main(staff)
    actions = set(Entry.objects.values_list("action", flat=True))
    assert {"hand_off.resolved", "booking.changed"} <= actions


def test_who_comes_second_is_told_and_settles_nothing(staff: Client, talk: Talk, clinician: User) -> None:
    one = talk("a")
    matter, request = hand_over(one, "staff_medical"), book(one)
    seen = request.version
    booking_desk.contacted(request.reference, seen, clinician)
    staff.post("/staff/morning/called/", {"hand_off": [matter.pk], "booking": [f"{request.reference}:{seen}"]})
    assert "A colleague has changed this request meanwhile" in main(staff)
    matter.refresh_from_db()
    assert matter.state == "open"


@pytest.mark.parametrize(
    "posted",
    [
        {},
        {"hand_off": "x"},
        {"hand_off": "999"},
        {"hand_off": "9" * 18},
        {"booking": "K7M9QX"},
        {"booking": "K7M9QX:0"},
        {"booking": ":"},
        {"hand_off": [str(number) for number in range(morning.MOST_TICKED + 1)]},
    ],
)
def test_what_is_not_there_cannot_be_ticked(staff: Client, posted: dict[str, Any]) -> None:
    assert staff.post("/staff/morning/called/", posted).status_code == 404


def test_ticking_is_a_post(staff: Client) -> None:
    assert staff.get("/staff/morning/called/").status_code == 405
