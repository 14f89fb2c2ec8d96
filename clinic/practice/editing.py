"""Editing the clinic's facts: which there are, what a value has to be, what differs, and saving it once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from clinic import env
from clinic.accounts.models import User
from clinic.audit.actions import Action
from clinic.audit.log import Actor, record
from clinic.practice import facts
from clinic.practice.hours import parse_week
from clinic.practice.models import SEEDS, Practice
from clinic.threads import writing

# Facts that the renderer needs whatever a visitor asks.
ALWAYS_NEEDED = frozenset(name for name in SEEDS if name in facts.NEVER_EMPTY or f"clinic_{name}" in facts.NEVER_EMPTY)
LONGEST = 300
# Minutes, with what they may be.
MINUTES = {"unclaimed_minutes": (1, 240), "forgotten_minutes": (1, 240)}
EDITABLE = (*SEEDS, *MINUTES)
OBJECT = ("practice", 1)

Values = Mapping[str, Any]
Changes = dict[str, tuple[Any, Any]]


class Stale(Exception):
    """Somebody else has edited the practice since it was read."""


def is_needed(field: str) -> bool:
    """Tell whether a fact may not be empty: answers lean on it, or the way in which the clinic takes bookings does."""
    return field in ALWAYS_NEEDED or SEEDS.get(field) in env.BOOKING_NEEDS.get(settings.ENV["BOOKING_ADAPTER"], ())


def checked(field: str, text: str) -> str:
    """Return the value of a fact as it is kept; raises ValueError with the end of a sentence ("must be …").

    The rules are those of the setting that fills the fact.
    """
    text = text.strip()
    if not text and is_needed(field):
        raise ValueError("must not be empty")
    if len(text) > LONGEST:
        raise ValueError(f"must not be longer than {LONGEST} characters")
    return str(env.SETTINGS[SEEDS[field]].read(text))


def differences(practice: Practice, values: Values) -> Changes:
    """Return field → (old, new) of everything that `values` would change; hours that mean the same are the same."""
    found = {name: (getattr(practice, name), values[name]) for name in EDITABLE if name in values}
    return {name: (old, new) for name, (old, new) in found.items() if not _is_same(name, old, new)}


def _is_same(name: str, old: Any, new: Any) -> bool:
    return old == new or (name == "hours" and parse_week(old) == parse_week(new))


def save(values: Values, version: int, by: Actor) -> Changes:
    """Write checked values over the practice that stands at `version`; return what changed, which the audit log keeps.

    Raises `Stale` when it does not stand there any more.
    """
    with writing():
        practice = Practice.seeded()
        if practice.version != version:
            raise Stale
        changes = differences(practice, values)
        if changes:
            new = {name: new for name, (_, new) in changes.items()}
            same = Practice.objects.filter(pk=practice.pk, version=version)
            if not same.update(**new, edited_at=timezone.now(), version=F("version") + 1):
                raise Stale
            record(Action.PRACTICE_EDITED, by, OBJECT, changes={name: list(pair) for name, pair in changes.items()})
    facts.forget()
    return changes


def switch_bot(off: bool, reason: str, user: User, by: Actor) -> bool:
    """Switch the bot off or on, and keep who did it and why; return whether it was not so already."""
    with writing():
        practice = Practice.seeded()
        changed = Practice.objects.filter(pk=practice.pk, is_bot_off=not off).update(
            is_bot_off=off,
            bot_off_reason=reason if off else "",
            bot_off_by=user if off else None,
            bot_off_at=timezone.now() if off else None,
        )
        if changed:
            record(Action.BOT_SWITCHED, by, OBJECT, off=off, reason=reason)
    facts.forget()
    return bool(changed)
