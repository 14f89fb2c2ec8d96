"""Booking requests as the book keeps them: writing one, changing its state, and telling the visitor.

Every change is a compare-and-swap on state and version and leaves a line in the request's history. Of two people who
click at once one wins; the other gets `Conflict`. A visitor hears of an appointment only after staff have confirmed it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from clinic.accounts.models import User
from clinic.bookings import adapters, mail, references
from clinic.bookings.adapters import Event
from clinic.bookings.models import BookingChange, BookingRequest
from clinic.bookings.said import say
from clinic.bookings.states import OPEN, State, may_follow
from clinic.conversations import book
from clinic.conversations.models import Conversation, Message
from clinic.handoffs import desk as handoffs
from clinic.handoffs.models import HandOff
from clinic.threads import writing

# Random references meet once in millions; more tries than this mean that something else is wrong.
TRIES = 5


class Conflict(Exception):
    """Somebody else has changed the request since it was read."""


class NotAllowed(Exception):
    """The request's state does not allow this change."""


@dataclass(frozen=True)
class By:
    """Who changes a request."""

    actor: BookingChange.Actor
    user: User | None = None


VISITOR = By(BookingChange.Actor.VISITOR)
CLOCK = By(BookingChange.Actor.CLOCK)


def create(conversation: Conversation, message: Message, now: datetime, values: dict[str, Any]) -> BookingRequest:
    """Write a new request with the first line of its history, inside the caller's transaction."""
    for left in reversed(range(TRIES)):
        try:
            with transaction.atomic():
                request = BookingRequest.objects.create(
                    reference=references.new(),
                    conversation=conversation,
                    message=message,
                    created_at=now,
                    touched_at=now,
                    **values,
                )
            break
        except IntegrityError:
            if not left:
                raise
    _note(request, "", VISITOR, now, "")
    return request


def move(request: BookingRequest, to: State, by: By, now: datetime, note: str = "", **changes: Any) -> None:
    """Bring a request to the state `to`, with other fields, inside the caller's transaction, which then may go on.

    Raises `Conflict` when it is not as it was read any more, `NotAllowed` when `to` may not follow.
    """
    if State(request.state) not in may_follow(to):
        raise NotAllowed
    _swap(request, by, now, note, state=to, **changes)


def update(request: BookingRequest, by: By, now: datetime, note: str, **changes: Any) -> None:
    """Change fields of a request and not its state, inside the caller's transaction; raises `Conflict`."""
    _swap(request, by, now, note, **changes)


def _swap(request: BookingRequest, by: By, now: datetime, note: str, **changes: Any) -> None:
    before = request.state
    known = BookingRequest.objects.filter(pk=request.pk, state=before, version=request.version)
    if not known.update(version=F("version") + 1, touched_at=now, **changes):
        raise Conflict
    request.version += 1
    request.touched_at = now
    for name, value in changes.items():
        setattr(request, name, value)
    _note(request, before, by, now, note)


def _note(request: BookingRequest, before: str, by: By, now: datetime, note: str) -> None:
    BookingChange.objects.create(
        request=request,
        from_state=before,
        to_state=request.state,
        actor=by.actor,
        user=by.user,
        at=now,
        note=note[: BookingChange._meta.get_field("note").max_length],
    )


@contextmanager
def held(reference: str, version: int | None = None) -> Iterator[BookingRequest]:
    """Hold a request and its conversation locked in a transaction; what is said meanwhile reaches the visitor.

    Raises `BookingRequest.DoesNotExist`, and `Conflict` when it is not at `version` any more.
    """
    with writing():
        known = BookingRequest.objects.only("conversation_id").get(reference=reference)
        conversation = book.locked(known.conversation_id)
        request = BookingRequest.objects.select_related("message").get(pk=known.pk)
        request.conversation = request.message.conversation = conversation
        if version is not None and request.version != version:
            raise Conflict
        yield request
        Conversation.objects.filter(pk=conversation.pk).update(
            last_seq=conversation.last_seq, last_message_at=conversation.last_message_at
        )
        handoffs.save(conversation)


def contacted(reference: str, version: int, user: User, note: str = "") -> None:
    """Note that staff have reached out to the visitor; raises `Conflict`, `NotAllowed`."""
    now = timezone.now()
    with held(reference, version) as request:
        move(request, State.CONTACTED, _staff(user), now, note)
        adapters.chosen().tell(request, Event.CONTACTED, request.message, now)
        _settle(request, user, now)


def offer(reference: str, version: int, user: User, starts: Sequence[datetime], note: str = "") -> None:
    """Offer times to the visitor in the chat; raises `Conflict`, `NotAllowed`."""
    now = timezone.now()
    with held(reference, version) as request:
        move(request, State.OFFERED, _staff(user), now, note, asks_other_time=False)
        say(request, "utter_booking_offered", now, times=starts)
        adapters.chosen().tell(request, Event.OFFERED, request.message, now)
        _settle(request, user, now)


def confirm(reference: str, version: int, user: User, start: datetime, minutes: int, note: str = "") -> None:
    """Confirm an appointment, or another time for one: a message in the chat and a mail with the calendar file.

    This is the only place that makes a request `booked`. Raises `Conflict`, `NotAllowed`.
    """
    now = timezone.now()
    with held(reference, version) as request:
        moved = request.state == State.BOOKED
        sequence = request.sequence + 1 if request.starts_at else request.sequence
        move(
            request,
            State.BOOKED,
            _staff(user),
            now,
            note,
            starts_at=start,
            minutes=minutes,
            sequence=sequence,
            asks_other_time=False,
        )
        say(request, "utter_booking_moved" if moved else "utter_booking_confirmed", now)
        mail.to_visitor(request, now)
        adapters.chosen().tell(request, Event.MOVED if moved else Event.BOOKED, request.message, now)
        _settle(request, user, now)


def decline(reference: str, version: int, user: User, note: str = "") -> None:
    """Decline a request, or cancel an appointment that was confirmed; raises `Conflict`, `NotAllowed`."""
    now = timezone.now()
    with held(reference, version) as request:
        was_booked = request.state == State.BOOKED
        end(request, State.DECLINED, _staff(user), now, note)
        say(request, "utter_booking_cancelled" if was_booked else "utter_booking_declined", now)
        event = Event.CANCELLED if was_booked else Event.DECLINED
        adapters.chosen().tell(request, event, request.message, now)
        _settle(request, user, now)


def end(request: BookingRequest, to: State, by: By, now: datetime, note: str = "") -> None:
    """Decline or withdraw a request inside the caller's transaction; an appointment leaves the visitor's calendar."""
    was_booked = request.state == State.BOOKED
    sequence = request.sequence + 1 if was_booked else request.sequence
    move(request, to, by, now, note, sequence=sequence, asks_other_time=False)
    if was_booked:
        mail.to_visitor(request, now)


def _settle(request: BookingRequest, user: User, now: datetime) -> None:
    """Settle the conversation's matter about booking: staff work on the request, and on any other that it has."""
    untouched = Q(state=State.SUBMITTED) | Q(state__in=(*OPEN, State.BOOKED), asks_other_time=True)
    others = BookingRequest.objects.filter(untouched, conversation=request.conversation).exclude(pk=request.pk)
    if not others.exists():
        handoffs.resolve_kind(request.conversation, HandOff.Kind.BOOKING, user, now)


def _staff(user: User) -> By:
    return By(BookingChange.Actor.STAFF, user)
