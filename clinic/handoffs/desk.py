"""Bringing matters to the clinic's staff."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from clinic.conversations.models import BOT, WAITING, Conversation, Message
from clinic.handoffs import alerts
from clinic.handoffs.models import HandOff, HandOffMessage

URGENCY = {kind: number for number, kind in enumerate(HandOff.Kind.values)}
# A wish for an appointment waits for staff, but the conversation stays the bot's.
LEAVES_OWNER = (HandOff.Kind.BOOKING,)
# Of these staff are told even while one of them holds the conversation: that person may have left the desk, and what
# the gate could not read may be an emergency. Any other matter is in front of that person anyway.
TOLD_ALWAYS = (HandOff.Kind.EMERGENCY, HandOff.Kind.FAILED_TURN)
# An emergency that goes on is told again, but not with every message.
TOLD_AGAIN_AFTER = timedelta(minutes=5)
KNOWN_KEYS = ("type", "kind", "reason", "urgent")


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
