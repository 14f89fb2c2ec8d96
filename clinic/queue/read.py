"""The lists of conversations, a page at a time and by key, so that page 2,000 costs what page 1 does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db.models import Case, OuterRef, Q, QuerySet, Subquery, When

from clinic.accounts.models import User
from clinic.bookings.models import BookingRequest
from clinic.bookings.states import State
from clinic.casework.models import ConversationTag
from clinic.contacts.models import Contact
from clinic.conversations.models import BOT, CLOSED, STAFF_PREFIX, WAITING, Conversation, Message
from clinic.handoffs.desk import pressing
from clinic.handoffs.models import HandOff, HandOffMessage
from clinic.practice import facts
from clinic.practice.hours import Hours
from clinic.queue import conditions, search
from clinic.queue.filters import Filters
from clinic.queue.keys import LAST_URGENCY, Key
from clinic.queue.search import Piece

ON_A_PAGE = 25
# Of matters equally pressing, those that nobody waits for come after all others.
NEVER = datetime(9000, 1, 1, tzinfo=UTC)
OWNERS = {BOT: "With the assistant", WAITING: "Waiting for staff", CLOSED: "Closed"}
# What the parts of the queue are called, by urgency.
PARTS = {
    0: "Emergencies and urgent matters",
    1: "Medical questions",
    2: "Not answered by the assistant",
    3: "Asked for staff",
    4: "Appointments",
    LAST_URGENCY: "Waiting for the next answer",
}


@dataclass(frozen=True)
class Row:
    """One conversation in a list.

    `owner` says who has it, `part` is the part of the queue that it belongs to, `name` is the visitor's where it is
    known. `excerpt` is from the message that was found in a search, else from what the most pressing matter is about,
    else from what the visitor typed last; `sender` is who wrote it. `promised` is until when the visitor was told that
    staff answer.
    """

    conversation: Conversation
    name: str
    owner: str
    part: str
    matters: list[HandOff]
    excerpt: list[Piece]
    sender: str
    waits: timedelta | None
    promised: datetime | None
    is_late: bool
    tags: list[str]

    @property
    def is_urgent(self) -> bool:
        """Tell whether an urgent matter waits."""
        return any(matter.urgent for matter in self.matters)

    @property
    def is_seen_only(self) -> bool:
        """Tell whether somebody has opened it since the visitor waits, and nobody has answered."""
        opened, since = self.conversation.opened_at, self.conversation.waiting_since
        return opened is not None and since is not None and opened >= since


@dataclass(frozen=True)
class Page:
    """Some rows, and the key of the page that follows, "" at the end."""

    rows: list[Row]
    next_key: str


def page(filters: Filters, after: Key | None, me: User, now: datetime) -> Page:
    """Return a page of what the filters leave, beginning after the key.

    What needs staff comes by urgency and waiting time, everything else newest first: by the last message, or, where
    the filters name days, by the beginning.
    """
    shown = list(ordered(filters, after, me)[: ON_A_PAGE + 1])
    more, shown = len(shown) > ON_A_PAGE, shown[:ON_A_PAGE]
    key = key_of(shown[-1], filters) if more else None
    return Page(rows(shown, filters.terms, now), str(key or ""))


def ordered(filters: Filters, after: Key | None, me: User) -> QuerySet[Conversation]:
    """Return what the filters leave after the key, in the order of the list."""
    found = filters.queryset(me).defer("state").select_related("assignee")
    return _queue(found, after) if filters.is_queue else _newest(found, filters, after)


def _queue(found: QuerySet[Conversation], after: Key | None) -> QuerySet[Conversation]:
    found = found.annotate(rank=conditions.rank(), since=conditions.since()).order_by("rank", "since", "pk")
    if after is None:
        return found
    later = Q(since__gt=after.moment) | Q(since=after.moment, pk__gt=after.conversation)
    # The first condition is the one that the index answers.
    return found.filter(rank__gte=after.urgency).filter(Q(rank__gt=after.urgency) | later)


def _newest(found: QuerySet[Conversation], filters: Filters, after: Key | None) -> QuerySet[Conversation]:
    column = _column(filters)
    found = found.order_by(f"-{column}", "-pk")
    if after is None:
        return found
    same = Q(**{column: after.moment}, pk__lt=after.conversation)
    # The first condition is the one that the index answers.
    return found.filter(**{f"{column}__lte": after.moment}).filter(Q(**{f"{column}__lt": after.moment}) | same)


def _column(filters: Filters) -> str:
    return "created_at" if filters.first or filters.last else "last_message_at"


def key_of(last: Conversation, filters: Filters) -> Key:
    """Return where the page after this conversation begins."""
    if filters.is_queue:
        return Key(_rank(last), last.waiting_since or NEVER, last.pk)
    return Key(0, getattr(last, _column(filters)), last.pk)


def _rank(conversation: Conversation) -> int:
    return LAST_URGENCY if conversation.urgency is None else conversation.urgency


def rows(shown: Sequence[Conversation], terms: search.Terms | None, now: datetime) -> list[Row]:
    """Return the rows of a few conversations, in their order."""
    ids = [one.pk for one in shown]
    matters, tags, owners = _matters(ids), _tags(ids), owner_names(one.owner for one in shown)
    requests, names = _requests(ids), _names(ids)
    hits = search.newest_hits(terms, ids) if terms else {}
    about = words_of(found[0] for found in matters.values())
    typed = _typed_last([pk for pk in ids if pk not in hits and pk not in matters])
    hours = facts.snapshot().hours
    found = []
    for one in shown:
        hit, own = hits.get(one.pk), matters.get(one.pk, [])
        promised = _promised(one, own, requests[one.pk], hours)
        text = hit.text if hit else about.get(own[0].pk, "") if own else typed.get(one.pk, "")
        row = Row(
            conversation=one,
            name=names.get(one.pk) or next((request.name for request in requests[one.pk] if request.name), ""),
            owner=owners[one.owner],
            part=PARTS.get(_rank(one), PARTS[LAST_URGENCY]),
            matters=own,
            excerpt=search.pieces(text, terms),
            sender=hit.sender if hit else Message.Sender.VISITOR,
            waits=max(now - one.waiting_since, timedelta()) if one.waiting_since else None,
            promised=promised,
            is_late=promised is not None and promised < now,
            tags=tags[one.pk],
        )
        found.append(row)
    return found


def owner_names(owners: Iterable[str]) -> dict[str, str]:
    """Return for each owner how staff say who has the conversation."""
    owners = set(owners)
    numbers = [int(owner.removeprefix(STAFF_PREFIX)) for owner in owners if owner.startswith(STAFF_PREFIX)]
    people = User.objects.in_bulk(numbers) if numbers else {}
    names = {f"{STAFF_PREFIX}{number}": f"With {people[number].staff_name}" for number in people}
    return {owner: names.get(owner) or OWNERS.get(owner, "With staff") for owner in owners}


def _matters(ids: list[UUID]) -> dict[UUID, list[HandOff]]:
    """Return what is unresolved in each conversation that has something, most pressing first."""
    matters: dict[UUID, list[HandOff]] = {}
    found = HandOff.objects.filter(conversation__in=ids).exclude(state=HandOff.State.RESOLVED)
    for matter in sorted(found.select_related("claimed_by"), key=lambda one: (pressing(one), one.created_at)):
        matters.setdefault(matter.conversation_id, []).append(matter)
    return matters


def words_of(matters: Iterable[HandOff]) -> dict[int, str]:
    """Return for each matter (by primary key) what it is about: an emergency's first message, any other's last."""
    of_this = HandOffMessage.objects.filter(handoff=OuterRef("pk")).values("message__text")
    first, last = of_this.order_by("message__seq")[:1], of_this.order_by("-message__seq")[:1]
    text = Case(When(kind=HandOff.Kind.EMERGENCY, then=Subquery(first)), default=Subquery(last))
    found = HandOff.objects.filter(pk__in=[matter.pk for matter in matters]).annotate(text=text)
    return {pk: said for pk, said in found.values_list("pk", "text") if said}


def _tags(ids: list[UUID]) -> dict[UUID, list[str]]:
    tags: dict[UUID, list[str]] = defaultdict(list)
    found = ConversationTag.objects.filter(conversation__in=ids).order_by("tag__key")
    for conversation, name in found.values_list("conversation_id", "tag__name"):
        tags[conversation].append(name)
    return tags


def _typed_last(ids: list[UUID]) -> dict[UUID, str]:
    """Return what the visitor of each conversation typed last; a pressed button says little."""
    said = Message.objects.filter(conversation=OuterRef("pk"), sender=Message.Sender.VISITOR, choice__isnull=True)
    found = Conversation.objects.filter(pk__in=ids).annotate(text=Subquery(said.order_by("-seq").values("text")[:1]))
    return {pk: text for pk, text in found.values_list("pk", "text") if text}


def _names(ids: list[UUID]) -> dict[UUID, str]:
    """Return the names that visitors have left with a way to be reached."""
    return dict(Contact.objects.filter(conversation__in=ids).values_list("conversation_id", "name"))


def _requests(ids: list[UUID]) -> dict[UUID, list[BookingRequest]]:
    """Return the requests for an appointment of each conversation, newest first."""
    requests: dict[UUID, list[BookingRequest]] = defaultdict(list)
    for request in BookingRequest.objects.filter(conversation__in=ids).order_by("-pk"):
        requests[request.conversation_id].append(request)
    return requests


def _promised(
    conversation: Conversation, matters: list[HandOff], requests: list[BookingRequest], hours: Hours
) -> datetime | None:
    """Return the earliest moment by which the visitor was told to hear from staff.

    A request for an appointment has its own; who asks for staff while the clinic is closed is told when it opens.
    """
    unanswered = (one for one in requests if one.state == State.SUBMITTED or (one.is_open and one.asks_other_time))
    said = [one.confirm_by for one in unanswered if one.confirm_by]
    if conversation.waiting_since is not None:
        asked = [one.created_at for one in matters if one.kind != HandOff.Kind.BOOKING]
        said += filter(None, (hours.next_opening(at) for at in asked if not hours.is_open(at)))
    return min(said, default=None)
