"""The rules for alerts, what quiet hours hold back, and how often staff were reminded."""

from __future__ import annotations

from datetime import time

from django.db import models

from clinic.conversations.models import Conversation


class Kind(models.TextChoices):
    """What an alert is about, and what staff call it."""

    EMERGENCY = "emergency", "Emergency"
    MEDICAL = "staff_medical", "Medical question"
    FAILED_TURN = "failed_turn", "Not answered"
    PERSON = "staff_other", "Asked for staff"
    BOOKING = "booking", "Appointment"
    UNDELIVERED = "undelivered", "Alert not delivered"
    FORGOTTEN = "forgotten", "Visitor waits for an answer"
    ESCALATION = "escalation", "Nobody has taken it"
    SECURITY = "security", "Security"


def all_kinds() -> list[str]:
    """Return every kind."""
    return list(Kind.values)


class Rule(models.Model):
    """Who hears of which kinds, and by which ways.

    `emails` are addresses, `roles` those whose people hear of it at the address of their account, `webhook` is an
    address that gets it signed. Between `quiet_from` and `quiet_until`, times of the clinic's clock, the rule is quiet,
    over midnight too; null means never. Urgent matters are sent all the same unless `is_quiet_for_urgent`.

    The rule with `follows_settings` has the addresses of ALERT_EMAILS until staff edit it.
    """

    name = models.CharField(max_length=80)
    kinds = models.JSONField(default=all_kinds)
    emails = models.JSONField(default=list, blank=True)
    roles = models.JSONField(default=list, blank=True)
    webhook = models.CharField(max_length=400, blank=True)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    is_quiet_for_urgent = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    follows_settings = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["follows_settings"],
                condition=models.Q(follows_settings=True),
                name="one_rule_follows_the_settings",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def is_quiet(self, wall: time, *, urgent: bool) -> bool:
        """Tell whether the rule holds an alert back when the clinic's clock shows `wall`."""
        begins, ends = self.quiet_from, self.quiet_until
        if begins is None or ends is None or begins == ends or (urgent and not self.is_quiet_for_urgent):
            return False
        return begins <= wall < ends if begins < ends else wall >= begins or wall < ends


class Held(models.Model):
    """An alert that a rule's quiet hours hold back: what it is about and nothing more."""

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="held")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    conversation = models.ForeignKey(Conversation, null=True, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.rule_id}: {self.kind}"


class Reminder(models.Model):
    """How often, and when last, staff were reminded of one thing; `subject` names it, such as "hand_off:12"."""

    subject = models.CharField(max_length=100, unique=True)
    conversation = models.ForeignKey(Conversation, null=True, on_delete=models.CASCADE, related_name="+")
    times = models.PositiveSmallIntegerField(default=0)
    last_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.subject}: {self.times}"
