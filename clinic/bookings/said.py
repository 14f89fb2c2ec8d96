"""What the visitor hears of a booking request: fixed responses with its values, written into the conversation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from clinic.bookings.models import BookingRequest
from clinic.conversations import book, responses
from clinic.conversations.models import BOT, WAITING, Conversation, Message
from clinic.practice import facts

# Every response that bookings use; `domain.yml` has to have them all.
RESPONSES = (
    "utter_booking_received",
    "utter_booking_received_here",
    "utter_booking_updated",
    "utter_booking_change_noted",
    "utter_booking_change_asked",
    "utter_booking_withdrawn",
    "utter_booking_none",
    "utter_booking_not_found",
    "utter_booking_too_many_tries",
    "utter_booking_offered",
    "utter_booking_confirmed",
    "utter_booking_moved",
    "utter_booking_declined",
    "utter_booking_cancelled",
    "utter_booking_expired",
    "utter_booking_status_submitted",
    "utter_booking_status_contacted",
    "utter_booking_status_offered",
    "utter_booking_status_booked",
    "utter_booking_status_declined",
    "utter_booking_status_expired",
    "utter_booking_status_withdrawn",
    "utter_booking_mail_subject",
    "utter_booking_mail_confirmed",
    "utter_booking_mail_cancelled",
    "utter_booking_calendar_summary",
)


def values(request: BookingRequest | None, now: datetime, times: Sequence[datetime] = ()) -> dict[str, str]:
    """Return what fills the placeholders of booking responses; what does not apply is "" or missing.

    `booking_reference`, `booking_preferred`, `booking_confirm_by` (only while that lies ahead), `booking_time`,
    `booking_minutes` and `booking_times`, which are the `times` that staff offer.
    """
    zone = facts.snapshot().hours.zone
    offered = [facts.moment_text(moment.astimezone(zone)) for moment in times]
    found = {"booking_times": " or ".join(filter(None, ("; ".join(offered[:-1]), *offered[-1:])))}
    if request is None:
        return found
    found |= {"booking_reference": request.spoken_reference, "booking_preferred": request.preferred}
    if request.is_open and request.confirm_by and request.confirm_by > now:
        found["booking_confirm_by"] = facts.moment_text(request.confirm_by.astimezone(zone))
    if request.starts_at:
        found["booking_time"] = facts.moment_text(request.starts_at.astimezone(zone))
        found["booking_minutes"] = str(request.minutes)
    return found


def text(response: str, request: BookingRequest, now: datetime) -> str:
    """Return a response as text, for mails and calendar files."""
    return responses.renderer().render(response, now, values(request, now)).text


def say(request: BookingRequest, response: str, now: datetime, times: Sequence[datetime] = ()) -> None:
    """Add a response to the locked conversation of a request, which the caller saves; not shown once it is over."""
    rendered = responses.renderer().render(response, now, values(request, now, times))
    book.append_answers(request.conversation, [rendered], now, suppressed=request.conversation.is_over)


def answer(
    conversation: Conversation, message: Message, response: str, now: datetime, request: BookingRequest | None = None
) -> None:
    """Answer a visitor's message inside its turn; silent, as every answer of the bot, under staff and after the end."""
    rendered = responses.renderer().render(response, now, values(request, now))
    suppressed = conversation.owner not in (BOT, WAITING) or conversation.is_over
    book.append_answers(conversation, [rendered], now, in_reply_to=message.seq, suppressed=suppressed)
