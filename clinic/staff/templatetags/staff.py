"""How the staff pages write moments, figures and names."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from clinic.conversations.models import Message, Understanding
from clinic.practice import facts

register = template.Library()
PROBABILITY = re.compile(r"[01]\.\d+")


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
def clock(at: datetime) -> SafeString:
    """Return the time of day in the clinic's time zone as a `time` element, for where the day stands above."""
    local = at.astimezone(facts.snapshot().hours.zone)
    return format_html('<time datetime="{}">{}</time>', at.isoformat(timespec="seconds"), facts.time_text(local.time()))


@register.filter
def percent(share: object) -> str:
    """Return 0.934 as "93 %", what is no number as a dash."""
    return f"{share:.0%}".replace("%", " %") if isinstance(share, int | float) else "–"


@register.filter
def words(name: str) -> str:
    """Return a name of the program's, such as `staff_medical`, as words."""
    return name.replace("_", " ")


SENDERS = {"visitor": "Visitor", "bot": "Assistant", "staff": "Staff", "system": "Notice"}
TURNS = {
    "pending": "Not answered yet.",
    "running": "Being answered.",
    "answered": "Answered.",
    "failed": "The assistant could not answer this.",
}


@register.filter
def entry(name: str) -> str:
    """Return an entry of the gate's vocabulary, such as "toxin_spread/trouble_swallowing", as words."""
    return words(name.replace("/", ": "))


@register.filter
def fired(reason: str) -> str:
    """Return what decided a route, such as "classifier:medical_eyelid 0.83", as words: "Classifier: eyelid, 83 %"."""
    layer, what = (part.strip() for part in reason.partition(":")[::2])
    if layer == "rules":
        what = entry(what)
    elif layer == "classifier":
        name, _, share = what.rpartition(" ")
        topic = name.removeprefix("medical_").removeprefix("emergency_")
        what = f"{topic}, {percent(float(share))}" if PROBABILITY.fullmatch(share) else what
    return words(f"{layer.capitalize()}: {what}" if what else layer.capitalize())


@register.filter
def runner_up(found: Understanding) -> dict[str, Any] | None:
    """Return name and confidence of the likeliest intent that was not taken, or None."""
    others = (one for one in found.ranking if isinstance(one, dict) and one.get("name") not in (None, found.intent))
    return next(others, None)


FORM, BUTTON = "answer to a form", "pressed a button"


@register.filter
def heard(message: Message) -> str:
    """Return what a visitor's message was instead of a question, whose intent then says nothing, or ""."""
    if message.choice:
        return BUTTON
    found = getattr(message, "understanding", None)
    return FORM if found and (found.reason == "contact" or found.reason.startswith("form:")) else ""


@register.filter
def turn(name: str) -> str:
    """Return how far the answer to a message has come, as a sentence."""
    return TURNS.get(name, "")


@register.filter
def sender(name: str) -> str:
    """Return what staff call whoever wrote a message."""
    return SENDERS.get(name, name)
