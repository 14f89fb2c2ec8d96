"""How often a login may fail: counters for the account and for the address, in fixed windows."""

from __future__ import annotations

import hashlib
import time

from django.core.cache import cache

WINDOW_SECONDS = 15 * 60
MOST_FOR_ACCOUNT = 8
MOST_FOR_ADDRESS = 30


def _counters(account: str, address: str) -> dict[str, int]:
    window = int(time.time()) // WINDOW_SECONDS
    name = hashlib.sha256(account.casefold().encode()).hexdigest()
    return {
        f"login:account:{name}:{window}": MOST_FOR_ACCOUNT,
        f"login:address:{address}:{window}": MOST_FOR_ADDRESS,
    }


def seconds_to_wait(account: str, address: str) -> int:
    """Return 0 when a login may be tried, else the seconds until the window ends."""
    counters = _counters(account, address)
    failed = cache.get_many(counters)
    if all(failed.get(counter, 0) < most for counter, most in counters.items()):
        return 0
    return WINDOW_SECONDS - int(time.time()) % WINDOW_SECONDS


def note_failure(account: str, address: str) -> None:
    """Count a login that failed."""
    for counter in _counters(account, address):
        cache.add(counter, 0, timeout=WINDOW_SECONDS)
        cache.incr(counter)
