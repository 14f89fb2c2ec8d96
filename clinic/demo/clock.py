"""A clock that the demo sets: while it is in force, the whole program takes its time from it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.utils import timezone


class Clock:
    """Tells an aware moment that only the demo moves on."""

    def __init__(self, at: datetime) -> None:
        """Start at a moment."""
        self.at = at

    def now(self) -> datetime:
        """Return the moment."""
        return self.at

    def pass_(self, **time: float) -> None:
        """Move on by what `timedelta` takes."""
        self.at += timedelta(**time)


@contextmanager
def told_by(clock: Clock) -> Iterator[None]:
    """Let `timezone.now` tell the clock's moment in this process."""
    real = timezone.now
    timezone.now = clock.now
    try:
        yield
    finally:
        timezone.now = real
