"""`GET /staff/stream`: what an open staff page should look at again, as server-sent events.

`queue` brings the counts of what waits, `conversation` the number of the last message of the conversation that the page
shows (`?conversation=<uuid>`), `typing` whether its visitor is writing. With `?once=1` the answer is one JSON document
with the same, for a page whose stream is down.

It is an ASGI application of its own: a stream holds no thread, and asking for it is no activity that keeps a session
alive. Who may look is checked when a stream begins and every 30 seconds, so that it dies with its session.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import time
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from io import BytesIO
from types import SimpleNamespace
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib import auth
from django.core.exceptions import DisallowedHost
from django.core.handlers.asgi import ASGIRequest

from clinic.accounts import sessions
from clinic.accounts.models import User
from clinic.accounts.roles import Right
from clinic.audit import log
from clinic.audit.actions import Action
from clinic.audit.models import Entry
from clinic.conversations.hub import hub
from clinic.conversations.models import Conversation
from clinic.conversations.wake import News
from clinic.staff import access, waiting
from clinic.streaming import CONTENT_TYPE, Receive, Send, event, tell_until_left
from clinic.threads import DatabasePool

logger = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
T = TypeVar("T")

PATH = "/staff/stream"
STREAMS_EACH_PERSON = 8
HEARTBEAT_SECONDS = 15.0
CHECK_SECONDS = 30.0
LONGEST_SECONDS = 3600.0
# The counts are read this often at most, for all streams together, and at least this often while there is a stream.
COUNT_SECONDS = 1.0
COUNT_ANYHOW_SECONDS = 5.0
HEADERS = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
# A page that is no longer logged in reloads and so shows the login.
NO_SESSION, FORBIDDEN, NOT_FOUND, NOT_ALLOWED, TOO_MANY, FAILED = 401, 403, 404, 405, 429, 500

pool = DatabasePool("staff-stream", 2)


async def in_pool(work: Callable[..., T], *args: Any) -> T:
    """Run blocking work in one of the streams' threads."""
    return await asyncio.wrap_future(pool.submit(work, *args))


class Refused(Exception):
    """The request is not answered; `status` says why."""

    def __init__(self, status: int) -> None:
        """Refuse with an HTTP status."""
        super().__init__(status)
        self.status = status


@dataclass(frozen=True)
class Asked:
    """A request for the stream: the session's key, the conversation on the page, whether one answer is enough."""

    key: str
    address: str
    conversation: UUID | None
    once: bool

    @classmethod
    def of(cls, scope: Scope) -> Asked:
        """Read a request; raises `Refused` unless it is a page of ours that asks."""
        request = ASGIRequest(dict(scope), BytesIO())
        if request.method != "GET":
            raise Refused(NOT_ALLOWED)
        try:
            host = request.get_host()
        except DisallowedHost:
            raise Refused(FORBIDDEN) from None
        origin = request.headers.get("Origin")
        if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin" or (
            origin and urlsplit(origin).netloc != host
        ):
            raise Refused(FORBIDDEN)
        raw = request.GET.get("conversation", "")
        try:
            conversation = UUID(raw) if raw else None
        except ValueError:
            raise Refused(NOT_FOUND) from None
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        address = str(request.META.get("REMOTE_ADDR", ""))
        return cls(key, address, conversation, request.GET.get("once") == "1")


def reader(asked: Asked) -> User:
    """Return who asks, without counting it as activity; raises `Refused` for whoever may not read."""
    session = import_module(settings.SESSION_ENGINE).SessionStore(asked.key)
    # All that Django looks at here is the session.
    user = auth.get_user(SimpleNamespace(session=session))  # type: ignore[arg-type]
    if not isinstance(user, User) or sessions.over_by(session, time.time()) or access.obstacle(user, session):
        raise Refused(NO_SESSION)
    if not user.may(Right.READ):
        by = log.Actor(user.pk, user.username, asked.address)
        log.record(Action.ACCESS_DENIED, by, ("page", PATH), result=Entry.Result.DENIED)
        raise Refused(FORBIDDEN)
    return user


def last_seq(conversation: UUID) -> int | None:
    """Return the number of a conversation's last message, or None when it is not there (any more)."""
    return Conversation.objects.filter(pk=conversation).values_list("last_seq", flat=True).first()


class Stream:
    """One stream on its way: what it has told, and what it has still to tell."""

    def __init__(self, asked: Asked, user: User, send: Send) -> None:
        """Tell `user` of the queue and of the conversation that was asked for."""
        self.user = user
        self._asked = asked
        self._send = send
        self._awake = asyncio.Event()
        self._queue: dict[str, int] | None = None
        self._has_news = asked.conversation is not None
        self._typing: bool | None = None
        self.is_closed = False

    def hear(self, conversation: UUID, news: News) -> None:
        """Take news of any conversation."""
        if conversation != self._asked.conversation:
            return
        if news.who is None:
            self._has_news = True
        elif news.who == "visitor":
            self._typing = news.on
        self._awake.set()

    def take_queue(self, counts: dict[str, int]) -> None:
        """Take new counts."""
        self._queue = counts
        self._awake.set()

    def close(self) -> None:
        """End soon."""
        self.is_closed = True
        self._awake.set()

    async def run(self) -> None:
        """Tell what is new until the time is up, the session is over or the process ends."""
        began = time.monotonic()
        # Streams that began together are not checked together for ever.
        check_at = began + CHECK_SECONDS * random.uniform(0.8, 1)  # noqa: S311
        while not self.is_closed and (now := time.monotonic()) < began + LONGEST_SECONDS:
            if now >= check_at:
                try:
                    await in_pool(reader, self._asked)
                except Refused:
                    return
                check_at = now + CHECK_SECONDS
            try:
                async with asyncio.timeout(min(HEARTBEAT_SECONDS, check_at - now)):
                    await self._awake.wait()
            except TimeoutError:
                await self._write(event("alive", {}))
            self._awake.clear()
            await self._tell()

    async def _tell(self) -> None:
        parts = []
        if self._queue is not None:
            parts.append(event("queue", self._queue))
            self._queue = None
        if self._has_news:
            self._has_news = False
            parts.append(event("conversation", await position(self._asked.conversation)))
        if self._typing is not None:
            parts.append(event("typing", {"id": str(self._asked.conversation), "on": self._typing}))
            self._typing = None
        if parts:
            await self._write(b"".join(parts))

    async def _write(self, chunk: bytes) -> None:
        await self._send({"type": "http.response.body", "body": chunk, "more_body": True})


class Board:
    """All streams of this process, and the counts that they share; everything runs in the event loop."""

    def __init__(self) -> None:
        """Start without a stream; the first one starts the counting."""
        self._streams: list[Stream] = []
        self._has_news = False
        self._awake = asyncio.Event()
        self._counting: asyncio.Task[None] | None = None
        self._counts: tuple[float, waiting.Waiting] | None = None

    def add(self, stream: Stream) -> None:
        """Let a stream hear; raises `Refused` when its reader has too many."""
        if sum(other.user.pk == stream.user.pk for other in self._streams) >= STREAMS_EACH_PERSON:
            raise Refused(TOO_MANY)
        self._streams.append(stream)
        self._awake.set()
        if self._counting is None:
            self._counting = asyncio.get_running_loop().create_task(self._count())

    def remove(self, stream: Stream) -> None:
        """Undo `add`."""
        self._streams.remove(stream)
        if not self._streams and self._counting is not None:
            self._counting.cancel()
            self._counting = None

    def close(self) -> None:
        """End every stream; for the orderly end of the process."""
        for stream in self._streams:
            stream.close()

    async def counts(self, user: User) -> dict[str, int]:
        """Return what waits for somebody, read a second ago at most."""
        if self._counts is None or time.monotonic() - self._counts[0] > COUNT_SECONDS:
            self._counts = (time.monotonic(), await in_pool(waiting.read))
        return self._counts[1].of(user)

    def _hear(self, conversation: UUID, news: News) -> None:
        for stream in self._streams:
            stream.hear(conversation, news)
        if news.who is None:
            self._has_news = True
            self._awake.set()

    async def _count(self) -> None:
        told: dict[Stream, dict[str, int]] = {}
        with hub.following(self._hear, in_pool):
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(COUNT_ANYHOW_SECONDS):
                        await self._awake.wait()
                self._awake.clear()
                has_news, self._has_news = self._has_news, False
                try:
                    self._counts = (time.monotonic(), await in_pool(waiting.read))
                except Exception as error:
                    logger.error("The counts could not be read: %s.", type(error).__name__)
                    await asyncio.sleep(COUNT_SECONDS)
                    continue
                told = {stream: told[stream] for stream in self._streams if stream in told}
                for stream in self._streams:
                    counts = self._counts[1].of(stream.user)
                    if has_news or counts != told.get(stream):
                        told[stream] = counts
                        stream.take_queue(counts)
                await asyncio.sleep(COUNT_SECONDS)


board = Board()


async def position(conversation: UUID | None) -> dict[str, Any] | None:
    """Return how far a conversation is; None without one."""
    if conversation is None:
        return None
    return {"id": str(conversation), "last_seq": await in_pool(last_seq, conversation)}


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request for the stream."""
    try:
        asked = Asked.of(scope)
        user = await in_pool(reader, asked)
        if asked.once:
            now = {"counts": await board.counts(user), "conversation": await position(asked.conversation)}
            await _answer(send, 200, json.dumps(now).encode())
        else:
            await _serve(asked, user, receive, send)
    except Refused as refused:
        await _answer(send, refused.status)
    except Exception as error:
        logger.error("The staff's stream failed: %s.", type(error).__name__)
        await _answer(send, FAILED)


async def _answer(send: Send, status: int, body: bytes = b"") -> None:
    headers = [*HEADERS, (b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _serve(asked: Asked, user: User, receive: Receive, send: Send) -> None:
    stream = Stream(asked, user, send)
    board.add(stream)
    try:
        headers = [*HEADERS, (b"content-type", CONTENT_TYPE.encode()), (b"x-accel-buffering", b"no")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": event("alive", {}), "more_body": True})
        await tell_until_left(stream.run(), receive, send)
    finally:
        board.remove(stream)


def close() -> None:
    """Close the streams' threads and their connections."""
    pool.close()
