"""How the staff pages write moments, figures and names."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from clinic.practice import facts

register = template.Library()


@register.filter
def moment(at: datetime) -> SafeString:
    """Return a moment in the clinic's time zone as a `time` element; the day is left out for today."""
    local = at.astimezone(facts.snapshot().hours.zone)
    now = timezone.now().astimezone(local.tzinfo)
    text = facts.time_text(local.time())
    if local.date() != now.date():
        year = f", {local.year}" if local.year != now.year else ""
        text = f"{local:%b} {local.day}{year}, {text}"
    return format_html('<time datetime="{}">{}</time>', at.isoformat(timespec="seconds"), text)


@register.filter
def percent(share: float | None) -> str:
    """Return 0.934 as "93 %", None as a dash."""
    return "–" if share is None else f"{share:.0%}".replace("%", " %")


@register.filter
def words(name: str) -> str:
    """Return a name of the program's, such as `staff_medical`, as words."""
    return name.replace("_", " ")


KINDS = {
    "emergency": "Emergency",
    "staff_medical": "Medical question",
    "failed_turn": "Not answered",
    "staff_other": "Asked for staff",
    "booking": "Appointment",
}
SENDERS = {"visitor": "Visitor", "bot": "Assistant", "staff": "Staff", "system": "Notice"}
TURNS = {
    "pending": "Not answered yet.",
    "running": "Being answered.",
    "answered": "Answered.",
    "failed": "The assistant could not answer this.",
}


@register.filter
def kind(name: str) -> str:
    """Return what staff call a kind of hand-off."""
    return KINDS.get(name, words(name))


@register.filter
def turn(name: str) -> str:
    """Return how far the answer to a message has come, as a sentence."""
    return TURNS.get(name, "")


@register.filter
def sender(name: str) -> str:
    """Return what staff call whoever wrote a message."""
    return SENDERS.get(name, name)
