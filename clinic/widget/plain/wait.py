"""Waiting for the bot's answer while a request is open, for pages that cannot be told of it later."""

from __future__ import annotations

import threading
import time
from uuid import UUID

from clinic.conversations import wake
from clinic.conversations.models import Message

# An answer takes well under a second. Nobody waits for longer than this, with a thread and a connection of their own.
LONGEST_SECONDS = 6.0
# Other processes' news are not heard on SQLite.
LOOK_SECONDS = 0.5
AT_ONCE = 24
UNDER_WAY = (Message.Turn.PENDING, Message.Turn.RUNNING)
_places = threading.BoundedSemaphore(AT_ONCE)


def is_answered(conversation: UUID) -> bool:
    """Tell whether nothing of the conversation waits for an answer; there is a query, and no transaction."""
    return not Message.objects.filter(conversation=conversation, turn__in=UNDER_WAY).exists()


def until_answered(conversation: UUID) -> bool:
    """Wait a while until everything in the conversation is answered, and return whether it is.

    Does not wait where as many wait already as may.
    """
    if is_answered(conversation):
        return True
    if not _places.acquire(blocking=False):
        return False
    news = threading.Event()

    def hear(told: UUID, _: wake.News) -> None:
        if told == conversation:
            news.set()

    wake.listen(hear)
    try:
        return _wait(conversation, news)
    finally:
        wake.stop_listening(hear)
        _places.release()


def _wait(conversation: UUID, news: threading.Event) -> bool:
    end = time.monotonic() + LONGEST_SECONDS
    while not is_answered(conversation):
        left = end - time.monotonic()
        if left <= 0:
            return False
        news.wait(min(left, LOOK_SECONDS))
        news.clear()
    return True
