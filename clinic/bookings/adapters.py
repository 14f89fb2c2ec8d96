"""Where a booking request goes besides the book: one small interface, chosen by the setting BOOKING_ADAPTER.

Whatever the adapter, the request stands in the book first and staff hear of everything that they did not do themselves.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from django.conf import settings

from clinic.bookings import mail
from clinic.bookings.models import BookingRequest
from clinic.conversations.models import Message
from clinic.handoffs import alerts
from clinic.handoffs import desk as handoffs
from clinic.handoffs.models import HandOff
from clinic.outbox import post
from clinic.outbox.webhook import WEBHOOK
from clinic.practice import facts


class Event(StrEnum):
    """What has happened to a request."""

    SUBMITTED = "submitted"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"
    CONTACTED = "contacted"
    OFFERED = "offered"
    BOOKED = "booked"
    MOVED = "moved"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


# What staff did not do themselves, so that an alert tells them.
ALERTING = frozenset({Event.SUBMITTED, Event.CHANGED, Event.WITHDRAWN, Event.EXPIRED})
# What staff hear of even if the request is in their queue already.
TOLD_AGAIN = frozenset({Event.SUBMITTED, Event.WITHDRAWN, Event.EXPIRED})


class Adapter(Protocol):
    """One way to work with requests."""

    @property
    def page(self) -> str:
        """Return the address where visitors book by themselves, "" when they leave a request here."""

    def tell(self, request: BookingRequest, event: Event, message: Message, now: datetime) -> None:
        """Pass an event on, inside the transaction that wrote it; `message` is what staff find it under."""


class InTheBook:
    """The adapter `request`: the book, and an alert for staff."""

    @property
    def page(self) -> str:
        """Return "": visitors leave a request here."""
        return ""

    def tell(self, request: BookingRequest, event: Event, message: Message, now: datetime) -> None:
        """Bring the event to staff unless it is their own doing."""
        if event in ALERTING:
            _alert(request, event, message, now)


class OwnPage(InTheBook):
    """The adapter `link`: visitors book on the clinic's own page; a request that comes all the same is kept."""

    @property
    def page(self) -> str:
        """Return the page's address as the clinic gave it: nothing about the visitor goes into it."""
        return facts.snapshot().practice.booking_url


class Webhook(InTheBook):
    """The adapter `webhook`: every event also goes to the clinic's own software, signed and through the outbox."""

    def tell(self, request: BookingRequest, event: Event, message: Message, now: datetime) -> None:
        """Alert staff and put the event into the outbox."""
        super().tell(request, event, message, now)
        target = (WEBHOOK, settings.ENV["BOOKING_WEBHOOK_URL"])
        post.put(f"booking.{event}", payload(request), [target], conversation=request.conversation)


class CalendarMail(InTheBook):
    """The adapter `ics`: what is confirmed, moved or cancelled also goes to the clinic's mailbox as a calendar file."""

    def tell(self, request: BookingRequest, event: Event, message: Message, now: datetime) -> None:
        """Alert staff, and mail the calendar file where an appointment has changed."""
        super().tell(request, event, message, now)
        has_changed = event in (Event.BOOKED, Event.MOVED, Event.CANCELLED)
        if has_changed or (event is Event.WITHDRAWN and request.starts_at):
            mail.to_clinic(request, now)


ADAPTERS: dict[str, Adapter] = {
    "request": InTheBook(),
    "link": OwnPage(),
    "webhook": Webhook(),
    "ics": CalendarMail(),
}


def chosen() -> Adapter:
    """Return the adapter of the settings."""
    return ADAPTERS[settings.ENV["BOOKING_ADAPTER"]]


def payload(request: BookingRequest) -> dict[str, Any]:
    """Return what a webhook's receiver learns of a request; moments are ISO 8601 with their offset."""

    def moment(at: datetime | None) -> str | None:
        return at.isoformat(timespec="seconds") if at else None

    return {
        "reference": request.reference,
        "state": str(request.state),
        "version": request.version,
        "name": request.name,
        "phone": request.phone,
        "email": request.email,
        "contact_as_typed": request.contact,
        "visitor": request.visitor,
        "wish": request.wish,
        "reach": request.reach,
        "preferred": request.preferred,
        "windows": request.windows,
        "asks_other_time": request.asks_other_time,
        "consent_version": request.consent_version,
        "consent_at": moment(request.consent_at),
        "submitted_at": moment(request.created_at),
        "confirm_by": moment(request.confirm_by),
        "starts_at": moment(request.starts_at),
        "minutes": request.minutes,
    }


def _alert(request: BookingRequest, event: Event, message: Message, now: datetime) -> None:
    """Put the matter into staff's queue, and tell staff of it once more where that one may have been seen before."""
    # Who knows the reference may ask from another conversation than the request's: that is where the message stands.
    conversation = message.conversation
    waiting = HandOff.objects.filter(conversation=conversation, kind=HandOff.Kind.BOOKING)
    waiting = waiting.exclude(state=HandOff.State.RESOLVED)
    before = waiting.first()
    wanted = {"kind": HandOff.Kind.BOOKING, "reason": f"booking:{event}", "booking": request.reference}
    handoffs.hand_off(conversation, message, wanted)
    matter = waiting.get()
    if event in TOLD_AGAIN and matter.alerted_at == (before.alerted_at if before else None):
        alerts.send(matter, message, now)
        HandOff.objects.filter(pk=matter.pk).update(alerted_at=now)
