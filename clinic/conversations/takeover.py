"""Take-over: staff step into a conversation, answer, and step out again.

Every change of hands is a compare-and-swap on owner and epoch, so that of two people who click at once one has it and
the other learns who. From that moment the bot is silent: whatever it was about to say belongs to an epoch that is over.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.utils import timezone

from clinic.accounts.models import User
from clinic.conversations import dialogue, ending, hands, responses, wake
from clinic.conversations.book import ConversationGone, IdReused, append_answers, locked
from clinic.conversations.brain import spoken
from clinic.conversations.hands import Deed
from clinic.conversations.models import BOT, CLOSED, STAFF_PREFIX, Conversation, Message
from clinic.threads import writing

TEXT_LIMIT = 6_000
JOINED, LEFT, ENDED = "utter_staff_joined", "utter_staff_left", "utter_conversation_closed"
RESPONSES = (JOINED, LEFT, ENDED)
# What a follower of a deed may have changed, beside what every deed changes.
WRITTEN = (
    "owner",
    "epoch",
    "state",
    "last_seq",
    "last_message_at",
    "last_topic",
    "last_route",
    "heard_by_staff",
    "closed_at",
    "waiting_since",
    "urgency",
)


class AlreadyTaken(Exception):
    """The conversation is with another member of staff, whose name is `owner_name`; `owner` is as in the book."""

    def __init__(self, owner: str) -> None:
        """Look up the name."""
        self.owner = owner
        self.owner_name = name_of(owner)
        super().__init__(self.owner_name)


class NotYours(Exception):
    """The conversation is not with this member of staff (any more); `owner_name` is who has it, "" when nobody has."""

    def __init__(self, owner: str) -> None:
        """Look up the name."""
        self.owner = owner
        self.owner_name = name_of(owner) if owner.startswith(STAFF_PREFIX) else ""
        super().__init__(self.owner_name)


class VisitorGone(Exception):
    """The visitor has ended the conversation, so that nobody would read what staff write there."""


class BadText(Exception):
    """The text is empty or too long; the message is one sentence for staff."""


def owner_of(user: User) -> str:
    """Return what a conversation's owner is while it is with this member of staff."""
    return f"{STAFF_PREFIX}{user.pk}"


def name_of(owner: str) -> str:
    """Return what colleagues call the member of staff who owns a conversation."""
    user = get_user_model().objects.filter(pk=owner.removeprefix(STAFF_PREFIX)).first()
    return user.staff_name if user else "somebody who does not work here any more"


def take_over(conversation_id: UUID, user: User, *, taking_from: str = "") -> Conversation:
    """Take the conversation over and return it; who has it already just gets it.

    It may be the bot's or waiting, or with the colleague `taking_from` (an owner, `staff:<id>`), from whom it is taken
    after a confirmation. The visitor, unless they have ended it, reads who has joined. Raises `AlreadyTaken` for any
    other colleague's and `ConversationGone` for one that is closed.
    """
    mine = owner_of(user)
    now = timezone.now()
    with writing():
        conversation = locked(conversation_id)
        if conversation.owner == mine:
            return conversation
        if conversation.owner == CLOSED:
            raise ConversationGone
        if conversation.is_with_staff and conversation.owner != taking_from:
            raise AlreadyTaken(conversation.owner)
        before = _hand(conversation, mine)
        _notice(conversation, JOINED, now, {"staff_name": user.visitor_name})
        hands.follow(conversation, user, Deed.TAKEN, now)
        _save(conversation, before)
    return conversation


def give_back(conversation_id: UUID, user: User, *, keep_open: bool = False) -> Conversation:
    """Give the conversation back to the bot, with its matters settled, or, with `keep_open`, waiting for staff.

    The bot begins anew: it leaves what was said meanwhile unanswered, and no form of it is open. One that the visitor
    has ended is closed instead, unless a matter stays open. Raises `NotYours`.
    """
    now = timezone.now()
    with writing():
        conversation = _held(conversation_id, user)
        before = _hand(conversation, BOT)
        conversation.waiting_since = None
        conversation.state = dialogue.without_form(conversation.state)
        # "And how long does that take?" would lean on what staff have said since.
        conversation.last_topic = None
        _notice(conversation, LEFT, now, {"staff_name": user.visitor_name})
        conversation.heard_by_staff = conversation.last_seq
        hands.follow(conversation, user, Deed.LEFT_OPEN if keep_open else Deed.GIVEN_BACK, now)
        ending.close_if_done(conversation, now)
        _save(conversation, before)
    return conversation


def close(conversation_id: UUID, user: User) -> Conversation:
    """Close the conversation for good, with all its matters; who has closed it already just gets it.

    Raises `AlreadyTaken` when it is with a colleague.
    """
    now = timezone.now()
    with writing():
        conversation = locked(conversation_id)
        if conversation.owner == CLOSED:
            return conversation
        if conversation.is_with_staff and conversation.owner != owner_of(user):
            raise AlreadyTaken(conversation.owner)
        before = _hand(conversation, CLOSED)
        conversation.closed_at, conversation.waiting_since = now, None
        _notice(conversation, ENDED, now, {})
        hands.follow(conversation, user, Deed.CLOSED, now)
        _save(conversation, before)
    return conversation


def reply(conversation_id: UUID, user: User, text: str, client_id: UUID) -> Message:
    """Add what a member of staff writes to the visitor and return it; the same id with the same text is one message.

    Raises `NotYours` unless the conversation is with that person, `VisitorGone`, `BadText`, and `IdReused` for another
    text.
    """
    text = checked(text)
    now = timezone.now()
    with writing():
        conversation = locked(conversation_id)
        known = Message.objects.filter(conversation=conversation, client_id=client_id).first()
        if known is not None:
            if (known.sender, known.author_id, known.text) != (Message.Sender.STAFF, user.pk, text):
                raise IdReused
            return known
        if conversation.owner != owner_of(user):
            raise NotYours(conversation.owner)
        if conversation.ended_at is not None:
            raise VisitorGone
        conversation.last_seq += 1
        message = Message.objects.create(
            conversation=conversation,
            seq=conversation.last_seq,
            sender=Message.Sender.STAFF,
            author=user,
            author_name=user.visitor_name,
            client_id=client_id,
            text=text,
            created_at=now,
        )
        conversation.last_message_at, conversation.waiting_since = now, None
        hands.follow(conversation, user, Deed.ANSWERED, now)
        _save(conversation, conversation.epoch)
    return message


def checked(text: str) -> str:
    """Return a text of staff as it is stored; raises `BadText`."""
    text = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if not spoken(text):
        raise BadText("Please write something first.")
    if len(text) > TEXT_LIMIT:
        raise BadText(f"A message can have at most {TEXT_LIMIT:,} characters; this one has {len(text):,}.")
    return text


def _held(conversation_id: UUID, user: User) -> Conversation:
    conversation = locked(conversation_id)
    if conversation.owner != owner_of(user):
        raise NotYours(conversation.owner)
    return conversation


def _hand(conversation: Conversation, owner: str) -> int:
    """Let the conversation change hands and return the epoch that ends with it; `_save` swaps.

    What the bot said last is behind it then: given back after an emergency, it does not go on with that.
    """
    before = conversation.epoch
    conversation.owner, conversation.epoch, conversation.last_route = owner, before + 1, None
    return before


def _notice(conversation: Conversation, response: str, now: datetime, values: dict[str, Any]) -> None:
    """Tell the visitor who comes or goes, unless they have left themselves."""
    if conversation.ended_at is not None:
        return
    rendered = responses.renderer().render(response, now, values)
    append_answers(conversation, [rendered], now, sender=Message.Sender.SYSTEM)


def _save(conversation: Conversation, before: int) -> None:
    """Write what has changed if the epoch still is `before`: the swap of every compare-and-swap here.

    Raises `ConversationGone` when it is not, which the lock on the row rules out.
    """
    this_epoch = Conversation.objects.filter(pk=conversation.pk, epoch=before)
    if not this_epoch.update(**{name: getattr(conversation, name) for name in WRITTEN}):
        raise ConversationGone
    wake.announce(conversation.pk)
