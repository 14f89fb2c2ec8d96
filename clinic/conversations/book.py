"""Writing into the book: new conversations and new messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError
from django.utils import timezone

from clinic.conversations import wake
from clinic.conversations.models import WAITING, Conversation, Message
from clinic.conversations.responses import Rendered, renderer
from clinic.threads import writing

# The number of a conversation's first message.
GREETING = 1


class ConversationGone(Exception):
    """There is no such conversation, or it is over."""


class IdReused(Exception):
    """The id belongs to a message with another content, or to a conversation that goes on or began otherwise."""


class NoSuchButton(Exception):
    """The message has no such button, or there is no such message."""


@dataclass(frozen=True)
class Claim:
    """A message whose turn the holder of `token` runs, and the conversation as it was when the turn began."""

    conversation: Conversation
    message: Message
    token: UUID


@dataclass(frozen=True)
class Stored:
    """A visitor's message in the book.

    `is_new` is False when it had been stored before. `claim` lets the caller run its turn at once; it is None when
    another turn of the conversation comes first.
    """

    message: Message
    is_new: bool
    claim: Claim | None = None


@dataclass(frozen=True)
class Consent:
    """The text by which a visitor agrees to being stored: its id, its language, and the hash of its wording."""

    text_id: str
    language: str
    version: str


def begin(consent: Consent | None = None, identity: UUID | None = None) -> tuple[Conversation, Message]:
    """Open a conversation with its greeting, and with what the visitor has agreed to, and return both.

    `identity` is its id where the caller has chosen one, so that beginning it once more changes nothing: as long as it
    holds nothing but its greeting, it is returned again. Raises `IdReused` when it holds more, or when the consent was
    another.
    """
    try:
        return _begin(consent, identity)
    except IntegrityError:
        if identity is None:
            raise
    with writing():
        known = locked(identity)
        greeting = Message.objects.get(conversation=known, seq=GREETING)
        if known.last_seq > GREETING or known.consent_text_version != (consent.version if consent else ""):
            raise IdReused
    return known, greeting


def _begin(consent: Consent | None, identity: UUID | None) -> tuple[Conversation, Message]:
    now = timezone.now()
    agreed: dict[str, Any] = {}
    if consent is not None:
        agreed = {
            "consent_text_id": consent.text_id,
            "consent_language": consent.language,
            "consent_text_version": consent.version,
            "consent_at": now,
        }
    with writing():
        conversation = Conversation(pk=identity or uuid4(), created_at=now, last_message_at=now, **agreed)
        conversation.save(force_insert=True)
        [greeting] = append_answers(conversation, [renderer().welcome(now)], now)
        conversation.save(update_fields=["last_seq", "last_message_at"])
    return conversation, greeting


def locked(conversation: UUID) -> Conversation:
    """Return the conversation, locked until the transaction ends; raises `ConversationGone` when there is none."""
    found = Conversation.objects.select_for_update().filter(pk=conversation).first()
    if found is None:
        raise ConversationGone
    return found


def store_visitor_message(
    conversation: UUID, client_id: UUID, text: str | None, choice: tuple[int, int] | None
) -> Stored:
    """Store what a visitor typed, or the button that they pressed: (seq of the message, position from 0).

    The same client id with the same content is stored once. Raises `ConversationGone`, `IdReused`, `NoSuchButton`.
    """
    with writing():
        book = locked(conversation)
        known = Message.objects.filter(conversation=book, client_id=client_id).first()
        if known is not None:
            if not _is_same(known, text, choice):
                raise IdReused
            return Stored(known, is_new=False)
        if book.is_over:
            raise ConversationGone
        pressed = _button(book, *choice) if choice else None
        now = timezone.now()
        # A free lease means that nothing waits, so this message's turn is the next: it is claimed along the way.
        is_next = book.lease_token is None
        if is_next:
            book.lease(uuid4(), now)
        book.last_seq += 1
        message = Message.objects.create(
            conversation=book,
            seq=book.last_seq,
            sender=Message.Sender.VISITOR,
            client_id=client_id,
            text=pressed["title"] if pressed else text or "",
            choice=_choice(choice, pressed) if choice and pressed else None,
            created_at=now,
            turn=Message.Turn.RUNNING if is_next else Message.Turn.PENDING,
            attempts=1 if is_next else 0,
        )
        if book.owner == WAITING or book.is_with_staff:
            book.wait(now)
        Conversation.objects.filter(pk=book.pk).update(
            last_seq=book.last_seq,
            last_message_at=now,
            lease_token=book.lease_token,
            lease_until=book.lease_until,
            waiting_since=book.waiting_since,
        )
        wake.announce(book.pk, typing=True if is_next else None)
    claim = Claim(book, message, book.lease_token) if is_next and book.lease_token else None
    return Stored(message, is_new=True, claim=claim)


def _is_same(known: Message, text: str | None, choice: tuple[int, int] | None) -> bool:
    if choice:
        return known.choice is not None and (known.choice["seq"], known.choice["button"]) == choice
    return known.choice is None and known.text == text


def _button(conversation: Conversation, seq: int, position: int) -> dict[str, str]:
    message = Message.objects.filter(conversation=conversation, seq=seq, suppressed=False).only("buttons").first()
    if message is None or position >= len(message.buttons):
        raise NoSuchButton
    button: dict[str, str] = message.buttons[position]
    return button


def _choice(place: tuple[int, int], pressed: Mapping[str, str]) -> dict[str, Any]:
    """Return what is kept of a pressed button: where it stood, its intent, and its value where it has one."""
    value = {"value": pressed["value"]} if "value" in pressed else {}
    return {"seq": place[0], "button": place[1], "intent": pressed["intent"], **value}


def append_answers(
    conversation: Conversation,
    answers: Sequence[Rendered],
    now: datetime,
    *,
    sender: Message.Sender = Message.Sender.BOT,
    in_reply_to: int | None = None,
    suppressed: bool = False,
) -> list[Message]:
    """Add answers of the bot, or notices of the system, to a locked conversation, which the caller saves."""
    messages = [
        Message(
            conversation=conversation,
            seq=conversation.last_seq + number,
            sender=sender,
            text=answer.text,
            response=answer.response,
            buttons=answer.buttons,
            sources=answer.sources,
            label_pending=answer.label_pending,
            suppressed=suppressed,
            created_at=now,
            in_reply_to=in_reply_to,
        )
        for number, answer in enumerate(answers, start=1)
    ]
    Message.objects.bulk_create(messages)
    conversation.last_seq += len(messages)
    conversation.last_message_at = now
    return messages


def visible_messages(conversation: UUID, after: int, up_to: int, limit: int) -> list[Message]:
    """Return what the visitor may see with after < seq <= up_to, oldest first, `limit` at most."""
    shown = Message.objects.filter(conversation=conversation, seq__gt=after, seq__lte=up_to, suppressed=False)
    return list(shown.order_by("seq")[:limit])


def payload(turn_message: Message) -> Mapping[str, Any] | None:
    """Return the payload of the button that the visitor pressed, as the brain gets it, or None for typed text."""
    kept = turn_message.choice
    return {name: kept[name] for name in ("intent", "value") if name in kept} if kept else None
