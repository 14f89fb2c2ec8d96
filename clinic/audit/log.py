"""Writing into the audit log."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from clinic.accounts.models import User
from clinic.audit import cleaning
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

Follower = Callable[[Entry], None]
_followers: list[Follower] = []


def follow(follower: Follower) -> None:
    """Call `follower` with every new entry, inside its transaction; for an app's `ready`."""
    if follower not in _followers:
        _followers.append(follower)


def actor(request: HttpRequest) -> Actor:
    """Return who makes a request."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    user = getattr(request, "user", None)
    return Actor(user.pk, user.username, address) if isinstance(user, User) else Actor(None, NOBODY, address)


def record(
    action: Action,
    by: Actor | HttpRequest,
    on: tuple[str, Any] = ("", ""),
    *,
    result: Entry.Result = Entry.Result.DONE,
    **details: Any,
) -> Entry:
    """Append an entry: who did what on which (kind, id), with details such as counts and states, and nobody's words.

    Call it inside the transaction of what it tells of, so that both are there, or neither. Texts are cut and cleaned.
    """
    who = by if isinstance(by, Actor) else actor(by)
    with writing():
        head = Head.objects.select_for_update().get_or_create(pk=1, defaults={"hash": NOTHING})[0]
        entry = Entry(
            number=head.number + 1,
            at=timezone.now(),
            actor_id=who.number,
            actor=cleaning.text(who.name, 150),
            address=cleaning.text(who.address, 45),
            action=action,
            object_kind=cleaning.text(on[0], 30),
            object_id=cleaning.text(on[1], 64),
            result=result,
            details=cleaning.plain(details),
            previous=head.hash,
        )
        entry.hash = hash_of(entry)
        entry.save(force_insert=True)
        Head.objects.filter(pk=1).update(number=entry.number, hash=entry.hash)
        for follower in _followers:
            follower(entry)
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
    return at.astimezone(UTC).isoformat(timespec="microseconds")
