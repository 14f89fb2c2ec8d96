"""Puts hostile text into every field of the book that a visitor or a member of staff can fill, past all forms.

Run by `manage.py shell`, see `tests.e2e.test_xss`. A field that is new is filled too, unless `KEPT` names it.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core import serializers
from django.db import IntegrityError, models, transaction

from clinic.conversations.models import Conversation, Understanding
from clinic.numbers import export
from clinic.widget.models import Look
from tests.e2e.payloads import PAYLOADS

# Values that the program makes or checks against a list, never anybody's words.
KEPT = {
    "accounts.User": {"password", "session_salt", "username"},
    "accounts.Invitation": {"token_hash"},
    "practice.Practice": {"time_zone", "hours", "holidays", "emergency_number", "crisis_line", "booking_url"},
    "practice.DayException": {"spans"},
    "practice.SignOff": {"response", "wording_hash"},
    "practice.CannedReply": {"topic"},
    "conversations.Conversation": {"owner", "last_topic", "last_route"},
    "conversations.Message": {"response"},
    "conversations.Understanding": {"route"},
    "widget.Look": {
        "accent",
        "accent_text",
        "accent_dark",
        "accent_dark_text",
        "position",
        "avatar_digest",
        "privacy_url",
    },
    "outbox.Delivery": {"type", "channel"},
    "alerting.Rule": {"webhook"},
    "alerting.Reminder": {"subject"},
    "bookings.BookingRequest": {"reference"},
    "bookings.BookingRun": {"run"},
}
# The log refuses every change, and holds nobody's words.
LEFT_OUT = ("clinic.audit",)
# What stood in the fields before.
SAVED = settings.VAR_DIR / "poisoned.json"


def poison() -> None:
    """Overwrite the fields, each with the next payload, cut to what fits; `heal` takes it back."""
    turns = count()
    # The look has a row from its first edit on; as it is made here it looks like none.
    Look.objects.get_or_create(pk=1)
    SAVED.write_text(
        serializers.serialize("json", [row for model in _models() for row in model._default_manager.all()])
    )
    for model in _models():
        _poison(model, turns)
    for understanding in Understanding.objects.all():
        text = PAYLOADS[next(turns) % len(PAYLOADS)]
        understanding.parts = [{"text": text, "intent": "x", "confidence": 0.5, "known": True}] * 2
        understanding.save(update_fields=["parts"])


def heal() -> None:
    """Put everything back as it was."""
    for saved in serializers.deserialize("json", SAVED.read_text()):
        model = type(saved.object)
        values = {field.name: getattr(saved.object, field.name) for field in _fields(model)}
        if values:
            model._default_manager.filter(pk=saved.object.pk).update(**values)
    for saved in Understanding.objects.all():
        saved.parts = []
        saved.save(update_fields=["parts"])


def _models() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models()
        if model.__module__.startswith("clinic.") and not model.__module__.startswith(LEFT_OUT)
    ]


def _fields(model: type[models.Model]) -> list[Any]:
    kept = KEPT.get(model._meta.label, set())
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField) and not field.choices and field.name not in kept
    ]


def _poison(model: type[models.Model], turns: Iterator[int]) -> None:
    for row in model._default_manager.all():
        for field in _fields(model):
            text = PAYLOADS[next(turns) % len(PAYLOADS)]
            text = (f"{row.pk}{text}" if field.unique else text)[: field.max_length]
            # A constraint that refuses the text keeps it out as well as escaping would.
            with suppress(IntegrityError), transaction.atomic():
                model._default_manager.filter(pk=row.pk).update(**{field.name: text})


def leaks() -> None:
    """Print which payloads stand in the files of alerts, and which cells of the exports a spreadsheet carries out."""
    alerts = "\n".join(file.read_text() for file in settings.OUTBOX_DIR.rglob("*") if file.is_file())
    found: dict[str, Any] = {"alerts": [text for text in PAYLOADS if text in alerts], "cells": []}
    ids = list(Conversation.objects.values_list("pk", flat=True))
    for name in ("conversations", "messages"):
        written = "".join(export.chunks(ids, name))
        cells = [cell for row in csv.reader(io.StringIO(written, newline="")) for cell in row]
        found["cells"] += [cell for cell in cells if cell.startswith(export.DANGEROUS)]
        found[name] = len(cells)
    print(json.dumps(found))  # noqa: T201
