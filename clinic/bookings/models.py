"""Booking requests, and every change of them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from clinic.bookings import fields, references
from clinic.bookings.states import OPEN, State
from clinic.conversations.models import Conversation, Message


class BookingRequest(models.Model):
    """One visitor's wish for an appointment.

    `version` is raised by every change, so that of two changes at once one wins. `touched_at` is when a person last
    did something with it, `confirm_by` until when the visitor was promised an answer. `preferred` is what was read back
    to the visitor, `windows` the same for programs. `contact` keeps what was typed but could not be read as phone or
    e-mail. `starts_at` and `minutes` are the appointment that the clinic has confirmed; `uid` and `sequence` identify
    its calendar file.
    """

    class Visitor(models.TextChoices):
        """Whether the clinic knows the visitor."""

        NEW = "new"
        RETURNING = "returning"

    class Wish(models.TextChoices):
        """What the visit is for. Nothing medical is asked."""

        TREATMENT = "treatment"
        CONSULTATION = "consultation"

    class Reach(models.TextChoices):
        """How the visitor wants to be answered."""

        PHONE = "phone"
        TEXT = "text", "Text message"
        EMAIL = "email", "E-mail"
        CHAT = "chat"

    reference = models.CharField(max_length=references.LENGTH, unique=True)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="bookings", db_index=False)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.SUBMITTED)
    version = models.PositiveIntegerField(default=0)
    name = models.CharField(max_length=fields.NAME_LENGTH, blank=True)
    phone = models.CharField(max_length=16, blank=True)
    email = models.CharField(max_length=fields.EMAIL_LENGTH, blank=True)
    contact = models.CharField(max_length=fields.NAME_LENGTH, blank=True)
    visitor = models.CharField(max_length=10, choices=Visitor.choices, blank=True)
    wish = models.CharField(max_length=12, choices=Wish.choices, blank=True)
    reach = models.CharField(max_length=5, choices=Reach.choices, blank=True)
    preferred = models.CharField(max_length=fields.TEXT_LENGTH, blank=True)
    windows = models.JSONField(default=list)
    asks_other_time = models.BooleanField(default=False)
    consent_version = models.CharField(max_length=40, blank=True)
    consent_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    confirm_by = models.DateTimeField(null=True)
    starts_at = models.DateTimeField(null=True)
    minutes = models.PositiveSmallIntegerField(null=True)
    uid = models.UUIDField(default=uuid.uuid4, editable=False)
    sequence = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["state", "touched_at", "id"], name="booking_queue"),
            models.Index(fields=["touched_at", "id"], name="booking_all"),
            models.Index(fields=["conversation", "-id"], name="booking_of_conversation"),
            # Staff see what else the same person has asked for.
            models.Index(fields=["phone"], name="booking_by_phone"),
            models.Index(fields=["email"], name="booking_by_email"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.state}"

    @property
    def spoken_reference(self) -> str:
        """Return the reference as people read it."""
        return references.spoken(self.reference)

    @property
    def is_open(self) -> bool:
        """Tell whether the clinic owes an answer."""
        return self.state in OPEN


class BookingRun(models.Model):
    """One yes at the end of one run of the booking form, and the request that it wrote or changed."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="+", db_index=False)
    run = models.CharField(max_length=100)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+")
    request = models.ForeignKey(BookingRequest, on_delete=models.CASCADE, related_name="runs")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "run"], name="one_request_each_form_run")]

    def __str__(self) -> str:
        return f"{self.request_id} {self.run}"


class BookingChange(models.Model):
    """Something that happened to a request: who did it and when, with a note for staff."""

    class Actor(models.TextChoices):
        """Who changed the request."""

        VISITOR = "visitor"
        STAFF = "staff"
        CLOCK = "clock", "Nobody in time"

    request = models.ForeignKey(BookingRequest, on_delete=models.CASCADE, related_name="changes", db_index=False)
    from_state = models.CharField(max_length=10, choices=State.choices, blank=True)
    to_state = models.CharField(max_length=10, choices=State.choices)
    actor = models.CharField(max_length=10, choices=Actor.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField()
    note = models.CharField(max_length=fields.TEXT_LENGTH, blank=True)

    class Meta:
        indexes = [models.Index(fields=["request", "id"], name="booking_history")]

    def __str__(self) -> str:
        return f"{self.request_id} {self.from_state} → {self.to_state}"
