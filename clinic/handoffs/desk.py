"""Bringing matters to the clinic's staff, and what staff do with them.

A matter is open, claimed by a member of staff, or resolved. What its conversation says of it, `urgency` and
`waiting_since`, changes in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from clinic.accounts.models import User
from clinic.conversations import book, ending, wake
from clinic.conversations.hands import Deed
from clinic.conversations.models import BOT, WAITING, Conversation, Message
from clinic.handoffs import alerts
from clinic.handoffs.models import HandOff, HandOffMessage
from clinic.threads import writing

URGENCY = {kind: number for number, kind in enumerate(HandOff.Kind.values)}
# A wish for an appointment waits for staff, but the conversation stays the bot's.
LEAVES_OWNER = (HandOff.Kind.BOOKING,)
# Of these staff are told even while one of them holds the conversation: that person may have left the desk, and what
# the gate could not read may be an emergency. Any other matter is in front of that person anyway.
TOLD_ALWAYS = (HandOff.Kind.EMERGENCY, HandOff.Kind.FAILED_TURN)
# An emergency that goes on is told again, but not with every message.
TOLD_AGAIN_AFTER = timedelta(minutes=5)
# What working on a matter may change of its conversation.
WRITTEN = ("owner", "epoch", "closed_at", "waiting_since", "urgency")
KNOWN_KEYS = ("type", "kind", "reason", "urgent")


class AlreadyClaimed(Exception):
    """The matter is not open any more; `owner_name` is who has claimed it, "" when it is resolved."""

    def __init__(self, owner_name: str) -> None:
        """Keep the name."""
        self.owner_name = owner_name
        super().__init__(owner_name)


def pressing(matter: HandOff) -> int:
    """Return how pressing a matter is, 0 the most."""
    return 0 if matter.urgent else URGENCY[matter.kind]


def hand_off(conversation: Conversation, message: Message, effect: Mapping[str, Any]) -> None:
    """Carry out the effect `hand_off`, `{"kind", "reason"}`: one unresolved hand-off of each kind for a conversation.

    A message joins the one that there is, whose state stays as it is; the alert that is due goes to the outbox. The
    bot's conversation then waits for staff; one that staff hold stays theirs. An unknown kind counts as `failed_turn`,
    because staff must see the message in any case. Call it with the conversation locked.
    """
    kind = effect.get("kind")
    if kind not in HandOff.Kind.values:
        kind = HandOff.Kind.FAILED_TURN
    now = timezone.now()
    matter = _unresolved(conversation, kind, now)
    HandOffMessage.objects.get_or_create(
        handoff=matter,
        message=message,
        defaults={
            "reason": str(effect.get("reason") or "")[:200],
            "details": {name: value for name, value in effect.items() if name not in KNOWN_KEYS},
        },
    )
    becomes_urgent = not matter.urgent and (kind == HandOff.Kind.EMERGENCY or effect.get("urgent") is True)
    matter.urgent = matter.urgent or becomes_urgent
    if _is_alert_due(conversation, matter, becomes_urgent, now):
        alerts.send(matter, message, now)
        matter.alerted_at = now
    matter.save(update_fields=["urgent", "alerted_at"])
    conversation.wait(now)
    known = conversation.urgency
    conversation.urgency = pressing(matter) if known is None else min(known, pressing(matter))
    if conversation.owner == BOT and kind not in LEAVES_OWNER:
        conversation.owner = WAITING
        conversation.epoch += 1


def _unresolved(conversation: Conversation, kind: str, now: datetime) -> HandOff:
    """Return the unresolved hand-off of a kind, made if there is none, and locked so that nobody resolves it now."""
    found = HandOff.objects.select_for_update().filter(conversation=conversation, kind=kind)
    matter = found.exclude(state=HandOff.State.RESOLVED).first()
    return matter or HandOff.objects.create(conversation=conversation, kind=kind, created_at=now)


def _is_alert_due(conversation: Conversation, matter: HandOff, becomes_urgent: bool, now: datetime) -> bool:
    if conversation.is_with_staff and matter.kind not in TOLD_ALWAYS:
        return False
    if matter.alerted_at is None or becomes_urgent:
        return True
    return matter.kind == HandOff.Kind.EMERGENCY and now - matter.alerted_at >= TOLD_AGAIN_AFTER


def claim(pk: int, user: User) -> HandOff:
    """Claim an open matter for a member of staff, who may have it already; its conversation stays where it is.

    Raises `HandOff.DoesNotExist`, and `AlreadyClaimed` when it is a colleague's or resolved.
    """
    now = timezone.now()
    with writing():
        matter, conversation = _held(pk)
        if not _claim(HandOff.objects.filter(pk=pk), user, now):
            if matter.state == HandOff.State.CLAIMED and matter.claimed_by_id == user.pk:
                return matter
            has_it = matter.claimed_by.staff_name if matter.claimed_by else ""
            raise AlreadyClaimed(has_it if matter.state == HandOff.State.CLAIMED else "")
        wake.announce(conversation.pk)
    matter.refresh_from_db()
    return matter


def resolve(pk: int, user: User) -> HandOff:
    """Resolve a matter, whoever has claimed it; raises `HandOff.DoesNotExist`.

    With the last one nobody waits any more, and a conversation that waited is the bot's again.
    """
    now = timezone.now()
    with writing():
        matter, conversation = _held(pk)
        if _resolve(HandOff.objects.filter(pk=pk), user, now):
            settle(conversation)
            save(conversation)
    matter.refresh_from_db()
    return matter


def resolve_kind(conversation: Conversation, kind: HandOff.Kind, user: User, now: datetime) -> None:
    """Resolve the matter of a kind, if there is one, in a locked conversation that the caller saves with `save`."""
    if _resolve(HandOff.objects.filter(conversation=conversation, kind=kind), user, now):
        settle(conversation)


def settle(conversation: Conversation) -> None:
    """Bring `urgency`, `waiting_since` and the owner in line with what is unresolved; the caller saves.

    A conversation that its visitor has ended is closed with its last matter.
    """
    left = unresolved(conversation.pk)
    conversation.urgency = min(map(pressing, left), default=None)
    if not left:
        conversation.waiting_since = None
    if conversation.owner == WAITING and all(matter.kind in LEAVES_OWNER for matter in left):
        conversation.owner = BOT
        conversation.epoch += 1
    ending.close_if_done(conversation, timezone.now())


def save(conversation: Conversation) -> None:
    """Write what work on matters may have changed of a locked conversation, and tell who listens."""
    Conversation.objects.filter(pk=conversation.pk).update(**{name: getattr(conversation, name) for name in WRITTEN})
    wake.announce(conversation.pk)


def follow(conversation: Conversation, user: User, deed: Deed, now: datetime) -> None:
    """Do what a deed of staff means for the matters of its locked conversation, which the caller saves.

    Whoever takes over or answers has seen what is open and claims it. Giving back settles what is claimed; what came up
    since the last answer stays open, and with it the conversation waits. Closing settles everything.
    """
    matters = HandOff.objects.filter(conversation=conversation)
    if deed == Deed.TAKEN:
        _unresolved_of(matters).update(state=HandOff.State.CLAIMED, claimed_by=user, claimed_at=now)
    elif deed == Deed.ANSWERED:
        _claim(matters, user, now)
    elif deed == Deed.CLOSED:
        _resolve(matters, user, now)
        conversation.urgency = None
    else:
        claimed = matters.filter(state=HandOff.State.CLAIMED)
        if deed == Deed.GIVEN_BACK:
            _resolve(claimed, user, now)
        else:
            claimed.update(state=HandOff.State.OPEN, claimed_by=None, claimed_at=None)
        _wait_again(conversation, now)


def _wait_again(conversation: Conversation, now: datetime) -> None:
    """Let a conversation that the bot has again wait for staff if it has open matters, of which staff are told."""
    left = unresolved(conversation.pk)
    conversation.urgency = min(map(pressing, left), default=None)
    if left:
        conversation.wait(now)
    if any(matter.kind not in LEAVES_OWNER for matter in left):
        conversation.owner = WAITING
    for matter in left:
        last = matter.messages.order_by("-seq").first()
        # Under staff most matters are not told: whoever had the conversation had them in front of them.
        if matter.alerted_at is None and last is not None:
            alerts.send(matter, last, now)
            matter.alerted_at = now
            matter.save(update_fields=["alerted_at"])


def _held(pk: int) -> tuple[HandOff, Conversation]:
    """Return a matter and its conversation, locked in the order in which turns lock them."""
    known = HandOff.objects.only("conversation_id").get(pk=pk)
    conversation = book.locked(known.conversation_id)
    return HandOff.objects.select_for_update(of=("self",)).select_related("claimed_by").get(pk=pk), conversation


def _unresolved_of(matters: QuerySet[HandOff]) -> QuerySet[HandOff]:
    return matters.exclude(state=HandOff.State.RESOLVED)


def _claim(matters: QuerySet[HandOff], user: User, now: datetime) -> int:
    """Claim what is open among the matters; return how many those were."""
    found = matters.filter(state=HandOff.State.OPEN)
    return found.update(state=HandOff.State.CLAIMED, claimed_by=user, claimed_at=now)


def _resolve(matters: QuerySet[HandOff], user: User, now: datetime) -> int:
    """Resolve what is not resolved among the matters; who resolves what nobody has claimed, has claimed it too."""
    _claim(matters, user, now)
    return _unresolved_of(matters).update(state=HandOff.State.RESOLVED, resolved_at=now)


def kinds(messages: list[int]) -> dict[int, str]:
    """Return the most urgent kind of hand-off for each of the messages (by primary key) that belongs to one."""
    found: dict[int, str] = {}
    entries = HandOffMessage.objects.filter(message_id__in=messages)
    for message, kind in entries.values_list("message_id", "handoff__kind"):
        if message not in found or URGENCY[kind] < URGENCY[found[message]]:
            found[message] = kind
    return found


def unresolved(conversation: UUID) -> list[HandOff]:
    """Return the hand-offs of a conversation that staff have not resolved, most urgent and oldest first."""
    return list(
        HandOff.objects.filter(conversation=conversation)
        .exclude(state=HandOff.State.RESOLVED)
        .order_by("-urgent", "created_at")
    )
