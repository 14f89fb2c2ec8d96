"""The end of a conversation that its visitor brings about, and what they made of it.

For the visitor it is over at once. For staff it stays where it is while a matter of it is open, somebody was waiting,
or a turn is under way; once nothing of that is left it is closed. Nothing that waits for staff is settled by it.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from clinic.conversations import dialogue, responses, wake
from clinic.conversations.book import ConversationGone, append_answers, locked
from clinic.conversations.models import CLOSED, Conversation, Message
from clinic.threads import writing

# What the visitor reads last: with nothing open, with a matter at staff, with an emergency at staff.
ENDED, ENDED_OPEN = "utter_visitor_ended", "utter_visitor_ended_open"
ENDED_IN_EMERGENCY = "utter_visitor_ended_emergency"
RESPONSES = (ENDED, ENDED_OPEN, ENDED_IN_EMERGENCY)
WRITTEN = ("owner", "epoch", "state", "last_seq", "last_message_at", "ended_at", "closed_at", "waiting_since")


def end(conversation_id: UUID) -> Conversation:
    """End the conversation for its visitor and return it; one that is over already stays as it is.

    The epoch rises in any case, so that an answer under way belongs to one that is over, and what a form has asked for
    is forgotten. Raises `ConversationGone` when there is none.
    """
    now = timezone.now()
    with writing():
        conversation = locked(conversation_id)
        if conversation.is_over:
            return conversation
        before = conversation.epoch
        conversation.epoch, conversation.ended_at = before + 1, now
        append_answers(
            conversation,
            [responses.renderer().render(_notice(conversation), now)],
            now,
            sender=Message.Sender.SYSTEM,
        )
        conversation.state = dialogue.emptied(conversation.state)
        close_if_done(conversation, now)
        this_epoch = Conversation.objects.filter(pk=conversation.pk, epoch=before)
        if not this_epoch.update(**{name: getattr(conversation, name) for name in WRITTEN}):
            raise ConversationGone  # The lock on the row rules this out.
        wake.announce(conversation.pk)
    return conversation


def _notice(conversation: Conversation) -> str:
    if conversation.urgency == 0:
        return ENDED_IN_EMERGENCY
    return ENDED_OPEN if _waits(conversation) else ENDED


def _waits(conversation: Conversation) -> bool:
    """Tell whether a matter is open, or the visitor was waiting for an answer of staff."""
    return conversation.urgency is not None or conversation.waiting_since is not None


def close_if_done(conversation: Conversation, now: datetime) -> None:
    """Close a locked conversation that its visitor has ended, once nothing in it waits; the caller saves it."""
    # Where the lease is not free, a message is read, which may yet turn out to be a matter for staff.
    is_done = conversation.lease_token is None and not _waits(conversation)
    if conversation.ended_at is not None and conversation.owner != CLOSED and is_done:
        conversation.owner, conversation.closed_at = CLOSED, now
        conversation.epoch += 1


def rate(conversation_id: UUID, rating: Conversation.Rating) -> None:
    """Note what the visitor made of the conversation; what they say last counts. Raises `ConversationGone`."""
    with writing():
        known = Conversation.objects.filter(pk=conversation_id)
        if not known.update(rating=rating, rated_at=timezone.now()):
            raise ConversationGone
        wake.announce(conversation_id)
