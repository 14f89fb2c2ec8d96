"""The entries of the audit log, and where its chain ends."""

from __future__ import annotations

from django.db import models


class Entry(models.Model):
    """One thing that somebody did. `number` counts without gaps; `hash` covers the entry and the hash before it.

    The person is kept by number and name, not by key, so that an entry outlives the account. `details` holds counts,
    states, field names and the like, and never what a visitor or a member of staff wrote.
    """

    class Result(models.TextChoices):
        """What came of it."""

        DONE = "done"
        DENIED = "denied"
        FAILED = "failed"

    number = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=150)
    address = models.CharField(max_length=45, blank=True)
    action = models.CharField(max_length=40)
    object_kind = models.CharField(max_length=30, blank=True)
    object_id = models.CharField(max_length=64, blank=True)
    result = models.CharField(max_length=10, choices=Result.choices, default=Result.DONE)
    details = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        indexes = [
            models.Index(fields=["object_kind", "object_id", "-number"], name="audit_of_object"),
            models.Index(fields=["actor_id", "-number"], name="audit_of_actor"),
            models.Index(fields=["action", "-number"], name="audit_of_action"),
            models.Index(fields=["-at"], name="audit_by_time"),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.actor} {self.action}"


class Head(models.Model):
    """The end of the chain, in one row: whoever appends locks it, so that the entries form one line."""

    number = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"#{self.number}"
