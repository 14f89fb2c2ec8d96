"""What the bot hands to the people of the clinic."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from clinic.conversations.models import Conversation, Message


class HandOff(models.Model):
    """One matter for staff, with the message that caused it."""

    class Kind(models.TextChoices):
        """Why staff are needed, most urgent first."""

        EMERGENCY = "emergency"
        STAFF_MEDICAL = "staff_medical"
        FAILED_TURN = "failed_turn"
        STAFF_OTHER = "staff_other"
        BOOKING = "booking"

    class State(models.TextChoices):
        """How far staff have come with it."""

        OPEN = "open"
        CLAIMED = "claimed"
        RESOLVED = "resolved"

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="handoffs")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="handoffs", db_index=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    urgent = models.BooleanField(default=False)
    reason = models.CharField(max_length=200, blank=True)
    details = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField()
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "kind"], name="one_hand_off_each_kind")]
        indexes = [models.Index(fields=["state", "-urgent", "created_at"], name="handoff_queue")]

    def __str__(self) -> str:
        return f"{self.kind} {self.conversation_id}"
