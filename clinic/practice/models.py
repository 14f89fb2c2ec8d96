"""The clinic's own facts, and who has approved which wording."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

# Field of the practice → setting that fills it.
SEEDS = {
    "name": "CLINIC_NAME",
    "phone": "CLINIC_PHONE",
    "email": "CLINIC_EMAIL",
    "address": "CLINIC_ADDRESS",
    "time_zone": "CLINIC_TIME_ZONE",
    "hours": "CLINIC_HOURS",
    "holidays": "CLINIC_HOLIDAYS",
    "urgent_phone": "CLINIC_URGENT_PHONE",
    "emergency_number": "EMERGENCY_NUMBER",
    "crisis_line": "CRISIS_LINE",
    "price_line": "CLINIC_PRICE_LINE",
    "payment": "CLINIC_PAYMENT",
    "deposit_policy": "CLINIC_DEPOSIT_POLICY",
    "consultation_fee": "CLINIC_CONSULTATION_FEE",
    "parking": "CLINIC_PARKING",
    "practitioners": "CLINIC_PRACTITIONERS",
    "booking_url": "BOOKING_URL",
}


class Practice(models.Model):
    """What the clinic says about itself; there is one row.

    The settings fill it until staff edit it (`edited_at`); from then on the row alone counts. `version` counts the
    edits, so that of two people who edit at once the second is told.

    While `is_bot_off` the bot answers nothing: what visitors write goes to staff. Switching is no edit; the reason is
    for staff. After `unclaimed_minutes` a visitor hears that nobody has taken the matter yet, and a second group of
    staff hears of an urgent one; after `forgotten_minutes` a visitor who waits for whoever has taken over counts as
    forgotten.
    """

    name = models.TextField()
    phone = models.TextField(blank=True)
    email = models.TextField(blank=True)
    address = models.TextField(blank=True)
    time_zone = models.TextField()
    hours = models.TextField(blank=True)
    holidays = models.TextField(blank=True)
    urgent_phone = models.TextField(blank=True)
    emergency_number = models.TextField()
    crisis_line = models.TextField()
    price_line = models.TextField(blank=True)
    payment = models.TextField(blank=True)
    deposit_policy = models.TextField(blank=True)
    consultation_fee = models.TextField(blank=True)
    parking = models.TextField(blank=True)
    practitioners = models.TextField(blank=True)
    booking_url = models.TextField(blank=True)
    edited_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=0)
    unclaimed_minutes = models.PositiveSmallIntegerField(default=10)
    forgotten_minutes = models.PositiveSmallIntegerField(default=15)
    is_bot_off = models.BooleanField(default=False)
    bot_off_reason = models.CharField(max_length=200, blank=True)
    bot_off_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    bot_off_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def seeded(cls) -> Practice:
        """Return the practice, made or brought up to date from the settings unless staff have edited it."""
        values: dict[str, Any] = {field: settings.ENV[name] for field, name in SEEDS.items()}
        practice, created = cls.objects.get_or_create(pk=1, defaults=values)
        stale = {field: value for field, value in values.items() if getattr(practice, field) != value}
        if stale and not created and practice.edited_at is None:
            cls.objects.filter(pk=1, edited_at=None).update(**stale)
            practice.refresh_from_db()
        return practice


class DayException(models.Model):
    """What the clinic has decided about one date, whatever the week and the public holidays say.

    A public holiday that has no row is closed.
    """

    class Choice(models.TextChoices):
        """How the date is handled."""

        CLOSED = "closed", "Closed"
        USUAL = "usual", "Open as usual"
        OTHER = "other", "Other hours"

    date = models.DateField(unique=True)
    choice = models.CharField(max_length=10, choices=Choice.choices)
    # As `parse_spans` reads them; "" unless the choice is OTHER.
    spans = models.TextField(blank=True)
    # For staff alone.
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["date"]

    def __str__(self) -> str:
        return f"{self.date} {self.choice}"


class Closure(models.Model):
    """A stretch of time, in days or in hours, in which the clinic is closed whatever else says that it is open."""

    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    # For staff alone.
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["begins_at"]
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("begins_at")), name="closure_ends_later"),
            models.UniqueConstraint(fields=["begins_at", "ends_at"], name="one_closure_each_stretch"),
        ]

    def __str__(self) -> str:
        return f"{self.begins_at} to {self.ends_at}"


class SignOff(models.Model):
    """A clinician's approval of one wording of one response that repeats the product's label."""

    response = models.CharField(max_length=200)
    wording_hash = models.CharField(max_length=64)
    who = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    when = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["response", "wording_hash"], name="one_sign_off_each_wording")]

    def __str__(self) -> str:
        return self.response


class CannedReply(models.Model):
    """A text that staff have ready for answers that come again and again.

    `topic` is the bot's name of what it is about, "" for anything. One that is not `is_active` is kept and not offered.
    """

    title = models.CharField(max_length=80)
    text = models.TextField()
    topic = models.CharField(max_length=100, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.title
