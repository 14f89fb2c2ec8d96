"""How much one visitor may send: counters in fixed windows."""

from __future__ import annotations

import time
from uuid import UUID

from django.conf import settings
from django.core.cache import cache

from clinic.visitors.problems import Problem

# The chat box tells of typing every three seconds at most, and of its end; a tab more may be open.
TYPING_PER_MINUTE = 60
TYPING_PER_MINUTE_AND_ADDRESS = 600
# A conversation ends once and is rated once or twice; a lost answer makes the chat box ask again.
DEEDS_PER_MINUTE = 30
DEEDS_PER_MINUTE_AND_ADDRESS = 240


def _count(key: str, most: int, seconds: int) -> None:
    window, passed = divmod(int(time.time()), seconds)
    counter = f"limit:{key}:{window}"
    cache.add(counter, 0, timeout=seconds + 1)
    try:
        sent = cache.incr(counter)
    except ValueError:  # The window ended between the two calls.
        return
    if sent > most:
        raise Problem(429, "rate_limited", headers={"Retry-After": str(seconds - passed)})


def message(conversation: UUID, address: str) -> None:
    """Count a message of the conversation and the address; raises the problem `rate_limited`."""
    _count(f"m:{conversation.hex}", settings.ENV["LIMIT_MESSAGES_PER_MINUTE"], 60)
    _count(f"a:{address}", settings.ENV["LIMIT_MESSAGES_PER_MINUTE_AND_ADDRESS"], 60)


def typing(conversation: UUID, address: str) -> None:
    """Count a sign of typing in the conversation and from the address; raises the problem `rate_limited`."""
    _count(f"t:{conversation.hex}", TYPING_PER_MINUTE, 60)
    _count(f"ta:{address}", TYPING_PER_MINUTE_AND_ADDRESS, 60)


def deed(conversation: UUID, address: str) -> None:
    """Count an end or a rating of the conversation and the address; raises the problem `rate_limited`."""
    _count(f"d:{conversation.hex}", DEEDS_PER_MINUTE, 60)
    _count(f"da:{address}", DEEDS_PER_MINUTE_AND_ADDRESS, 60)


def conversation(address: str) -> None:
    """Count a new conversation of the address; raises the problem `rate_limited`."""
    _count(f"c:{address}", settings.ENV["LIMIT_CONVERSATIONS_PER_HOUR_AND_ADDRESS"], 3600)
