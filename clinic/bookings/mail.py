"""Mails about appointments, with the calendar file; they go through the outbox."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from clinic.bookings import calendar_file
from clinic.bookings.models import BookingRequest
from clinic.bookings.said import text
from clinic.bookings.states import State
from clinic.outbox import post
from clinic.outbox.channels import EMAIL
from clinic.practice import facts

KIND = "booking_appointment"


def to_visitor(request: BookingRequest, now: datetime) -> None:
    """Mail a confirmed, moved or cancelled appointment to its visitor, if there are an address and a mail server."""
    if settings.ENV["EMAIL_URL"]:
        _put(request, request.email, calendar_file.PUBLISH, now)


def to_clinic(request: BookingRequest, now: datetime) -> None:
    """Mail the calendar file to the clinic's own mailbox, if it has one, as an invitation for its calendar."""
    _put(request, facts.snapshot().practice.email, calendar_file.REQUEST, now)


def _put(request: BookingRequest, address: str, method: str, now: datetime) -> None:
    if not address:
        return
    is_on = request.state == State.BOOKED
    payload = {
        "subject": text("utter_booking_mail_subject", request, now),
        "text": text("utter_booking_mail_confirmed" if is_on else "utter_booking_mail_cancelled", request, now),
        "attachments": [
            {
                "name": calendar_file.NAME,
                "type": f"text/calendar; method={method if is_on else calendar_file.CANCEL}",
                "text": calendar_file.of(request, now, method).decode(),
            }
        ],
    }
    post.put(KIND, payload, [(EMAIL, address)], conversation=request.conversation)
