"""Writing into the audit log."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from clinic.accounts.models import User
from clinic.audit.actions import Action
from clinic.audit.models import Entry, Head
from clinic.threads import writing

# The chain begins with this.
NOTHING = "0" * 64


@dataclass(frozen=True)
class Actor:
    """Who did something: a person by number and name, and the address they came from."""

    number: int | None
    name: str
    address: str = ""


# What the clock makes the worker do.
CLOCK = Actor(None, "clock")
NOBODY = "nobody"


def actor(request: HttpRequest) -> Actor:
    """Return who makes a request."""
    address = str(request.META.get("REMOTE_ADDR", ""))[:45]
    user = request.user
    return Actor(user.pk, user.username, address) if isinstance(user, User) else Actor(None, NOBODY, address)


def record(
    action: Action,
    by: Actor | HttpRequest,
    on: tuple[str, Any] = ("", ""),
    *,
    result: Entry.Result = Entry.Result.DONE,
    **details: Any,
) -> Entry:
    """Append an entry: who did what on which (kind, id), with details that are plain JSON and nobody's words.

    Call it inside the transaction of what it tells of, so that both are there, or neither.
    """
    who = by if isinstance(by, Actor) else actor(by)
    with writing():
        head = Head.objects.select_for_update().get_or_create(pk=1, defaults={"hash": NOTHING})[0]
        entry = Entry(
            number=head.number + 1,
            at=timezone.now(),
            actor_id=who.number,
            actor=who.name[:150],
            address=who.address,
            action=action,
            object_kind=on[0],
            object_id=str(on[1])[:64],
            result=result,
            details=details,
            previous=head.hash,
        )
        entry.hash = hash_of(entry)
        entry.save(force_insert=True)
        Head.objects.filter(pk=1).update(number=entry.number, hash=entry.hash)
    return entry


def hash_of(entry: Entry) -> str:
    """Return the SHA-256 of an entry's content and of the hash before it, in hexadecimal digits."""
    content = [
        entry.number,
        _moment(entry.at),
        entry.actor_id,
        entry.actor,
        entry.address,
        str(entry.action),
        entry.object_kind,
        entry.object_id,
        str(entry.result),
        entry.details,
        entry.previous,
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")
