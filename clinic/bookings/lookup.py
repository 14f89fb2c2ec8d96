"""Finding a request by its reference together with something only its visitor knows.

A wrong pair reveals nothing: an unknown reference and a wrong proof get the same answer after the same work. Failed
tries are counted for the conversation and for the address that it is held from, in fixed windows and, as all limits,
within one process.
"""

from __future__ import annotations

import hashlib
import time
from hmac import compare_digest
from typing import Any
from uuid import UUID

from django.core.cache import cache

from clinic.bookings import fields, references
from clinic.bookings.models import BookingRequest

MOST_TRIES = 5
WINDOW_SECONDS = 24 * 3600
DIGITS = 4
PROOF_LENGTH = 300


class TooManyTries(Exception):
    """Too many tries have failed; nothing was looked up."""


def remember_address(conversation: UUID, address: str) -> None:
    """Remember for a while where a conversation is held from, so that its tries count for the address too."""
    cache.set(_place(conversation), address, WINDOW_SECONDS)


def find(conversation: UUID, reference: Any, proof: Any) -> BookingRequest | None:
    """Return the request with this reference if the proof fits it: its phone's last four digits or its e-mail address.

    Raises `TooManyTries`.
    """
    counters = _counters(conversation)
    # Counted before looking, so that tries at the same moment cannot all pass.
    tried = [_count(counter, 1) for counter in counters]
    if max(tried) > MOST_TRIES:
        raise TooManyTries
    typed = references.read(reference) if isinstance(reference, str) else ""
    found = BookingRequest.objects.select_related("conversation").filter(reference=typed).first()
    if not _fits(found, fields.line(proof, PROOF_LENGTH)):
        return None
    for counter in counters:
        _count(counter, -1)
    return found


def _fits(found: BookingRequest | None, proof: str) -> bool:
    """Compare with both the phone and the e-mail address, in the same time whatever they are."""
    phone, email = (found.phone, found.email) if found else ("", "")
    digits = "".join(sign for sign in proof if sign.isascii() and sign.isdigit())
    by_phone = _same(digits[-DIGITS:], phone[-DIGITS:]) & (len(digits) >= DIGITS) & ("@" not in proof)
    by_email = _same(proof.casefold(), email.casefold()) & bool(email)
    return by_phone | by_email


def _same(one: str, other: str) -> bool:
    return compare_digest(hashlib.sha256(one.encode()).digest(), hashlib.sha256(other.encode()).digest())


def _place(conversation: UUID) -> str:
    return f"booking:from:{conversation.hex}"


def _counters(conversation: UUID) -> list[str]:
    window = int(time.time()) // WINDOW_SECONDS
    address = cache.get(_place(conversation), "")
    by_address = [f"booking:tries:a:{address}:{window}"] if address else []
    return [f"booking:tries:c:{conversation.hex}:{window}", *by_address]


def _count(counter: str, step: int) -> int:
    cache.add(counter, 0, timeout=WINDOW_SECONDS)
    try:
        return cache.incr(counter, step)
    except ValueError:  # The window ended between the two calls.
        return step
