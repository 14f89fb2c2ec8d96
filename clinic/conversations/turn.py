"""One visitor's message becomes answers: the turn.

A turn reads the book, asks the brain, and writes everything that follows in one transaction. At most one turn runs in
a conversation at a time: whoever runs one holds the conversation's lease. A turn that dies leaves its message
`running` under a lease that runs out; it is tried once more and then failed honestly.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from clinic.conversations import book, brain, dialogue, effects, ending, wake
from clinic.conversations.book import Claim
from clinic.conversations.models import BOT, WAITING, Conversation, Message, Understanding
from clinic.conversations.readings import added, readings
from clinic.conversations.responses import (
    BOT_OFF_CLOSED,
    BOT_OFF_OPEN,
    EMERGENCY,
    TURN_FAILED,
    Rendered,
    UnknownResponse,
    renderer,
)
from clinic.practice import facts
from clinic.threads import writing

logger = logging.getLogger(__name__)

RECENT = timedelta(seconds=30)
RECENT_MESSAGES = 10
# The number of a conversation's first message of a visitor: before it there is only the greeting.
FIRST = 2
# A message is tried this often when its turn dies with its process.
ATTEMPTS = 2
HAND_OFF = "hand_off"
# Routes that must reach staff: without a hand-off their turn counts as broken.
HANDED_OFF = ("emergency", "staff_medical", "staff_other")
# The responses of an emergency that say when staff will read it.
ABOUT_STAFF = "utter_emergency_staff"
# What a turn may change of its conversation.
WRITTEN = (
    "owner",
    "epoch",
    "state",
    "last_seq",
    "last_message_at",
    "last_topic",
    "last_route",
    "lease_token",
    "lease_until",
    "closed_at",
    "waiting_since",
    "urgency",
    "lowest_confidence",
    "is_after_hours",
)
# Routes on which the bot tries to answer; on the others its confidence says nothing about the answers that it has.
ANSWERING = ("answer", "clarify", "out_of_scope")
OPEN_TURNS = (Message.Turn.PENDING, Message.Turn.RUNNING)


@dataclass(frozen=True)
class Outcome:
    """What a turn came to: answers to be stored, the brain's answer unless it failed, and if the clinic was open."""

    replies: list[Rendered]
    answer: brain.Answer | None
    is_open: bool
    failure: str = ""


def _is_to_staff(claim: Claim) -> bool:
    """Tell whether the claimed message was written while staff had the conversation, or before they had."""
    conversation = claim.conversation
    return conversation.is_with_staff or claim.message.seq <= conversation.heard_by_staff


def run_pending_turns(conversation: UUID) -> None:
    """Run the turns of the conversation's waiting messages, oldest first, unless another thread is at it."""
    if (claim := _claim(conversation)) is not None:
        wake.tell(conversation, typing=True)
        run_claimed_turns(claim)


def run_claimed_turns(first: Claim) -> None:
    """Run the turn of a claimed message, and then those of the messages that came meanwhile."""
    claim: Claim | None = first
    while claim is not None:
        began = time.perf_counter()
        outcome = _take(claim)
        claim = _finish(claim, outcome, (time.perf_counter() - began) * 1000)


def dead_turns(now: datetime) -> list[UUID]:
    """Return the conversations with a message that waits although nobody works on it any more."""
    stale = now - timedelta(seconds=settings.TURN_LEASE_SECONDS)
    waiting = Message.objects.filter(turn__in=OPEN_TURNS, created_at__lt=stale).filter(
        Q(conversation__lease_until=None) | Q(conversation__lease_until__lt=now)
    )
    return list(waiting.order_by().values_list("conversation_id", flat=True).distinct()[:100])


def _claim(conversation_id: UUID) -> Claim | None:
    """Take the lease if it is free and a message waits; return that message's claim."""
    now = timezone.now()
    with writing():
        conversation = Conversation.objects.select_for_update().filter(pk=conversation_id).first()
        if conversation is None or (conversation.lease_until is not None and conversation.lease_until >= now):
            return None
        claim = _next(conversation, uuid4(), now)
        if claim is not None:
            _save_lease(conversation)
        return claim


def _next(conversation: Conversation, token: UUID, now: datetime) -> Claim | None:
    """Claim the oldest open message of a locked conversation, or give the lease up; the caller saves the lease.

    Whoever stores a message locks the same row, so no message slips in between this look and the end of the lease.
    """
    message = Message.objects.filter(conversation=conversation, turn__in=OPEN_TURNS).order_by("seq").first()
    if message is None:
        conversation.release()
        return None
    conversation.lease(token, now)
    message.turn, message.attempts = Message.Turn.RUNNING, message.attempts + 1
    Message.objects.filter(pk=message.pk).update(turn=message.turn, attempts=message.attempts)
    return Claim(conversation, message, token)


def _save_lease(conversation: Conversation) -> None:
    Conversation.objects.filter(pk=conversation.pk).update(
        lease_token=conversation.lease_token, lease_until=conversation.lease_until
    )


def _take(claim: Claim) -> Outcome:
    """Ask the brain about the claimed message and render its answer; a failure becomes the honest answer."""
    now = timezone.now()
    is_open = facts.snapshot().hours.is_open(now)
    try:
        if claim.message.attempts > ATTEMPTS:
            raise brain.BrainFailed("its turn died twice")
        answer = brain.ask(_question(claim, now, is_open))
        replies = [_rendered(reply, now) for reply in answer.replies]
        return Outcome(replies, answer, is_open)
    except (brain.BrainFailed, UnknownResponse) as error:
        reason = f"unknown response {error}" if isinstance(error, UnknownResponse) else str(error)
        logger.error("The turn of message %s failed: %s.", claim.message.client_id, reason)
        return Outcome([renderer().render(_honest(is_open), now)], None, is_open, reason)


def _honest(is_open: bool) -> str:
    """Return what is said when the brain has no answer: that something is wrong, or that the bot is off anyway."""
    if not facts.snapshot().practice.is_bot_off:
        return TURN_FAILED
    return BOT_OFF_OPEN if is_open else BOT_OFF_CLOSED


def _rendered(reply: brain.Reply, now: datetime) -> Rendered:
    return renderer().render(reply.response, now, reply.values, reply.buttons, reply.titled)


def _question(claim: Claim, now: datetime, is_open: bool) -> dict[str, Any]:
    """Return the turn as docs/architecture.md gives it."""
    conversation, message = claim.conversation, claim.message
    to_staff = _is_to_staff(claim)
    practice, hours = facts.snapshot().practice, facts.snapshot().hours
    opening = None if is_open else hours.next_opening(now)
    return {
        "conversation": str(conversation.pk),
        "message_id": str(message.client_id),
        "text": brain.spoken(message.text),
        "choice": book.payload(message),
        # What is written to staff answers no question of the bot's.
        "state": dialogue.without_form(conversation.state) if to_staff else conversation.state,
        "context": {
            "last_topic": conversation.last_topic,
            # Who is with staff is not held to the emergency that brought them there.
            "last_route": None if to_staff else conversation.last_route,
            "recent": _recent(message, after=0 if to_staff else conversation.heard_by_staff),
            "now": now.astimezone(hours.zone).isoformat(timespec="seconds"),
            "open": is_open,
            "next_opening": opening.isoformat(timespec="seconds") if opening else None,
            "language": "en",
            # What is written to staff gets no answer of the bot's anyway.
            "bot_off": practice.is_bot_off and not to_staff,
            "readings": readings(message.text),
            **added(conversation, message.text, now),
        },
    }


def _recent(message: Message, after: int) -> list[str]:
    """Return what the visitor wrote in the half minute before the message and after a number, oldest first."""
    if message.seq <= FIRST:
        return []
    # Bounded by number too, so that a long conversation is never searched.
    near = Message.objects.filter(
        conversation_id=message.conversation_id,
        seq__lt=message.seq,
        seq__gt=max(after, message.seq - 4 * RECENT_MESSAGES - 1),
        sender=Message.Sender.VISITOR,
        created_at__gte=message.created_at - RECENT,
    )
    texts = near.order_by("-seq").values_list("text", flat=True)[:RECENT_MESSAGES]
    return [brain.spoken(text) for text in reversed(texts)]


def _finish(claim: Claim, outcome: Outcome, milliseconds: float) -> Claim | None:
    """Write everything that the turn came to in one transaction; return the claim of the next waiting message.

    Nothing is written when the lease has meanwhile passed to somebody else, who then answers the message.
    """
    now = timezone.now()
    with writing():
        conversation = Conversation.objects.select_for_update().filter(pk=claim.conversation.pk).first()
        if conversation is None or conversation.lease_token != claim.token:
            return None
        message, answer = claim.message, outcome.answer
        # What an effect changes of the message's conversation is written below.
        message.conversation = conversation
        conversation.is_after_hours = conversation.is_after_hours or not outcome.is_open
        route = answer.understood.route if answer else None
        unchanged = (conversation.owner, conversation.epoch) == (claim.conversation.owner, claim.conversation.epoch)
        is_emergency = route == "emergency"
        # What was said to staff, or before them, is behind the bot when it has the conversation again.
        is_past = message.seq <= conversation.heard_by_staff
        is_heard = conversation.owner in (BOT, WAITING) and conversation.ended_at is None
        speaks = is_heard and not is_past and (unchanged or is_emergency)
        is_newest = conversation.last_seq == message.seq
        if is_emergency and not speaks:
            book.append_answers(conversation, _notices(outcome.replies, now), now, in_reply_to=message.seq)
        else:
            book.append_answers(conversation, outcome.replies, now, in_reply_to=message.seq, suppressed=not speaks)
        if answer is not None:
            _note(message, answer.understood, milliseconds)
        if answer is not None and speaks:
            _remember(conversation, answer, is_typed=message.choice is None)
        for effect in _effects(outcome, to_staff=_is_to_staff(claim)):
            effects.carry_out(conversation, message, effect)
        message.turn = Message.Turn.ANSWERED if answer else Message.Turn.FAILED
        Message.objects.filter(pk=message.pk).update(turn=message.turn)
        following = None
        if is_newest:  # Messages are answered oldest first, so none waits.
            conversation.release()
        else:
            following = _next(conversation, claim.token, now)
        ending.close_if_done(conversation, now)
        Conversation.objects.filter(pk=conversation.pk).update(
            **{name: getattr(conversation, name) for name in WRITTEN}
        )
        wake.announce(conversation.pk, typing=following is not None)
    return following


def _notices(replies: list[Rendered], now: datetime) -> list[Rendered]:
    """Return what an emergency makes the bot say while staff speak, or after the end: how to get help, nothing else."""
    instructions = [
        reply
        for reply in replies
        if reply.response.startswith(EMERGENCY) and not reply.response.startswith(ABOUT_STAFF)
    ]
    chosen = instructions or [renderer().render(EMERGENCY, now)]
    # The buttons belong to a dialogue that the bot does not lead now.
    return [replace(reply, buttons=[]) for reply in chosen]


def _note(message: Message, understood: brain.Understood, milliseconds: float) -> None:
    """Store what was understood, whether or not the visitor sees the answer."""
    Understanding(
        message_id=message.pk,
        route=understood.route,
        topics=understood.topics,
        intent=understood.intent,
        confidence=understood.confidence,
        ranking=understood.ranking,
        parts=understood.parts,
        reason=understood.reason,
        medical=understood.medical,
        findings=understood.findings,
        language=understood.language,
        milliseconds=round(milliseconds, 1),
    ).save(force_insert=True)


def _remember(conversation: Conversation, answer: brain.Answer, *, is_typed: bool) -> None:
    """Carry the dialogue on; an answer that the visitor never sees leaves no trace in it."""
    conversation.state = answer.state
    understood = answer.understood
    conversation.last_route = understood.route
    # Only an answered topic can be leaned on by "and how long does that take?".
    if understood.route == "answer" and understood.topics:
        conversation.last_topic = understood.topics[-1]
    # A pressed button is always understood.
    if is_typed and understood.route in ANSWERING and understood.confidence is not None:
        lowest = conversation.lowest_confidence
        conversation.lowest_confidence = min(understood.confidence, 1.0 if lowest is None else lowest)


def _effects(outcome: Outcome, *, to_staff: bool) -> list[dict[str, Any]]:
    """Return the turn's effects, with the hand-off that a broken turn makes up for.

    What a visitor wrote `to_staff` hands off and does nothing else: a yes answers them and not the bot's last question.
    """
    if outcome.answer is None:
        return [{"type": HAND_OFF, "kind": "failed_turn", "reason": f"failed: {outcome.failure}"}]
    found, route = outcome.answer.effects, outcome.answer.understood.route
    if to_staff:
        found = [effect for effect in found if effect["type"] == HAND_OFF]
    if route in HANDED_OFF and not any(effect["type"] == HAND_OFF for effect in found):
        logger.error("A turn of the route %s came without a hand-off.", route)
        return [*found, {"type": HAND_OFF, "kind": route, "reason": "failed: no hand-off came with the route"}]
    return found
