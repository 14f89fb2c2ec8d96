"""What the bot hands to the people of the clinic."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from clinic.conversations.models import Conversation, Message


class HandOff(models.Model):
    """One matter for staff: every message of its kind in a conversation, until staff have resolved it.

    A later message joins the unresolved hand-off of its kind; a resolved one is never opened again. `alerted_at` is
    when staff were last told of it outside these pages.
    """

    class Kind(models.TextChoices):
        """Why staff are needed, most urgent first, and what staff call it."""

        EMERGENCY = "emergency", "Emergency"
        STAFF_MEDICAL = "staff_medical", "Medical question"
        FAILED_TURN = "failed_turn", "Not answered"
        STAFF_OTHER = "staff_other", "Asked for staff"
        BOOKING = "booking", "Appointment"

    class State(models.TextChoices):
        """How far staff have come with it."""

        OPEN = "open"
        CLAIMED = "claimed"
        RESOLVED = "resolved"

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="handoffs")
    messages = models.ManyToManyField(Message, through="HandOffMessage", related_name="handoffs")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    urgent = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField()
    alerted_at = models.DateTimeField(null=True, blank=True)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "kind"],
                condition=~models.Q(state="resolved"),
                name="one_unresolved_hand_off_each_kind",
            )
        ]
        indexes = [models.Index(fields=["state", "-urgent", "created_at"], name="handoff_queue")]

    def __str__(self) -> str:
        return f"{self.kind} {self.conversation_id}"


class HandOffMessage(models.Model):
    """A message of a hand-off, with what made it one (`reason`) and what else its effect said (`details`)."""

    handoff = models.ForeignKey(HandOff, on_delete=models.CASCADE, related_name="entries", db_index=False)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="handoff_entries")
    reason = models.CharField(max_length=200, blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["handoff", "message"], name="one_entry_each_message")]

    def __str__(self) -> str:
        return f"{self.handoff_id}: {self.message_id}"
