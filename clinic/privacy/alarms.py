"""Alarms of the audit log as alerts to those whom the clinic has chosen."""

from __future__ import annotations

from clinic.alerting import tell
from clinic.audit.alarms import Alarm
from clinic.audit.models import Entry


def carry_on(alarm: Alarm, entry: Entry) -> None:
    """Tell of an alarm outside the staff pages, in fixed words."""
    tell.security(alarm.value, entry.at)
