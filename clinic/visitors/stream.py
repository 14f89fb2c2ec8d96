"""`GET /stream`: a conversation's messages as they come, as server-sent events.

Each event of the type `message` carries the message's number as its id, so a stream that breaks is taken up with
`after`. `typing` and `owner` events carry no id. The stream ends by itself after a while; the reader asks anew.

The bot is not shown typing while staff hold the conversation, though the gate goes on reading: nothing comes of it.
"""

from __future__ import annotations

import asyncio
import time
from uuid import UUID

from clinic.conversations.hub import InPool, Subscription, TooManyStreams, hub
from clinic.conversations.models import BOT, WAITING
from clinic.conversations.wake import Who
from clinic.streaming import CONTENT_TYPE, Send, event, tell_until_left
from clinic.visitors import desk, shapes
from clinic.visitors.http import SECURITY_HEADERS, Request
from clinic.visitors.problems import Problem

HEARTBEAT_SECONDS = 15.0
LONGEST_SECONDS = 3600.0
# Who types on says so again; what comes sooner is an echo, as PostgreSQL tells a process its own news.
AGAIN_SECONDS = 1.0
# Whose typing the visitor is shown, by who owns the conversation.
TYPING_SHOWN: tuple[tuple[Who, tuple[str, ...]], ...] = (("bot", (BOT, WAITING)), ("staff", ("staff",)))


class Stream:
    """One stream on its way: how far it has told, and what it has said of typing and owner."""

    def __init__(self, send: Send, conversation: UUID, after: int, in_pool: InPool) -> None:
        """Tell the conversation from `after` on."""
        self._send_event = send
        self._conversation = conversation
        self._after = after
        self._in_pool = in_pool
        self._typing: dict[Who, tuple[float, bool]] = {}
        self._owner: tuple[str, str | None] = ("", None)
        self._sent_at = 0.0

    async def run(self, subscription: Subscription) -> None:
        """Tell what is new whenever the subscription wakes, until the time is up or the process ends."""
        end = time.monotonic() + LONGEST_SECONDS
        subscription.news.set()
        while not subscription.closed and time.monotonic() < end:
            try:
                # Unlike `wait_for`, this never takes news for more than the end of the stream when both come at once.
                # What wakes a stream may be nothing for its reader, who takes a line that is silent for dead.
                async with asyncio.timeout_at(self._sent_at + HEARTBEAT_SECONDS):
                    await subscription.news.wait()
            except TimeoutError:
                await self._send(b": still here\n\n")
            subscription.news.clear()
            if not await self._tell(subscription):
                return

    async def _tell(self, subscription: Subscription) -> bool:
        """Send everything new; return False when the conversation is gone."""
        typing = dict(subscription.typing)
        while True:
            try:
                news: desk.News = await self._in_pool(desk.news, self._conversation, self._after)
            except Problem:
                return False
            parts = [event("message", shapes.shown(message), message.seq) for message in news.messages]
            if (news.owner, news.name) != self._owner:
                parts.append(event("owner", {"owner": news.owner, "name": news.name}))
                self._owner = (news.owner, news.name)
            more = news.last_seq > self._after and len(news.messages) == desk.PAGE
            self._after = max(self._after, news.last_seq)
            if not more:
                break
            await self._send(b"".join(parts))
        parts += self._typing_events(typing)
        if parts:
            await self._send(b"".join(parts))
        return True

    def _typing_events(self, typing: dict[Who, tuple[float, bool]]) -> list[bytes]:
        """Return what has changed of whom the visitor sees typing, and who has said again that they do."""
        owner, name = self._owner
        events = []
        for who, owners in TYPING_SHOWN:
            heard_at, on = typing.get(who, (0.0, False))
            told_at, was_on = self._typing.get(who, (0.0, False))
            on = on and owner in owners
            if on != was_on or (on and heard_at >= told_at + AGAIN_SECONDS):
                named = {"name": name} if who == "staff" else {}
                events.append(event("typing", {"who": who, "on": on, **named}))
                self._typing[who] = (heard_at, on)
        return events

    async def _send(self, chunk: bytes) -> None:
        self._sent_at = asyncio.get_running_loop().time()
        await self._send_event({"type": "http.response.body", "body": chunk, "more_body": True})


async def serve(request: Request, send: Send, conversation: UUID, after: int, in_pool: InPool) -> None:
    """Serve one stream until its reader, its conversation or this process goes; raises problems before it begins."""
    await in_pool(desk.news, conversation, 2**31 - 1)
    try:
        with hub.subscribed(conversation, in_pool) as subscription:
            headers = [
                *SECURITY_HEADERS,
                (b"content-type", CONTENT_TYPE.encode()),
                (b"x-accel-buffering", b"no"),
            ]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b": hello\n\n", "more_body": True})
            telling = Stream(send, conversation, after, in_pool).run(subscription)
            await tell_until_left(telling, request.receive, send)
    except TooManyStreams:
        raise Problem(429, "rate_limited", headers={"Retry-After": "15"}) from None
