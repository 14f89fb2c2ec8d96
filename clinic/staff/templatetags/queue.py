"""How the queue writes how long somebody waits, and what they were promised."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from clinic.practice import facts

register = template.Library()


@register.filter
def lasting(span: timedelta) -> str:
    """Return a span as "under a minute", "25 min", "3 h 10 min" or "2 days 4 h"."""
    minutes = int(span.total_seconds()) // 60
    if minutes < 1:
        return "under a minute"
    days, hours = minutes // 1440, minutes % 1440 // 60
    if days:
        named = f"{days} day{'s' if days > 1 else ''}"
        return f"{named} {hours} h" if hours else named
    minutes %= 60
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


@register.filter
def promise(at: datetime) -> SafeString:
    """Return a moment with its day, and its year unless it is this one, in the clinic's zone, as a `time` element."""
    local = at.astimezone(facts.snapshot().hours.zone)
    year = f", {local.year}" if local.year != timezone.now().astimezone(local.tzinfo).year else ""
    text = f"{facts.day_text(local)}{year} at {facts.time_text(local.time())}"
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), text)
