"""Alerts: staff learn outside the staff pages that a matter waits. Nothing in them says who wrote, or what."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from clinic.conversations.models import Message
from clinic.handoffs.models import HandOff
from clinic.outbox import post
from clinic.outbox.channels import EMAIL, FILE
from clinic.practice import facts

EVENT = "hand_off"


def send(matter: HandOff, message: Message, now: datetime) -> None:
    """Put the alert of a hand-off, which `message` has made or joined, into the outbox; inside its transaction."""
    local = now.astimezone(facts.snapshot().hours.zone)
    page = reverse("staff:conversation", args=[matter.conversation_id])
    payload = {
        "title": _title(matter),
        "kind": matter.kind,
        "urgent": matter.urgent,
        "again": matter.alerted_at is not None,
        "at": local.isoformat(timespec="seconds"),
        "time": f"{facts.moment_text(local)} {local:%Z}",
        "link": f"{settings.PUBLIC_URL}{page}#m{message.seq}",
    }
    targets = [(FILE, ""), *((EMAIL, address) for address in settings.ALERT_EMAILS)]
    post.put(EVENT, payload, targets, conversation=matter.conversation, urgent=matter.urgent)


def _title(matter: HandOff) -> str:
    urgent = "Urgent: " if matter.urgent else ""
    again = ", still waiting" if matter.alerted_at else ""
    return f"{urgent}{HandOff.Kind(matter.kind).label}{again}"
