"""Alarms: what somebody has to look into at once. They are logged, and whoever has registered carries them on."""

from __future__ import annotations

import logging
from collections.abc import Callable
from enum import Enum

from clinic.audit.models import Entry

logger = logging.getLogger(__name__)


class Alarm(Enum):
    """What has happened; the value is what an alert calls it."""

    AUDIT_DAMAGED = "The audit log is damaged"
    MANY_REFUSALS = "Somebody was refused many times"


# Gets the alarm and the audit log's entry about it, inside the transaction that wrote the entry.
Handler = Callable[[Alarm, Entry], None]
_handlers: list[Handler] = []


def register(handler: Handler) -> None:
    """Let `handler` carry alarms on; for an app's `ready`."""
    if handler not in _handlers:
        _handlers.append(handler)


def sound(alarm: Alarm, entry: Entry) -> None:
    """Raise an alarm about what an entry says; inside the transaction that wrote it."""
    logger.error("Alarm: %s. See entry %d of the audit log.", alarm.value, entry.number)
    for handler in _handlers:
        handler(alarm, entry)
