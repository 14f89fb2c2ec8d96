"""What staff see and do on the older pages leaves an entry, without anybody's words."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from clinic.accounts.models import User
from clinic.audit.actions import Action
from clinic.audit.models import Entry
from clinic.bookings.models import BookingRequest
from clinic.outbox.models import Delivery
from clinic.staff import wording

from .conftest import Talk

NOTE = "called twice, very nervous"


@pytest.fixture
def booking(talk: Talk) -> BookingRequest:
    conversation, now = talk("an appointment please"), timezone.now()
    message = conversation.messages.get(seq=1)
    return BookingRequest.objects.create(
        reference="K7M5QX", conversation=conversation, message=message, created_at=now, touched_at=now, name="Dana"
    )


def last(action: Action) -> Entry:
    """The one entry of this deed."""
    entry = Entry.objects.get(action=action)
    assert NOTE not in str(entry.details)
    assert "Dana" not in str(entry.details)
    return entry


def test_the_list_and_one_booking(staff: Client, member: User, booking: BookingRequest) -> None:
    staff.get("/staff/bookings/", {"show": "all"})
    assert last(Action.BOOKINGS_LISTED).details == {"show": "all", "page": "first", "found": 1}
    staff.get(f"/staff/bookings/{booking.reference}/")
    seen = last(Action.BOOKING_SEEN)
    assert (seen.actor_id, seen.object_id) == (member.pk, "K7M5QX")
    assert seen.details == {"conversation": str(booking.conversation_id)}


def test_a_change_of_a_booking(staff: Client, booking: BookingRequest) -> None:
    change = {"do": "contacted", "version": booking.version, "contacted-note": NOTE}
    staff.post(f"/staff/bookings/{booking.reference}/change/", change)
    assert last(Action.BOOKING_CHANGED).details == {"deed": "contacted", "was": "submitted", "is_now": "contacted"}
    staff.post(f"/staff/bookings/{booking.reference}/change/", change)  # Too late: somebody was faster.
    assert Entry.objects.filter(action=Action.BOOKING_CHANGED).count() == 1


def test_a_sign_off_and_its_withdrawal(client: Client, clinician: User) -> None:
    client.force_login(clinician)
    response, variant = wording.renderer().labels()[0]
    form = {"response": response, "wording_hash": variant.wording_hash}
    assert client.post("/staff/wording/tick/", form).headers["Location"] == "/staff/wording/"
    assert last(Action.SIGNED_OFF).object_id == response
    client.post("/staff/wording/tick/", form | {"do": "withdraw"})
    assert last(Action.SIGN_OFF_WITHDRAWN).details == {"wording": variant.wording_hash}


def test_hours(client: Client, manager: User) -> None:
    client.force_login(manager)
    day = (timezone.now() + timedelta(days=9)).date().isoformat()
    client.post("/staff/hours/day/", {"date": day, "spans": "10:00-12:00", "note": NOTE})
    entry = last(Action.HOURS_EDITED)
    assert (entry.object_id, entry.details) == (day, {"deed": "add_day", "spans": "10:00-12:00"})
    client.post("/staff/hours/day/", {"date": day, "spans": "never", "note": NOTE})
    assert Entry.objects.filter(action=Action.HOURS_EDITED).count() == 1


def test_an_undelivered_alert(staff: Client, db: None) -> None:
    now = timezone.now()
    lost = Delivery.objects.create(
        type="hand_off", channel="email", payload={}, state="undelivered", created_at=now, due_at=now
    )
    for _ in range(2):
        staff.post(f"/staff/alerts/{lost.pk}/", {"do": "dismiss"})
    assert last(Action.DELIVERY_SETTLED).details == {"deed": "dismiss"}
