"""One hub in each process wakes the streams of a conversation when it has news.

News of this process come at once. News of other processes come by PostgreSQL's LISTEN, or on SQLite from one look for
new messages every half second, which happens only while there is a stream.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection
from django.db.models import Max

from clinic.conversations import wake
from clinic.conversations.models import Message
from clinic.conversations.wake import BOOK, News, Who

logger = logging.getLogger(__name__)

STREAMS_EACH_CONVERSATION = 8
STREAMS = 2_000
LOOK_SECONDS = 0.5
RETRY_SECONDS = 2.0

InPool = Callable[..., Awaitable[Any]]
# Called in the event loop.
Follower = Callable[[UUID, News], None]


class TooManyStreams(Exception):
    """The conversation, or the process, has as many streams as it may have."""


class Subscription:
    """One stream's ear: `news` is set when there is something to read.

    `typing` says what was last heard of whom: when (in seconds of the monotonic clock), and whether they type.
    """

    def __init__(self) -> None:
        """Start deaf and with nothing heard."""
        self.news = asyncio.Event()
        self.typing: dict[Who, tuple[float, bool]] = {}
        self.closed = False


class Hub:
    """All subscriptions of this process; everything but `heard` runs in the event loop."""

    def __init__(self) -> None:
        """Start without a loop; the first subscription brings it."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._subscriptions: dict[UUID, set[Subscription]] = {}
        self._followers: list[Follower] = []
        self._watcher: asyncio.Task[None] | None = None

    def count(self) -> int:
        """Return how many streams of conversations there are."""
        return sum(len(group) for group in self._subscriptions.values())

    @contextlib.contextmanager
    def subscribed(self, conversation: UUID, in_pool: InPool) -> Iterator[Subscription]:
        """Hold a subscription of the conversation; raises `TooManyStreams`."""
        if len(self._subscriptions.get(conversation, ())) >= STREAMS_EACH_CONVERSATION or self.count() >= STREAMS:
            raise TooManyStreams
        subscription = Subscription()
        group = self._subscriptions.setdefault(conversation, set())
        group.add(subscription)
        self._start(in_pool)
        try:
            yield subscription
        finally:
            group.discard(subscription)
            if not group:
                self._subscriptions.pop(conversation, None)
            self._stop_unless_needed()

    @contextlib.contextmanager
    def following(self, follower: Follower, in_pool: InPool) -> Iterator[None]:
        """Call `follower` at the news of every conversation."""
        self._followers.append(follower)
        self._start(in_pool)
        try:
            yield
        finally:
            self._followers.remove(follower)
            self._stop_unless_needed()

    def close(self) -> None:
        """End every stream of a conversation in this process; for its orderly end."""
        for group in self._subscriptions.values():
            for subscription in group:
                subscription.closed = True
                subscription.news.set()

    def heard(self, conversation: UUID, news: News = BOOK) -> None:
        """Take news from any thread."""
        loop = self._loop
        if loop is not None and (self._followers or conversation in self._subscriptions):
            with contextlib.suppress(RuntimeError):  # The loop has just ended.
                loop.call_soon_threadsafe(self._wake, conversation, news)

    def _wake(self, conversation: UUID, news: News = BOOK) -> None:
        for subscription in self._subscriptions.get(conversation, ()):
            if news.who is not None:
                subscription.typing[news.who] = (time.monotonic(), news.on)
            subscription.news.set()
        for follower in tuple(self._followers):
            follower(conversation, news)

    def _wake_all(self) -> None:
        for conversation in tuple(self._subscriptions):
            self._wake(conversation)

    def _start(self, in_pool: InPool) -> None:
        if self._watcher is not None:
            return
        self._loop = asyncio.get_running_loop()
        wake.listen(self.heard)
        watch = self._listen() if connection.vendor == "postgresql" else self._look(in_pool)
        self._watcher = self._loop.create_task(watch)

    def _stop_unless_needed(self) -> None:
        if self._subscriptions or self._followers:
            return
        if self._watcher is not None:
            wake.stop_listening(self.heard)
            self._watcher.cancel()
        self._watcher = self._loop = None

    async def _look(self, in_pool: InPool) -> None:
        """Look for messages that other processes have stored."""
        last: int | None = None
        while True:
            try:
                last, conversations = await in_pool(_stored_since, last)
                for conversation in conversations:
                    self._wake(conversation)
            except Exception as error:
                logger.error("The look for new messages failed: %s.", type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    async def _listen(self) -> None:
        """Listen to what other processes announce; after a break everything may be news."""
        parameters = {
            name: value
            for name, value in connection.get_connection_params().items()
            if name in ("host", "port", "user", "password", "dbname", "options", "sslmode", "sslrootcert")
        }
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**parameters, autocommit=True) as listening:
                    await listening.execute(f"LISTEN {wake.CHANNEL}")
                    self._wake_all()
                    async for notice in listening.notifies():
                        self._wake(*wake.parse(notice.payload))
            except (psycopg.Error, OSError, ValueError) as error:
                logger.error("Listening for new messages failed: %s.", type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)


def _stored_since(last: int | None) -> tuple[int, list[UUID]]:
    """Return the newest message's number and the conversations with messages since `last`."""
    if last is None:
        return Message.objects.aggregate(newest=Max("pk"))["newest"] or 0, []
    rows = list(Message.objects.filter(pk__gt=last).order_by("pk").values_list("pk", "conversation_id")[:1000])
    return (rows[-1][0] if rows else last), list({conversation for _, conversation in rows})


hub = Hub()
