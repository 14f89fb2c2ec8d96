"""What the page of one conversation reads from the book, a page at a time and by key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.contrib.auth import get_user_model
from django.db.models import Count, Prefetch, QuerySet

from clinic.conversations.models import BOT, CLOSED, STAFF_PREFIX, WAITING, Conversation, Message
from clinic.handoffs.models import HandOff
from clinic.practice import facts

MESSAGES_ON_A_PAGE = 200
# A matter is shown with the last of its messages.
MESSAGES_OF_A_MATTER = 3

OWNERS = {BOT: "Assistant", WAITING: "Waiting for staff", CLOSED: "Closed"}


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
class Entry:
    """One message of a conversation; `day` is set on the first of each day, by the clinic's calendar."""

    message: Message
    day: date | None


@dataclass(frozen=True)
class Stretch:
    """Some messages of a conversation, oldest first, and the seq before which there are more, or None."""

    entries: list[Entry]
    earlier: int | None

    @property
    def last_seq(self) -> int:
        """Return the number of the last message, 0 when there is none."""
        return self.entries[-1].message.seq if self.entries else 0


def owner_names(owners: Iterable[str]) -> dict[str, str]:
    """Return for each owner what staff call it: the assistant, a colleague's name, and so on."""
    owners = set(owners)
    numbers = [int(owner.removeprefix(STAFF_PREFIX)) for owner in owners if owner.startswith(STAFF_PREFIX)]
    people = get_user_model().objects.in_bulk(numbers) if numbers else {}
    names = {f"{STAFF_PREFIX}{number}": people[number].get_full_name() or people[number].username for number in people}
    return {owner: names.get(owner) or OWNERS.get(owner, "Staff") for owner in owners}


def matters_of(conversation: Conversation) -> list[Matter]:
    """Return what waits for staff in a conversation, urgent first, then oldest first."""
    return _matters(HandOff.objects.filter(conversation=conversation), len(HandOff.Kind.values))


def _matters(found: QuerySet[HandOff], most: int) -> list[Matter]:
    last = Prefetch("messages", Message.objects.order_by("-seq")[:MESSAGES_OF_A_MATTER], to_attr="last_messages")
    found = found.exclude(state=HandOff.State.RESOLVED).annotate(all=Count("entries")).prefetch_related(last)
    found = found.select_related("claimed_by")
    return [
        Matter(one, one.last_messages[::-1], one.all - len(one.last_messages))
        for one in found.order_by("-urgent", "created_at")[:most]
        if one.last_messages
    ]


def messages(conversation: Conversation, before: int | None) -> Stretch:
    """Return the last messages before `before`, suppressed answers too, with all that the page says of each."""
    found = _messages(conversation)
    if before is not None:
        found = found.filter(seq__lt=before)
    newest_first = list(found.order_by("-seq")[: MESSAGES_ON_A_PAGE + 1])
    more = len(newest_first) > MESSAGES_ON_A_PAGE
    shown = newest_first[:MESSAGES_ON_A_PAGE][::-1]
    return Stretch(_entries(shown, None), shown[0].seq if more else None)


def messages_after(conversation: Conversation, after: int) -> Stretch:
    """Return the first messages after the one with this number; `earlier` is never set."""
    shown = list(_messages(conversation).filter(seq__gt=after).order_by("seq")[:MESSAGES_ON_A_PAGE])
    last = Message.objects.filter(conversation=conversation, seq__lte=after).order_by("-seq").first() if shown else None
    return Stretch(_entries(shown, last), None)


def message(conversation: Conversation, seq: int) -> Message | None:
    """Return one message with all that the page says of it."""
    return _messages(conversation).filter(seq=seq).first()


def _messages(conversation: Conversation) -> QuerySet[Message]:
    found = Message.objects.filter(conversation=conversation)
    found = found.select_related("understanding", "verdict", "author")
    return found.prefetch_related("handoff_entries__handoff")


def _entries(shown: list[Message], last: Message | None) -> list[Entry]:
    zone = facts.snapshot().hours.zone
    days = [one.created_at.astimezone(zone).date() for one in shown]
    before = [last.created_at.astimezone(zone).date() if last else None, *days]
    return [Entry(one, day if day != earlier else None) for one, day, earlier in zip(shown, days, before, strict=False)]
