"""What belongs to a conversation beside its messages: booking requests, and other conversations of the same person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from clinic.bookings.models import BookingRequest
from clinic.contacts.models import Contact
from clinic.conversations.models import Conversation

MOST_BOOKINGS, MOST_CONVERSATIONS = 5, 10


@dataclass(frozen=True)
class Other:
    """Another conversation in which the same phone number or e-mail address was left."""

    id: UUID
    began: datetime
    topic: str | None


def bookings(conversation: Conversation) -> list[BookingRequest]:
    """Return the latest booking requests of a conversation."""
    return list(conversation.bookings.order_by("-id")[:MOST_BOOKINGS])


def others(conversation: Conversation, contact: Contact | None, requests: list[BookingRequest]) -> list[Other]:
    """Return other conversations of the same contact, the newest first; nobody is told apart by name alone."""
    known: list[Contact | BookingRequest] = [*requests, *([contact] if contact else [])]
    phones, emails = {one.phone for one in known} - {""}, {one.email for one in known} - {""}
    if not phones and not emails:
        return []
    same = Q(phone__in=phones) | Q(email__in=emails)
    found = {
        *Contact.objects.filter(same).values_list("conversation", flat=True)[:100],
        *BookingRequest.objects.filter(same).values_list("conversation", flat=True)[:100],
    } - {conversation.pk}
    newest = Conversation.objects.filter(pk__in=found).order_by("-last_message_at")[:MOST_CONVERSATIONS]
    return [Other(*row) for row in newest.values_list("id", "created_at", "last_topic")]
