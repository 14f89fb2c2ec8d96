"""Fills the book of a running stack with what staff pages show; run by `manage.py shell`, see `tests.e2e.staffing`."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.utils import timezone

from clinic.accounts.models import User
from clinic.alerting.models import Rule
from clinic.audit.log import CLOCK
from clinic.bookings import desk
from clinic.bookings.models import BookingRequest
from clinic.bookings.states import State
from clinic.bookings.times import confirm_by
from clinic.casework import desk as casework
from clinic.contacts.models import Contact
from clinic.conversations.models import Conversation, Message
from clinic.outbox.channels import EMAIL
from clinic.outbox.models import Delivery
from clinic.practice import facts
from clinic.practice.models import CannedReply, Closure, DayException
from clinic.threads import writing


def fill() -> None:
    """Add what staff have written, booking requests, an alert that nobody took, other hours, and a rule for alerts."""
    message = Message.objects.filter(sender=Message.Sender.VISITOR).latest("pk")
    with writing():
        for name, preferred in (("Ana Núñez", "Weekday mornings after 9"), ("Bo", "Saturday around noon")):
            request = _request(message, name, preferred)
        desk.update(request, desk.VISITOR, timezone.now(), "Asks for another time.", asks_other_time=True)
        desk.move(_request(message, "Li Wei", ""), State.WITHDRAWN, desk.VISITOR, timezone.now())
    _undelivered(message)
    _hours()
    _casework(message)
    _contact(message)
    _settings()


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


def _casework(message: Message) -> None:
    user = User.objects.filter(is_active=True).earliest("pk")
    for conversation in Conversation.objects.order_by("-last_message_at")[:3]:
        casework.add_note(conversation, "Called back, no answer. Try again after five.", uuid.uuid4(), user, CLOCK)
        casework.add_tag(conversation, "call back", user, CLOCK)
    casework.assign(message.conversation, user, CLOCK)
    casework.judge(message, "wrong", "human_request", user, CLOCK)


def _contact(message: Message) -> None:
    now = timezone.now()
    values = {"name": "Ana Núñez", "phone": "+12025550142", "email": "visitor@example.com", "best_time": "after five"}
    consent = {"consent_text_id": "utter_ask_contact_consent", "consent_text_version": "1", "consent_at": now}
    Contact.objects.update_or_create(
        conversation=message.conversation, defaults={**values, **consent, "declined": False, "updated_at": now}
    )


def _settings() -> None:
    text = "Thank you for writing. Could you tell us a good time to call you?"
    CannedReply.objects.get_or_create(title="A good time to call", defaults={"text": text})
    Rule.objects.get_or_create(name="Front desk", defaults={"emails": ["front.desk@clinic.example"]})
