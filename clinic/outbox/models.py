"""What leaves the clinic: deliveries, written in the transaction of what caused them."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models

from clinic.conversations.models import Conversation


class Delivery(models.Model):
    """One event on its way to one target of one channel.

    `event` stays the same over every attempt and channel, so that a receiver can tell a repetition. While `waiting`, a
    delivery is due from `due_at` on; whoever tries it holds `lease` and has moved `due_at` to the lease's end.
    `last_error` is the kind of the last failure and never holds what somebody said.
    """

    class State(models.TextChoices):
        """How far it has come."""

        WAITING = "waiting"
        DELIVERED = "delivered"
        UNDELIVERED = "undelivered"
        DISMISSED = "dismissed"

    event = models.UUIDField(default=uuid.uuid4, editable=False)
    type = models.CharField(max_length=40)
    channel = models.CharField(max_length=20)
    target = models.CharField(max_length=400, blank=True)
    payload = models.JSONField()
    conversation = models.ForeignKey(Conversation, null=True, on_delete=models.CASCADE, related_name="deliveries")
    urgent = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    lease = models.UUIDField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=100, blank=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "channel", "target"], name="one_delivery_each_target")]
        indexes = [
            models.Index(
                fields=["channel", "-urgent", "due_at"], condition=models.Q(state="waiting"), name="delivery_queue"
            ),
            models.Index(fields=["-created_at"], condition=models.Q(state="undelivered"), name="delivery_undelivered"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.event} by {self.channel}"

    def envelope(self) -> dict[str, Any]:
        """Return what a machine gets: the event's id, type and time, and the payload."""
        return {
            "event": str(self.event),
            "type": self.type,
            "created_at": self.created_at.isoformat(timespec="seconds"),
            "payload": self.payload,
        }
