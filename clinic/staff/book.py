"""What the staff pages read from the book, a page at a time and by key, so that page 500 costs what page 1 does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, datetime
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import Count, F, Prefetch, Q, QuerySet

from clinic.conversations.models import BOT, CLOSED, STAFF_PREFIX, WAITING, Conversation, Message
from clinic.handoffs.models import HandOff

CONVERSATIONS_ON_A_PAGE = 25
MESSAGES_ON_A_PAGE = 200
WAITING_AT_THE_TOP = 20
# A matter is shown with the last of its messages.
MESSAGES_OF_A_MATTER = 3

OWNERS = {BOT: "Assistant", WAITING: "Waiting for staff", CLOSED: "Closed"}


def moment_of(text: str) -> datetime:
    """Read an aware ISO moment, in UTC; raises ValueError, also where another zone's calendar has no such year."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or not 1 < moment.year < MAXYEAR:
        raise ValueError("no moment of every zone's calendar")
    return moment.astimezone(UTC)


class BadKey(ValueError):
    """The key of a page is none that we made."""


@dataclass(frozen=True)
class Key:
    """Where a page of the list begins: after this conversation, which need not exist any more."""

    last_message_at: datetime
    conversation: UUID

    @classmethod
    def read(cls, text: str) -> Key:
        """Read what `str` wrote; raises `BadKey`."""
        moment, _, conversation = text.rpartition("_")
        try:
            return cls(moment_of(moment), UUID(conversation))
        except ValueError:
            raise BadKey from None

    def __str__(self) -> str:
        return f"{self.last_message_at.isoformat()}_{self.conversation}"


@dataclass(frozen=True)
class Matter:
    """A hand-off, the last of its messages, oldest first, and how many there are before them."""

    handoff: HandOff
    messages: list[Message]
    earlier: int

    @property
    def last(self) -> Message:
        """Return the message that came last."""
        return self.messages[-1]


@dataclass(frozen=True)
class Line:
    """One conversation in the list."""

    conversation: Conversation
    owner: str
    last_message: Message | None
    waiting: list[HandOff]

    @property
    def is_urgent(self) -> bool:
        """Tell whether an urgent matter waits."""
        return any(matter.urgent for matter in self.waiting)


@dataclass(frozen=True)
class Page:
    """Some lines, newest first, and the key of what follows, "" at the end."""

    lines: list[Line]
    next_key: str


@dataclass(frozen=True)
class Stretch:
    """Some messages of a conversation, oldest first, and the seq before which there are more, or None."""

    messages: list[Message]
    earlier: int | None


def owner_names(owners: Iterable[str]) -> dict[str, str]:
    """Return for each owner what staff call it: the assistant, a colleague's name, and so on."""
    owners = set(owners)
    numbers = [int(owner.removeprefix(STAFF_PREFIX)) for owner in owners if owner.startswith(STAFF_PREFIX)]
    people = get_user_model().objects.in_bulk(numbers) if numbers else {}
    names = {f"{STAFF_PREFIX}{number}": people[number].get_full_name() or people[number].username for number in people}
    return {owner: names.get(owner) or OWNERS.get(owner, "Staff") for owner in owners}


def conversations(after: Key | None) -> Page:
    """Return a page of conversations, newest first, beginning after the key."""
    found = Conversation.objects.order_by("-last_message_at", "-id").defer("state")
    if after:
        same = Q(last_message_at=after.last_message_at, id__lt=after.conversation)
        # The first condition is the one that the index answers.
        found = found.filter(last_message_at__lte=after.last_message_at).filter(
            Q(last_message_at__lt=after.last_message_at) | same
        )
    shown = list(found[: CONVERSATIONS_ON_A_PAGE + 1])
    more = len(shown) > CONVERSATIONS_ON_A_PAGE
    shown = shown[:CONVERSATIONS_ON_A_PAGE]
    names = owner_names(one.owner for one in shown)
    last = _last_messages(shown)
    waiting = _waiting(shown)
    lines = [Line(one, names[one.owner], last.get(one.pk), waiting[one.pk]) for one in shown]
    return Page(lines, str(Key(shown[-1].last_message_at, shown[-1].pk)) if more else "")


def _last_messages(shown: list[Conversation]) -> dict[UUID, Message]:
    found = Message.objects.filter(conversation__in=shown, seq=F("conversation__last_seq"))
    return {message.conversation_id: message for message in found}


def _waiting(shown: list[Conversation]) -> dict[UUID, list[HandOff]]:
    matters: dict[UUID, list[HandOff]] = defaultdict(list)
    found = HandOff.objects.filter(conversation__in=shown).exclude(state=HandOff.State.RESOLVED)
    for matter in found.order_by("-urgent", "created_at"):
        matters[matter.conversation_id].append(matter)
    return matters


def waiting_matters() -> list[Matter]:
    """Return what waits for staff, urgent first, then oldest first; not more than fit at the top of a page."""
    return _matters(HandOff.objects.all(), WAITING_AT_THE_TOP)


def matters_of(conversation: Conversation) -> list[Matter]:
    """Return what waits for staff in a conversation, urgent first, then oldest first."""
    return _matters(HandOff.objects.filter(conversation=conversation), len(HandOff.Kind.values))


def _matters(found: QuerySet[HandOff], most: int) -> list[Matter]:
    last = Prefetch("messages", Message.objects.order_by("-seq")[:MESSAGES_OF_A_MATTER], to_attr="last_messages")
    found = found.exclude(state=HandOff.State.RESOLVED).annotate(all=Count("entries")).prefetch_related(last)
    return [
        Matter(one, one.last_messages[::-1], one.all - len(one.last_messages))
        for one in found.order_by("-urgent", "created_at")[:most]
        if one.last_messages
    ]


def waiting_count() -> int:
    """Return how many matters wait for staff."""
    return HandOff.objects.exclude(state=HandOff.State.RESOLVED).count()


def messages(conversation: Conversation, before: int | None) -> Stretch:
    """Return the last messages before `before`, suppressed answers too, with understanding and hand-offs."""
    found = Message.objects.filter(conversation=conversation)
    if before is not None:
        found = found.filter(seq__lt=before)
    found = found.select_related("understanding").prefetch_related("handoff_entries__handoff")
    newest_first = list(found.order_by("-seq")[: MESSAGES_ON_A_PAGE + 1])
    more = len(newest_first) > MESSAGES_ON_A_PAGE
    shown = newest_first[:MESSAGES_ON_A_PAGE][::-1]
    return Stretch(shown, shown[0].seq if more else None)
