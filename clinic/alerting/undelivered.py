"""Telling staff, by whatever way still works, that something could not be delivered."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from clinic.alerting.models import Kind, Reminder
from clinic.alerting.tell import tell, when_and_where
from clinic.outbox.models import Delivery
from clinic.threads import writing

EVENT = "undelivered"
PAGE = "/staff/alerts/"
SUBJECT = "undelivered"
# One alert stands for everything that is given up within this time.
PAUSE = timedelta(hours=1)


def given_up(delivery: Delivery) -> None:
    """Tell that a delivery was given up, unless it tells so itself or staff were told a short while ago."""
    now = timezone.now()
    if delivery.type == EVENT:
        return
    with writing():
        told, is_first = Reminder.objects.select_for_update().get_or_create(
            subject=SUBJECT, defaults={"times": 1, "last_at": now}
        )
        if not is_first:
            if now - told.last_at < PAUSE:
                return
            Reminder.objects.filter(pk=told.pk).update(times=told.times + 1, last_at=now)
        title = "An alert could not be delivered"
        payload = when_and_where(now, PAGE) | {"title": title, "kind": str(Kind.UNDELIVERED), "urgent": False}
        tell(EVENT, Kind.UNDELIVERED, payload, now)
