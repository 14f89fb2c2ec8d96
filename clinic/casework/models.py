"""What staff add to a conversation. A visitor never sees any of it; it goes when its conversation goes."""

from __future__ import annotations

import unicodedata

from django.conf import settings
from django.db import models
from django.db.models import Q

from clinic.conversations.models import Conversation, Message

NOTE_LENGTH, TAG_LENGTH = 4000, 30
# What a wrongly understood message should have been when no intent fits it.
NONE_OF_THEM = "none_of_them"


class Note(models.Model):
    """A private note on a conversation.

    `version` is raised by every edit, so that of two edits at once one wins. The author's name is kept, because a note
    outlives the account. `client_id` is made with the empty form, so that a double click writes one note.
    """

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="notes", db_index=False)
    client_id = models.UUIDField(null=True)
    text = models.TextField(max_length=NOTE_LENGTH)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    author_name = models.CharField(max_length=310)
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "client_id"], name="one_note_each_client_id")]
        indexes = [models.Index(fields=["conversation", "id"], name="note_of_conversation")]

    def __str__(self) -> str:
        return f"note {self.pk} of {self.conversation_id}"


class Tag(models.Model):
    """A word by which staff find conversations again; by `key`, as it is compared, no two differ by case alone."""

    name = models.CharField(max_length=TAG_LENGTH)
    # A letter becomes up to three when its case is folded.
    key = models.CharField(max_length=3 * TAG_LENGTH, unique=True)

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def key_of(name: str) -> str:
        """Return a name as it is compared."""
        return unicodedata.normalize("NFC", " ".join(name.split())).casefold()


class ConversationTag(models.Model):
    """A tag on a conversation."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="tags", db_index=False)
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="uses")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "tag"], name="each_tag_once")]

    def __str__(self) -> str:
        return f"{self.tag_id} on {self.conversation_id}"


class Verdict(models.Model):
    """What staff say of how a visitor's message was understood; the latest counts, the audit log has the others.

    `should_be` is an intent of the domain or `NONE_OF_THEM` where the intent was wrong, else "".
    """

    class Value(models.TextChoices):
        """What staff say."""

        RIGHT = "right", "Right"
        WRONG = "wrong", "Wrong"
        FLAG = "flag", "To be looked at"

    message = models.OneToOneField(Message, primary_key=True, on_delete=models.CASCADE, related_name="verdict")
    value = models.CharField(max_length=5, choices=Value.choices)
    should_be = models.CharField(max_length=100, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by_name = models.CharField(max_length=310)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(value="wrong") & ~Q(should_be="")) | (~Q(value="wrong") & Q(should_be="")),
                name="wrong_says_what_is_right",
            )
        ]
        indexes = [models.Index(fields=["value", "-at"], name="verdict_by_value")]

    def __str__(self) -> str:
        return f"{self.message_id} {self.value}"


class Viewer(models.Model):
    """Who had a conversation open last, and when, so that two people notice each other."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "user"], name="each_viewer_once")]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.conversation_id}"
