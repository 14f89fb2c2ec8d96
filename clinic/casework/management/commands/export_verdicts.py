"""`manage.py export_verdicts`: what staff said of how messages were understood, for a test set."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import Prefetch

from clinic.audit.actions import Action
from clinic.audit.log import Actor, record
from clinic.bookings.models import BookingRequest
from clinic.casework.models import Verdict
from clinic.casework.redaction import redacted


class Command(BaseCommand):
    """Writes one JSON object for each verdict, the oldest first, and notes in the audit log that it did."""

    help = (
        "Print the verdicts of staff as JSON Lines: text (without phone numbers, e-mail addresses, dates and known "
        "names), understood, should_be, verdict. Meant to measure the assistant with first; nothing is trained by it."
    )

    def handle(self, *_: Any, **__: Any) -> None:
        """Print the lines."""
        count = 0
        for line in _lines():
            self.stdout.write(json.dumps(line, ensure_ascii=False))
            count += 1
        record(Action.EXPORTED, Actor(None, "command line"), ("verdicts", ""), rows=count)


def _lines() -> Iterator[dict[str, str]]:
    found = Verdict.objects.select_related("message__understanding", "message__conversation__contact")
    bookings = Prefetch("message__conversation__bookings", BookingRequest.objects.only("conversation_id", "name"))
    for verdict in found.prefetch_related(bookings).order_by("at", "pk").iterator(500):
        message = verdict.message
        contact = getattr(message.conversation, "contact", None)
        names = [one.name for one in message.conversation.bookings.all()] + ([contact.name] if contact else [])
        understood = getattr(message, "understanding", None)
        yield {
            "text": redacted(message.text, names),
            "understood": (understood.intent if understood else None) or "",
            "should_be": verdict.should_be,
            "verdict": verdict.value,
        }
