"""Conversations in which visitors want appointments, and the responses of bookings."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from clinic.accounts.models import User
from clinic.bookings import said
from clinic.bookings.models import BookingRequest
from clinic.conversations import effects, responses
from clinic.conversations.models import Conversation, Message
from clinic.threads import writing
from tests.clinic.conftest import DOMAIN

PLACEHOLDERS = (
    "booking_reference",
    "booking_preferred",
    "booking_confirm_by",
    "booking_time",
    "booking_minutes",
    "booking_times",
)


def booking_domain() -> dict[str, Any]:
    """Return the tests' domain with a response of each id that says the id and whatever values there are."""
    domain = yaml.safe_load(DOMAIN.read_bytes())
    domain["slots"] |= {name: {"type": "text"} for name in PLACEHOLDERS}
    domain["slots"]["booking_nothing"] = {"type": "text"}
    told = {
        "utter_booking_received": "{booking_reference} by {booking_confirm_by}",
        "utter_booking_offered": "{booking_times}",
        "utter_booking_confirmed": "{booking_time} for {booking_minutes}",
        "utter_booking_moved": "{booking_time} for {booking_minutes}",
        "utter_booking_status_booked": "{booking_time}",
        "utter_booking_calendar_summary": "Appointment at {clinic_name}",
    }
    for response in said.RESPONSES:
        first = {"text": f"{response} {told.get(response, '{booking_nothing}')}"}
        domain["responses"][response] = [first, {"text": response}]
    return domain


@pytest.fixture(autouse=True)
def _booking_responses(_own_domain: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Render the bookings' responses too, and count no try of the test before."""
    renderer = responses.Renderer(booking_domain())
    for module in ("book", "responses", "turn"):
        monkeypatch.setattr(f"clinic.conversations.{module}.renderer", lambda: renderer)
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def _mail_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the clinic have a mail server."""
    monkeypatch.setitem(settings.ENV, "EMAIL_URL", {"scheme": "smtps", "host": "mail.example.com"})


@dataclass
class Talk:
    """A conversation of one visitor, in which turns have effects."""

    pk: uuid.UUID

    def says(self, *wanted: dict[str, Any], message: Message | None = None) -> Message:
        """Store a message and carry out effects as its turn does; with a `message`, take that one's turn again."""
        now = timezone.now()
        with writing():
            conversation = Conversation.objects.select_for_update().get(pk=self.pk)
            if message is None:
                conversation.last_seq += 1
                message = Message.objects.create(
                    conversation=conversation,
                    seq=conversation.last_seq,
                    sender="visitor",
                    client_id=uuid.uuid4(),
                    text="yes",
                    created_at=now,
                )
            for effect in wanted:
                effects.carry_out(conversation, message, effect)
            conversation.save()
        return message

    def heard(self) -> list[str]:
        """Return what the bot has said, oldest first."""
        said_here = Message.objects.filter(conversation=self.pk, sender="bot", suppressed=False)
        return list(said_here.order_by("seq").values_list("text", flat=True))

    def responses(self) -> list[str]:
        """Return the ids of the responses that the bot has said, oldest first."""
        said_here = Message.objects.filter(conversation=self.pk, sender="bot", suppressed=False)
        return list(said_here.order_by("seq").values_list("response", flat=True))


def wish(**fields: Any) -> dict[str, Any]:
    """Return the effect of a form that is filled in well."""
    return {
        "type": "booking_submit",
        "run": str(uuid.uuid4()),
        "name": "Ana Ortiz",
        "phone": "916 555 0100",
        "email": "ana@example.com",
        "visitor": "new",
        "wish": "consultation",
        "reach": "phone",
        "preferred": "Thursday afternoon",
        "windows": [
            {"start": "2026-12-03T13:00-08:00", "end": "2026-12-03T17:00-08:00", "label": "Thu, Dec 3, afternoon"}
        ],
        "consent": "2026-11",
    } | fields


def start_talk() -> Talk:
    """Open a conversation."""
    now = timezone.now()
    return Talk(Conversation.objects.create(created_at=now, last_message_at=now).pk)


@pytest.fixture
def talk(db: None) -> Talk:
    """An open conversation."""
    return start_talk()


@pytest.fixture
def member(db: None) -> User:
    """A member of staff."""
    return User.objects.create_user("morgan")


Requested = Callable[..., BookingRequest]


@pytest.fixture
def requested(talk: Talk) -> Requested:
    """Let the visitor submit a request and return it."""

    def make(**fields: Any) -> BookingRequest:
        talk.says(wish(**fields))
        found = BookingRequest.objects.order_by("-id").first()
        assert found is not None
        return found

    return make
