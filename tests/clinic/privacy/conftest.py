"""Conversations with everything that the book can keep about one."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.utils import timezone

from clinic.bookings.models import BookingChange, BookingRequest, BookingRun
from clinic.bookings.states import State
from clinic.casework.models import ConversationTag, Note, Tag, Verdict
from clinic.contacts.models import Contact
from clinic.conversations.models import Conversation, Message, Understanding
from clinic.handoffs.models import HandOff
from clinic.outbox.channels import FILE, to_file
from clinic.outbox.models import Delivery

PHONE, EMAIL = "+19165550100", "dana@example.org"
Talk = Callable[..., Conversation]
_numbers = itertools.count()


@pytest.fixture(autouse=True)
def outbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own for the outbox."""
    monkeypatch.setattr(settings, "OUTBOX_DIR", tmp_path / "outbox")
    return tmp_path / "outbox"


def say(days: float = 0, text: str = "does it hurt", **fields: Any) -> Conversation:
    """Make a conversation whose only message came so many days ago."""
    at = timezone.now() - timedelta(days=days)
    fields = {"created_at": at, "last_message_at": at, "last_seq": 1, **fields}
    conversation = Conversation.objects.create(**fields)
    message = Message.objects.create(
        conversation=conversation, seq=1, sender="visitor", text=text, created_at=at, turn="answered", client_id=uuid4()
    )
    Understanding.objects.create(message=message, route="answer", milliseconds=1.0, parts=[{"text": text}])
    return conversation


def reach(conversation: Conversation, **fields: Any) -> Contact:
    """Let the visitor be reached."""
    now = timezone.now()
    return Contact.objects.create(
        conversation=conversation, **{"phone": PHONE, "consent_at": now, "updated_at": now, **fields}
    )


def book(conversation: Conversation, state: State = State.DECLINED, **fields: Any) -> BookingRequest:
    """Write a booking request that was last touched when the conversation was."""
    alphabet = "25679CDFGH"
    reference = "".join(alphabet[int(digit)] for digit in f"{next(_numbers):06d}")
    at = conversation.last_message_at
    values = {"reference": reference, "state": state, "created_at": at, "touched_at": at, **fields}
    message = conversation.messages.get(seq=1)
    return BookingRequest.objects.create(conversation=conversation, message=message, **values)


def deliver(conversation: Conversation | None, at: datetime, channel: str = FILE, **fields: Any) -> Delivery:
    """Deliver something, as a file unless another channel is named."""
    values: dict[str, Any] = {"type": "hand_off", "payload": {"title": "x"}, "state": "delivered", "delivered_at": at}
    delivery = Delivery.objects.create(
        channel=channel, conversation=conversation, created_at=at, due_at=at, **(values | fields)
    )
    if channel == FILE:
        to_file(delivery)
    return delivery


def everything(canary: str, days: float = 0) -> Conversation:
    """Make a conversation that has the canary in every place that can hold a visitor's or a colleague's words."""
    conversation = say(days, f"my {canary} itches", state={"slots": {"wish": canary}, "active_form": None})
    message = conversation.messages.get(seq=1)
    now = conversation.last_message_at
    reach(conversation, name=canary, email=EMAIL, best_time=canary)
    request = book(conversation, name=canary, preferred=canary, phone=PHONE)
    BookingRun.objects.create(conversation=conversation, run=canary, message=message, request=request)
    BookingChange.objects.create(request=request, to_state=State.DECLINED, actor="staff", at=now, note=canary)
    matter = HandOff.objects.create(conversation=conversation, kind="staff_other", state="resolved", created_at=now)
    matter.entries.create(message=message, reason=canary, details={"said": canary})
    deliver(conversation, now, payload={"name": canary})
    deliver(conversation, now, channel="webhook", target="https://x.example", payload={"name": canary})
    Note.objects.create(conversation=conversation, text=canary, author_name="pat", created_at=now)
    tag = Tag.objects.create(name=canary, key=canary)
    ConversationTag.objects.create(conversation=conversation, tag=tag, at=now)
    Verdict.objects.create(message=message, value="right", by_name="pat", at=now)
    return conversation
