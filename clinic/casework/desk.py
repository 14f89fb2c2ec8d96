"""What staff do with a conversation beside answering it: each deed and its audit line are one transaction."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from clinic.accounts.models import User
from clinic.audit.actions import Action
from clinic.audit.log import Actor, record
from clinic.casework import intents
from clinic.casework.models import ConversationTag, Note, Tag, Verdict
from clinic.conversations import wake
from clinic.conversations.models import Conversation, Message
from clinic.threads import writing


class Conflict(Exception):
    """Somebody else changed it first."""


def add_note(conversation: Conversation, text: str, client_id: UUID, user: User, by: Actor) -> Note:
    """Write a note; the same `client_id` writes it once."""
    fresh = {"text": text, "author": user, "author_name": user.staff_name, "created_at": timezone.now()}
    with writing():
        note, is_new = Note.objects.get_or_create(conversation=conversation, client_id=client_id, defaults=fresh)
        if is_new:
            record(Action.NOTE_WRITTEN, by, ("conversation", conversation.pk), note=note.pk)
            wake.announce(conversation.pk)
    return note


def edit_note(note: Note, version: int, text: str, by: Actor) -> None:
    """Change a note that still stands as in `version`; raises `Conflict`."""
    with writing():
        still = Note.objects.filter(pk=note.pk, version=version)
        if not still.update(text=text, edited_at=timezone.now(), version=version + 1):
            raise Conflict
        record(Action.NOTE_EDITED, by, ("conversation", note.conversation_id), note=note.pk, version=version + 1)
        wake.announce(note.conversation_id)


def delete_note(note: Note, version: int, by: Actor) -> None:
    """Delete a note that still stands as in `version`; raises `Conflict`."""
    with writing():
        if not Note.objects.filter(pk=note.pk, version=version).delete()[0]:
            raise Conflict
        record(Action.NOTE_DELETED, by, ("conversation", note.conversation_id), note=note.pk)
        wake.announce(note.conversation_id)


def add_tag(conversation: Conversation, name: str, user: User, by: Actor) -> ConversationTag:
    """Set a tag, made if nobody has used it yet; of names that differ by case alone the first spelling stays."""
    name = " ".join(name.split())
    with writing():
        # Locked, so that nobody drops it as unused now.
        tag = Tag.objects.select_for_update().get_or_create(key=Tag.key_of(name), defaults={"name": name})[0]
        fresh = {"by": user, "at": timezone.now()}
        use, is_new = ConversationTag.objects.get_or_create(conversation=conversation, tag=tag, defaults=fresh)
        if is_new:
            record(Action.TAGGED, by, ("conversation", conversation.pk), added=tag.pk)
            wake.announce(conversation.pk)
    return use


def remove_tag(conversation: Conversation, tag: int, by: Actor) -> None:
    """Take a tag off; one that is not there any more is no matter."""
    with writing():
        if ConversationTag.objects.filter(conversation=conversation, tag=tag).delete()[0]:
            record(Action.TAGGED, by, ("conversation", conversation.pk), removed=tag)
            wake.announce(conversation.pk)


def drop_unused(number: int) -> None:
    """Delete a tag that no conversation has any more: it may be somebody's name."""
    with writing():
        tag = Tag.objects.select_for_update().filter(pk=number).first()
        if tag and not tag.uses.exists():
            tag.delete()


def assign(conversation: Conversation, assignee: User | None, by: Actor) -> None:
    """Make the conversation somebody's matter, or nobody's."""
    number = assignee.pk if assignee else None
    with writing():
        before = Conversation.objects.select_for_update().values_list("assignee_id", flat=True).get(pk=conversation.pk)
        if before != number:
            Conversation.objects.filter(pk=conversation.pk).update(assignee=assignee)
            record(Action.ASSIGNED, by, ("conversation", conversation.pk), before=before, after=number)
            wake.announce(conversation.pk)


def judge(message: Message, value: str, should_be: str, user: User, by: Actor) -> Verdict:
    """Say whether a visitor's message was understood rightly; where not, `should_be` names the intent.

    The latest verdict counts, the audit log keeps them all. Raises `UnknownIntent`, and `ValueError` for any other
    value and for a message that no visitor wrote.
    """
    if value not in Verdict.Value.values or message.sender != Message.Sender.VISITOR:
        raise ValueError(value)
    should_be = intents.read(should_be) if value == Verdict.Value.WRONG else ""
    said = {"value": value, "should_be": should_be, "by": user, "by_name": user.staff_name, "at": timezone.now()}
    with writing():
        before = Verdict.objects.select_for_update().filter(message=message).first()
        if before and (before.value, before.should_be, before.by_id) == (value, should_be, user.pk):
            return before
        verdict = Verdict.objects.update_or_create(message=message, defaults=said)[0]
        record(
            Action.JUDGED,
            by,
            ("conversation", message.conversation_id),
            message=message.seq,
            verdict=value,
            should_be=should_be,
            before=before.value if before else "",
        )
    return verdict
