"""Appointments as calendar files (RFC 5545, RFC 5546). They name neither the visitor nor what the visit is for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event, vCalAddress, vText

from clinic.bookings.models import BookingRequest
from clinic.bookings.said import text
from clinic.bookings.states import State
from clinic.practice import facts

PUBLISH, REQUEST, CANCEL = "PUBLISH", "REQUEST", "CANCEL"
PRODUCT = "-//Treatment FAQ bot//Bookings//EN"
NAME = "appointment.ics"


def of(request: BookingRequest, now: datetime, method: str = PUBLISH) -> bytes:
    """Return the calendar file of a request's appointment; one that is not booked any more is cancelled in it.

    `method` is PUBLISH for the visitor's copy and REQUEST for an invitation; a cancellation is always CANCEL. The UID
    stays the same for all files of a request and SEQUENCE rises with each, so that a calendar keeps one entry.
    """
    if request.starts_at is None or request.minutes is None:
        raise ValueError("The request has no appointment.")
    is_on = request.state == State.BOOKED
    practice = facts.snapshot().practice
    event = Event()
    event.add("uid", f"{request.uid}@bookings")
    event.add("sequence", request.sequence)
    event.add("dtstamp", now.astimezone(UTC).replace(microsecond=0))
    event.add("dtstart", request.starts_at.astimezone(UTC))
    event.add("dtend", request.starts_at.astimezone(UTC) + timedelta(minutes=request.minutes))
    event.add("summary", text("utter_booking_calendar_summary", request, now))
    event.add("status", "CONFIRMED" if is_on else "CANCELLED")
    if practice.address:
        event.add("location", practice.address)
    if practice.email:
        organizer = vCalAddress(f"mailto:{practice.email}")
        organizer.params["cn"] = vText(practice.name)
        event.add("organizer", organizer)
        if method == REQUEST:  # An invitation has to invite somebody; it goes to the clinic itself.
            event.add("attendee", organizer)
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method if is_on else CANCEL)
    calendar.add_component(event)
    return bytes(calendar.to_ical())
