"""What the clinic has decided about keeping: days by kind, legal holds, and what each run of the retention did."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from clinic.conversations.models import Conversation


class Rule(models.Model):
    """For how many days one kind is kept; a kind without a row is kept for its default."""

    class Kind(models.TextChoices):
        """What is kept, with what the page calls it."""

        NO_CONTACT = "no_contact", "Conversations without a way to reach the visitor"
        CONTACT = "contact", "Conversations with contact details or a booking request"
        MEDICAL = "medical", "Conversations with a medical question or an emergency"
        DELIVERY = "delivery", "What was sent out: alerts, mails, files of the outbox"

    kind = models.CharField(max_length=20, choices=Kind.choices, primary_key=True)
    days = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.kind}: {self.days} days"


class LegalHold(models.Model):
    """A conversation that has to be kept: neither the retention nor an erasure touches it.

    The key refuses to let the conversation go, whatever part of the program asks.
    """

    class Reason(models.TextChoices):
        """Why; fixed words, so that the audit log may repeat them."""

        COMPLAINT = "complaint", "A complaint"
        CLAIM = "claim", "A claim or lawsuit"
        AUTHORITY = "authority", "An authority asks for it"
        ADVERSE_EVENT = "adverse_event", "A report of an adverse event"
        OTHER = "other", "Another reason, kept in the clinic's own files"

    conversation = models.OneToOneField(Conversation, primary_key=True, on_delete=models.PROTECT, related_name="hold")
    reason = models.CharField(max_length=20, choices=Reason.choices)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    set_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"hold on {self.conversation_id}"


class Run(models.Model):
    """One run of the retention: when, and how many of each kind it deleted; not finished while it goes on or failed.

    `counts` has a number for each `Rule.Kind`, and for `held` and `open`.
    """

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["-started_at"], name="retention_runs")]

    def __str__(self) -> str:
        return f"run of {self.started_at}"
