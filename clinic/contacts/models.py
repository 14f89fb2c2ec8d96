"""A visitor's way to be reached, with the consent that allows to keep it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from clinic.conversations.models import Conversation

NAME_LENGTH, TIME_LENGTH = 100, 200


class Contact(models.Model):
    """How one conversation's visitor can be reached, or that they would rather not say.

    `consent_text_id` is the response in `domain.yml` that the visitor said yes to, `consent_text_version` the hash of
    its wording. A refusal keeps nothing else.
    """

    conversation = models.OneToOneField(
        Conversation, primary_key=True, on_delete=models.CASCADE, related_name="contact"
    )
    name = models.CharField(max_length=NAME_LENGTH, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    email = models.CharField(max_length=254, blank=True)
    best_time = models.CharField(max_length=TIME_LENGTH, blank=True)
    consent_text_id = models.CharField(max_length=100, blank=True)
    consent_text_version = models.CharField(max_length=64, blank=True)
    consent_at = models.DateTimeField(null=True)
    declined = models.BooleanField(default=False)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(declined=False, consent_at__isnull=False)
                | Q(declined=True, consent_at=None, name="", phone="", email="", best_time=""),
                name="nothing_without_consent",
            )
        ]
        # Staff see what else the same person has asked.
        indexes = [
            models.Index(fields=["phone"], name="contact_by_phone"),
            models.Index(fields=["email"], name="contact_by_email"),
        ]

    def __str__(self) -> str:
        return f"contact of {self.conversation_id}"
