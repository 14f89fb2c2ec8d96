"""Reminding staff of what still waits: the first time, and again after growing pauses, and then no more."""

from __future__ import annotations

from datetime import datetime, timedelta

from clinic.alerting.models import Reminder
from clinic.conversations.models import Conversation
from clinic.threads import writing


def is_due(subject: str, since: datetime, after: timedelta, most: int, now: datetime) -> bool:
    """Tell whether the next reminder of `subject` is due: the n-th comes 2ⁿ⁻¹ times `after` later than `since`.

    At most `most` are ever due. Whoever sends one calls `done`.
    """
    known = Reminder.objects.filter(subject=subject).values_list("times", flat=True).first() or 0
    return known < most and now - since >= after * 2**known


def done(subject: str, conversation: Conversation | None, now: datetime) -> int:
    """Count a reminder of `subject` and return how many there were."""
    with writing():
        reminder, _ = Reminder.objects.select_for_update().get_or_create(
            subject=subject, defaults={"conversation": conversation, "last_at": now}
        )
        reminder.times, reminder.last_at = reminder.times + 1, now
        reminder.save(update_fields=["times", "last_at"])
    return reminder.times
