"""What one visitor does, with ours and with the bot of `rasa init`, and how long each message takes."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any, Protocol

from bench.stock import answered_by_stock
from bench.wire import ANSWER_SECONDS, Wire, WireFailed

# General questions of several lengths, so that no hand-off changes what a long conversation is asked to do.
TEXTS = (
    "how long does it last",
    "is it painful?",
    "what areas can be treated",
    "who makes dysport",
    "how is dysport different from botox",
    "When would I start to see a result after the treatment?",
    "hi there, i was wondering how much time i have to take off work afterwards",
    "does it look natural or will i look frozen",
    "how many times a year would somebody come back for it",
    "what happens at a consultation",
)
API = "/api/v1"


def texts(count: int) -> list[str]:
    """Return that many texts, the same ones in the same order each time."""
    return list(islice(cycle(TEXTS), count))


@dataclass
class Block:
    """Messages sent one after another by each of some visitors: milliseconds each, and seconds for all together."""

    milliseconds: list[float]
    seconds: float


class Talk(Protocol):
    """One conversation."""

    async def send(self, text: str) -> float:
        """Send a message and return the milliseconds until its answer was there."""
        ...


class Session:
    """One conversation with ours, as the chat box holds it: messages by POST, answers by the stream."""

    def __init__(self, wire: Wire, token: str, events: AsyncIterator[tuple[str, Any]]) -> None:
        self.wire, self.token, self.events = wire, token, events

    async def send(self, text: str) -> float:
        """Send a message and return the milliseconds until its answer came by the stream. Raises WireFailed."""
        begun = time.perf_counter()
        body = {"id": str(uuid.uuid4()), "text": text}
        status, content = await self.wire.call("POST", f"{API}/messages", body, self.token)
        if status != 202:
            raise WireFailed(f"POST {API}/messages: status {status}")
        seq = json.loads(content)["seq"]
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                async for kind, message in self.events:
                    if kind == "message" and message["in_reply_to"] == seq:
                        return (time.perf_counter() - begun) * 1000
        except TimeoutError:
            raise WireFailed(f"Message {seq} was not answered within {ANSWER_SECONDS:g} seconds.") from None
        raise WireFailed("The stream ended before the answer.")


class Ours:
    """The visitor API of a stack."""

    def __init__(self, port: int, key: str) -> None:
        self.port, self.headers = port, {"Measuring-Key": key}

    def wire(self) -> Wire:
        """Return a connection for one visitor's requests."""
        return Wire(self.port, self.headers)

    @asynccontextmanager
    async def talk(self, wire: Wire) -> AsyncIterator[Session]:
        """Open a conversation and its stream. Raises WireFailed."""
        status, content = await wire.call("POST", f"{API}/conversations", {})
        if status != 201:
            raise WireFailed(f"POST {API}/conversations: status {status}")
        opened = json.loads(content)
        last = max((message["seq"] for message in opened["messages"]), default=0)
        token = opened["token"]
        async with Wire(self.port) as reading, aclosing(reading.events(f"{API}/stream?after={last}", token)) as events:
            await anext(events)
            yield Session(wire, token, events)


class StockTalk:
    """One conversation with the bot of `rasa init`: the answer is that of the POST."""

    def __init__(self, wire: Wire) -> None:
        self.wire, self.sender = wire, str(uuid.uuid4())

    async def send(self, text: str) -> float:
        """Send a message and return the milliseconds until its answer. Raises WireFailed."""
        begun = time.perf_counter()
        if not await answered_by_stock(self.wire, self.sender, text):
            raise WireFailed("The REST channel refused a message.")
        return (time.perf_counter() - begun) * 1000


class StockBot:
    """The REST channel of the bot of `rasa init`."""

    def __init__(self, port: int) -> None:
        self.port = port

    def wire(self) -> Wire:
        """Return a connection for one visitor's requests."""
        return Wire(self.port)

    @asynccontextmanager
    async def talk(self, wire: Wire) -> AsyncIterator[StockTalk]:
        """Name a new conversation; the bot makes it with its first message."""
        yield StockTalk(wire)


Bot = Ours | StockBot


async def run_visitors(bot: Bot, visitors: int, messages: Sequence[str]) -> Block:
    """Send every message in a fresh conversation; its opening counts in `seconds`, not in `milliseconds`."""
    waiting = iter(messages)
    taken: list[float] = []

    async def visit() -> None:
        async with bot.wire() as wire:
            for text in waiting:
                async with bot.talk(wire) as talk:
                    taken.append(await talk.send(text))

    return Block(taken, await _timed(visit, visitors))


async def run_opened(bot: Bot, visitors: int, messages: Sequence[str]) -> Block:
    """Send every message in a fresh conversation that was opened before the clock started."""
    taken: list[float] = []
    async with AsyncExitStack() as stack:
        wires = [await stack.enter_async_context(bot.wire()) for _ in range(visitors)]
        prepared: list[list[tuple[Talk, str]]] = [[] for _ in wires]
        for number, text in enumerate(messages):
            visitor = number % visitors
            talk: Talk = await stack.enter_async_context(bot.talk(wires[visitor]))
            prepared[visitor].append((talk, text))
        waiting = iter(prepared)

        async def visit() -> None:
            for talk, text in next(waiting):
                taken.append(await talk.send(text))

        return Block(taken, await _timed(visit, visitors))


async def _timed(visit: Callable[[], Awaitable[None]], visitors: int) -> float:
    begun = time.perf_counter()
    await asyncio.gather(*(visit() for _ in range(visitors)))
    return time.perf_counter() - begun


@dataclass
class Growth:
    """Milliseconds of early and of late messages of a conversation, taken in turns."""

    early: list[float]
    late: list[float]


EARLY = range(4, 14)


async def run_long(bot: Bot, first_late: int, rounds: int) -> Growth:
    """Bring one conversation to message `first_late`; then send in turns there and as message 4 to 13 of fresh ones.

    The same texts come in the same order on both sides, one pair right after the other, so that neither the text nor
    the machine's mood makes a difference.
    """
    growth = Growth([], [])
    async with bot.wire() as wire, bot.talk(wire) as old:
        for text in texts(first_late - 1):
            await old.send(text)
        for _ in range(rounds):
            async with bot.talk(wire) as young:
                for text in texts(EARLY.start - 1):
                    await young.send(text)
                for text in texts(len(EARLY)):
                    growth.early.append(await young.send(text))
                    growth.late.append(await old.send(text))
    return growth
