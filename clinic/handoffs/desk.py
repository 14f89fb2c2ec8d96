"""Bringing matters to the clinic's staff."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone

from clinic.conversations.models import BOT, WAITING, Conversation, Message
from clinic.handoffs.models import HandOff

URGENCY = {kind: number for number, kind in enumerate(HandOff.Kind.values)}
# A wish for an appointment waits for staff, but the conversation stays the bot's.
LEAVES_OWNER = (HandOff.Kind.BOOKING,)
KNOWN_KEYS = ("type", "kind", "reason", "urgent")


def hand_off(conversation: Conversation, message: Message, effect: Mapping[str, Any]) -> None:
    """Carry out the effect `hand_off`, `{"kind", "reason"}`: one hand-off of each kind for each message.

    The bot's conversation then waits for staff; one that staff hold stays theirs. An unknown kind counts as
    `failed_turn`, because staff must see the message in any case.
    """
    kind = effect.get("kind")
    if kind not in HandOff.Kind.values:
        kind = HandOff.Kind.FAILED_TURN
    HandOff.objects.get_or_create(
        message=message,
        kind=kind,
        defaults={
            "conversation": conversation,
            "urgent": kind == HandOff.Kind.EMERGENCY or effect.get("urgent") is True,
            "reason": str(effect.get("reason") or "")[:200],
            "details": {name: value for name, value in effect.items() if name not in KNOWN_KEYS},
            "created_at": timezone.now(),
        },
    )
    if conversation.owner == BOT and kind not in LEAVES_OWNER:
        conversation.owner = WAITING
        conversation.epoch += 1


def kinds(messages: list[int]) -> dict[int, str]:
    """Return the most urgent kind of hand-off for each of the messages (by primary key) that has one."""
    found: dict[int, str] = {}
    for message, kind in HandOff.objects.filter(message_id__in=messages).values_list("message_id", "kind"):
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
