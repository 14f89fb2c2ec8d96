"""What came in while the clinic was closed, and who waits for a call."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db.models import Q

from clinic.bookings.models import BookingRequest
from clinic.bookings.states import State
from clinic.contacts.models import Contact
from clinic.conversations.models import Conversation, Understanding
from clinic.handoffs.models import HandOff
from clinic.practice.hours import HORIZON_DAYS, Hours
from clinic.queue import read, search
from clinic.queue.read import Row
from clinic.queue.search import Piece

# Longer lists are for the queue, which has pages.
MOST, MOST_CALLS = 50, 200
KINDS = (HandOff.Kind.EMERGENCY, HandOff.Kind.STAFF_MEDICAL, HandOff.Kind.STAFF_OTHER)
# A clinic that never opens, or never closes, has the last day instead.
WITHOUT_HOURS = timedelta(days=1)


@dataclass(frozen=True)
class Night:
    """The time that the morning view is about, from `begins` up to and without `ends`."""

    begins: datetime
    ends: datetime


def night(hours: Hours, now: datetime, day: date | None = None) -> Night:
    """Return the time since the clinic closed last, or, for a day, from the closing before it to the one on it.

    While the clinic is open, and in its breaks, it is the closing before the day's first opening that counts.
    """
    if day is None:
        return Night(_closed_before(hours, _morning(hours, now)), now)
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=hours.zone).astimezone(UTC)
    openings = hours.openings(day)
    begins = openings[0].begins if openings else noon
    ends = openings[-1].ends if openings else noon + timedelta(hours=12)
    return Night(_closed_before(hours, begins), min(ends, max(now, begins)))


def _morning(hours: Hours, now: datetime) -> datetime:
    """Return the first opening of a day that is not over yet, else `now`."""
    openings = hours.openings(now.astimezone(hours.zone).date())
    is_over = not openings or openings[-1].ends <= now
    return now if is_over else min(openings[0].begins, now)


def _closed_before(hours: Hours, at: datetime) -> datetime:
    """Return when the clinic closed last, at `at` or before."""
    today = at.astimezone(hours.zone).date()
    for number in range(-1, HORIZON_DAYS):
        ends = [one.ends for one in hours.openings(today - timedelta(days=number)) if one.ends <= at]
        if ends:
            return max(ends)
    return at - WITHOUT_HOURS


@dataclass(frozen=True)
class Item:
    """One matter of the night with its conversation's row and what it is about."""

    matter: HandOff
    row: Row
    excerpt: list[Piece]

    @property
    def is_settled(self) -> bool:
        """Tell whether staff have dealt with it since."""
        return self.matter.state == HandOff.State.RESOLVED


@dataclass(frozen=True)
class CameIn:
    """What came in, and what was not answered: failed turns, and questions that the assistant has no answer for.

    `matters` are by kind, `requests` those for an appointment; `more` names the parts that are longer than shown.
    """

    matters: dict[str, list[Item]]
    requests: list[BookingRequest]
    failed: list[Item]
    unknown: list[Row]
    more: frozenset[str]


def came_in(window: Night, now: datetime) -> CameIn:
    """Return what came in during the night."""
    during = {"created_at__gte": window.begins, "created_at__lt": window.ends}
    kinds = (*KINDS, HandOff.Kind.FAILED_TURN)
    found = {
        kind: list(
            HandOff.objects.filter(kind=kind, **during)
            .select_related("conversation__assignee")
            .defer("conversation__state")
            .order_by("created_at")[: MOST + 1]
        )
        for kind in kinds
    }
    requests = list(BookingRequest.objects.filter(**during).order_by("created_at")[: MOST + 1])
    unknown = _unknown(window)
    shown = [matter for matters in found.values() for matter in matters[:MOST]]
    every = {one.pk: one for one in [*(matter.conversation for matter in shown), *unknown[:MOST]]}
    rows = {row.conversation.pk: row for row in read.rows(list(every.values()), None, now)}
    about = read.words_of(shown)
    items = {
        kind: [
            Item(matter, rows[matter.conversation_id], search.pieces(about.get(matter.pk, ""), None))
            for matter in matters[:MOST]
        ]
        for kind, matters in found.items()
    }
    lengths = {**{str(kind): len(matters) for kind, matters in found.items()}, "booking": len(requests)}
    more = {name for name, length in (lengths | {"unknown": len(unknown)}).items() if length > MOST}
    return CameIn(
        {kind: items[kind] for kind in KINDS},
        requests[:MOST],
        items[HandOff.Kind.FAILED_TURN],
        [rows[one.pk] for one in unknown[:MOST]],
        frozenset(more),
    )


def _unknown(window: Night) -> list[Conversation]:
    """Return the conversations with a question, in the night, that the assistant had no answer for."""
    # Whoever wrote in the night is among those written in since; that is what an index knows.
    asked = Understanding.objects.filter(
        route="out_of_scope",
        message__created_at__gte=window.begins,
        message__created_at__lt=window.ends,
        message__conversation__last_message_at__gte=window.begins,
    )
    found = Conversation.objects.filter(
        pk__in=asked.values("message__conversation"), last_message_at__gte=window.begins
    )
    return list(found.defer("state").select_related("assignee").order_by("last_message_at")[: MOST + 1])


@dataclass
class Call:
    """Somebody who left a way to be reached and waits: what it is about, by when, and what a call settles."""

    conversation: Conversation
    name: str = ""
    phone: str = ""
    email: str = ""
    best_time: str = ""
    promised: datetime | None = None
    is_late: bool = False
    waits: timedelta | None = None
    matters: list[HandOff] = field(default_factory=list)
    requests: list[BookingRequest] = field(default_factory=list)


def calls(now: datetime) -> list[Call]:
    """Return who waits for a call, first whom it was promised to soonest."""
    contacts = _contacts()
    requests = list(_requests())
    conversations = (
        Conversation.objects.defer("state")
        .select_related("assignee")
        .in_bulk([*contacts, *(one.conversation_id for one in requests)])
    )
    found: dict[UUID, Call] = {}
    for row in read.rows(list(conversations.values()), None, now):
        contact = contacts.get(row.conversation.pk)
        call = Call(row.conversation, promised=row.promised, is_late=row.is_late, waits=row.waits, matters=row.matters)
        if contact:
            call.name, call.phone, call.email = contact.name, contact.phone, contact.email
            call.best_time = contact.best_time
        found[row.conversation.pk] = call
    for request in requests:
        call = found[request.conversation_id]
        call.requests.append(request)
        call.name, call.phone = call.name or request.name, call.phone or request.phone
        call.email, call.best_time = call.email or request.email, call.best_time or request.preferred
    latest = now + timedelta(days=HORIZON_DAYS)
    return sorted(found.values(), key=lambda call: (call.promised or latest, -(call.waits or timedelta())))


def _contacts() -> dict[UUID, Contact]:
    """Return who has left a way to be reached and has an unresolved matter."""
    open_matters = HandOff.objects.exclude(state=HandOff.State.RESOLVED).order_by().values("conversation")
    found = Contact.objects.filter(~Q(phone="") | ~Q(email=""), declined=False, conversation__in=open_matters)
    return {one.conversation_id: one for one in found.order_by("conversation__waiting_since")[:MOST_CALLS]}


def _requests() -> Iterable[BookingRequest]:
    """Return the requests for an appointment that nobody has answered, with a way to be reached."""
    found = BookingRequest.objects.filter(~Q(phone="") | ~Q(email=""), state=State.SUBMITTED)
    return found.order_by("touched_at")[:MOST_CALLS]
