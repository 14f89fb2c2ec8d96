"""The book: conversations, their messages, and what the brain understood of them."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import models

BOT, WAITING, CLOSED, STAFF_PREFIX = "bot", "waiting", "closed", "staff:"

# In order of urgency, most urgent first.
ROUTES = (
    "emergency",
    "staff_medical",
    "staff_other",
    "booking",
    "answer",
    "clarify",
    "smalltalk",
    "out_of_scope",
)


class Conversation(models.Model):
    """One visitor's conversation.

    `owner` is `bot`, `waiting`, `staff:<user id>` or `closed`; it changes only together with a raised `epoch`.
    `state` is what the brain returned with the last turn. What was said up to the number `heard_by_staff` was said to
    staff, or before them: the bot, which has the conversation again, neither answers nor remembers it.

    The staff pages sort and filter by the rest: `waiting_since` is since when somebody waits for staff, `urgency` how
    pressing the most urgent unresolved hand-off is (0 is an emergency; null: there is none), `opened_at` when a member
    of staff last opened it, `is_after_hours` whether the visitor wrote while the clinic was closed, and
    `lowest_confidence` the lowest confidence with which a typed question to the bot was understood. `assignee` is the
    colleague whose matter it is, whoever holds it. `told_waiting_at` is when the visitor heard that nobody has come
    yet, which counts only if it is later than `waiting_since`.

    `closed_at` is when it became `closed`. `ended_at` is when the visitor ended it: from then on it takes no message,
    but it keeps its owner, and is closed only once nothing in it waits (`clinic.conversations.ending`). `rating` is
    what the visitor made of it, "" as long as they have not said, and `rated_at` when they said so last.

    `consent_text_id`, `consent_language` and `consent_text_version` name the text that the visitor agreed to by their
    first message, `consent_at` is when: that what they write is stored. All are empty where the conversation was begun
    without the chat box. The version is the hash of the wording that `clinic.visitors.consent` makes.

    A turn runs under a lease (`lease_token` until `lease_until`), so that at most one runs in a conversation, whatever
    process asks.
    """

    class Rating(models.TextChoices):
        """What a visitor made of a conversation, and what staff call it."""

        GOOD = "good", "Good"
        BAD = "bad", "Bad"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField()
    last_message_at = models.DateTimeField()
    owner = models.CharField(max_length=40, default=BOT)
    epoch = models.PositiveIntegerField(default=0)
    state = models.JSONField(null=True)
    last_seq = models.PositiveIntegerField(default=0)
    last_topic = models.CharField(max_length=100, null=True)  # noqa: DJ001 - null: no topic yet
    last_route = models.CharField(max_length=20, null=True)  # noqa: DJ001
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    heard_by_staff = models.PositiveIntegerField(default=0)
    closed_at = models.DateTimeField(null=True)
    waiting_since = models.DateTimeField(null=True)
    urgency = models.PositiveSmallIntegerField(null=True)
    opened_at = models.DateTimeField(null=True)
    is_after_hours = models.BooleanField(default=False)
    lowest_confidence = models.FloatField(null=True)
    told_waiting_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    rating = models.CharField(max_length=4, choices=Rating.choices, blank=True)
    rated_at = models.DateTimeField(null=True)
    consent_text_id = models.CharField(max_length=100, blank=True)
    consent_language = models.CharField(max_length=20, blank=True)
    consent_text_version = models.CharField(max_length=64, blank=True)
    consent_at = models.DateTimeField(null=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        # The lists of the staff have more indexes: see `clinic.queue.schema`.
        indexes = [models.Index(fields=["-last_message_at", "-id"], name="conversation_newest")]

    def __str__(self) -> str:
        return str(self.id)

    def lease(self, token: UUID, now: datetime) -> None:
        """Give the lease to `token`; the caller saves it."""
        self.lease_token = token
        self.lease_until = now + timedelta(seconds=settings.TURN_LEASE_SECONDS)

    def release(self) -> None:
        """Give the lease up; the caller saves it."""
        self.lease_token = self.lease_until = None

    def wait(self, since: datetime) -> None:
        """Note that somebody waits for staff, unless they have waited for longer; the caller saves it."""
        self.waiting_since = min(filter(None, (self.waiting_since, since)))

    @property
    def is_with_staff(self) -> bool:
        """Tell whether a member of staff has taken over."""
        return self.owner.startswith(STAFF_PREFIX)

    @property
    def is_over(self) -> bool:
        """Tell whether it takes no message any more, because the visitor has ended it or staff have closed it."""
        return self.ended_at is not None or self.owner == CLOSED


class Message(models.Model):
    """One message. `seq` numbers the messages of a conversation without gaps, starting with 1.

    `author` and `author_name`, the name that the visitor reads, belong to a message of staff; `client_id`, which makes
    it one message however often it is sent, to one of staff or of a visitor. `choice` and `turn` belong to a visitor's
    message; `response`, `buttons`, `sources`, `label_pending`, `suppressed` and `in_reply_to` (the seq of what it
    answers) to an answer. A notice of the system has a `response` and maybe `buttons`. A suppressed message is never
    shown to the visitor.
    """

    class Sender(models.TextChoices):
        """Who speaks."""

        VISITOR = "visitor"
        BOT = "bot"
        STAFF = "staff"
        SYSTEM = "system"

    class Turn(models.TextChoices):
        """How far the turn of a visitor's message has come; `none` for messages that ask for no turn."""

        NONE = "none"
        PENDING = "pending"
        RUNNING = "running"
        ANSWERED = "answered"
        FAILED = "failed"

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages", db_index=False)
    seq = models.PositiveIntegerField()
    sender = models.CharField(max_length=10, choices=Sender.choices)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    author_name = models.CharField(max_length=50, blank=True)
    client_id = models.UUIDField(null=True)
    text = models.TextField()
    choice = models.JSONField(null=True)
    response = models.CharField(max_length=200, blank=True)
    buttons = models.JSONField(default=list)
    sources = models.JSONField(default=list)
    label_pending = models.BooleanField(default=False)
    suppressed = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    turn = models.CharField(max_length=10, choices=Turn.choices, default=Turn.NONE)
    attempts = models.PositiveSmallIntegerField(default=0)
    in_reply_to = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="one_message_each_seq"),
            models.UniqueConstraint(fields=["conversation", "client_id"], name="one_message_each_client_id"),
        ]
        # Finds the few messages whose turn is not over, in one conversation and in all.
        indexes = [models.Index(fields=["turn", "conversation", "seq"], name="message_turn")]

    def __str__(self) -> str:
        return f"{self.conversation_id} #{self.seq}"


class Understanding(models.Model):
    """What the brain understood of one visitor's message, and how long its turn took.

    `reason`, `medical`, `findings` and `language` are those of `brain.Understood`.
    """

    message = models.OneToOneField(Message, primary_key=True, on_delete=models.CASCADE, related_name="understanding")
    route = models.CharField(max_length=20)
    topics = models.JSONField(default=list)
    intent = models.CharField(max_length=100, null=True)  # noqa: DJ001 - null: no intent was found
    confidence = models.FloatField(null=True)
    ranking = models.JSONField(default=list)
    parts = models.JSONField(default=list)
    reason = models.CharField(max_length=200, blank=True)
    medical = models.FloatField(null=True)
    findings = models.JSONField(default=list)
    language = models.CharField(max_length=20, blank=True)
    milliseconds = models.FloatField()

    def __str__(self) -> str:
        return f"{self.message_id} {self.route}"
