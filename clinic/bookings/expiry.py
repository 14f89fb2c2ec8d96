"""Requests that nobody has touched for too long: marked, told to staff and to the visitor, never dropped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.utils import timezone

from clinic.bookings import adapters, desk
from clinic.bookings.adapters import Event
from clinic.bookings.models import BookingRequest
from clinic.bookings.said import say
from clinic.bookings.states import OPEN, State

LOOK_SECONDS = 60.0
BATCH = 100


def expire_due() -> int:
    """Mark what is due now; return how many requests that were."""
    return expire(timezone.now())


def expire(now: datetime) -> int:
    """Mark every open request that was last touched longer ago than BOOKING_EXPIRY_HOURS of elapsed time."""
    # In UTC, because moments of another zone are subtracted by their wall clocks.
    before = now.astimezone(UTC) - timedelta(hours=settings.ENV["BOOKING_EXPIRY_HOURS"])
    due = BookingRequest.objects.filter(state__in=OPEN, touched_at__lt=before).order_by("touched_at")
    expired = 0
    for reference, version in list(due.values_list("reference", "version")[:BATCH]):
        try:
            with desk.held(reference, version) as request:
                desk.move(request, State.EXPIRED, desk.CLOCK, now)
                say(request, "utter_booking_expired", now)
                adapters.chosen().tell(request, Event.EXPIRED, request.message, now)
        except (desk.Conflict, BookingRequest.DoesNotExist):
            continue  # Somebody has just touched or erased it.
        expired += 1
    return expired
