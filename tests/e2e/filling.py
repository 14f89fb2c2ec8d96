"""Fills the book of a running stack with what staff pages show; run by `manage.py shell`, see `tests.e2e.staffing`."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from clinic.bookings import desk
from clinic.bookings.models import BookingRequest
from clinic.bookings.states import State
from clinic.bookings.times import confirm_by
from clinic.conversations.models import Message
from clinic.outbox.channels import EMAIL
from clinic.outbox.models import Delivery
from clinic.practice import facts
from clinic.practice.models import Closure, DayException
from clinic.threads import writing


def fill() -> None:
    """Add booking requests, an alert that nobody took, a day with hours of its own, and a closure far ahead."""
    message = Message.objects.filter(sender=Message.Sender.VISITOR).latest("pk")
    with writing():
        for name, preferred in (("Ana Núñez", "Weekday mornings after 9"), ("Bo", "Saturday around noon")):
            request = _request(message, name, preferred)
        desk.update(request, desk.VISITOR, timezone.now(), "Asks for another time.", asks_other_time=True)
        desk.move(_request(message, "Li Wei", ""), State.WITHDRAWN, desk.VISITOR, timezone.now())
    _undelivered(message)
    _hours()


def _request(message: Message, name: str, preferred: str) -> BookingRequest:
    now = timezone.now()
    values = {
        "name": name,
        "phone": "+12025550142",
        "email": "visitor@example.com",
        "visitor": BookingRequest.Visitor.NEW,
        "wish": BookingRequest.Wish.CONSULTATION,
        "reach": BookingRequest.Reach.PHONE,
        "preferred": preferred,
        "consent_version": "utter_ask_booking_consent",
        "consent_at": now,
        "confirm_by": confirm_by(facts.snapshot().hours, now),
    }
    return desk.create(message.conversation, message, now, values)


def _undelivered(message: Message) -> None:
    now = timezone.now()
    Delivery.objects.create(
        type="hand_off",
        channel=EMAIL,
        target="front.desk@clinic.example",
        payload={"title": "Asked for staff"},
        conversation=message.conversation,
        state=Delivery.State.UNDELIVERED,
        created_at=now,
        due_at=now,
        attempts=8,
        last_error="ConnectionRefusedError",
    )


def _hours() -> None:
    begins = timezone.now() + timedelta(days=300)
    DayException.objects.get_or_create(
        date=begins.date() + timedelta(days=30),
        defaults={"choice": DayException.Choice.OTHER, "spans": "10:00-14:00", "note": "Open house"},
    )
    Closure.objects.get_or_create(
        note="Renovation", defaults={"begins_at": begins, "ends_at": begins + timedelta(days=2)}
    )
