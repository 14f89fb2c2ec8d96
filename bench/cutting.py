"""A line between a browser and the service that breaks when told to: a TCP proxy.

It runs in the event loop of whoever opens it. What is cut is decided by bytes and not by requests, so connections that
are kept alive are cut as well as new ones. Of HTTP it knows only how a request begins that stores something.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

HOST = "127.0.0.1"
CHUNK = 16 * 1024
STORING = (b"POST /api/v1/messages ", b"POST /api/v1/conversations ")
# Closing such a socket resets its connection instead of ending it in order.
RESET = struct.pack("ii", 1, 0)

Direction = Literal["up", "down"]


@dataclass
class Trap:
    """Cuts one connection, once: `after` so many more bytes in a direction.

    With `storing` it waits for a request that stores something and counts the bytes of its connection alone: in the
    direction "down" that cuts off the answer to what the service has already done.
    """

    direction: Direction
    after: int
    storing: bool = False
    sprung: asyncio.Event = field(default_factory=asyncio.Event)
    connection: Connection | None = None

    def room(self, connection: Connection, direction: Direction, chunk: bytes) -> int | None:
        """Return how many bytes of the chunk still pass before the cut, None when all do."""
        if self.sprung.is_set():
            return None
        if self.storing and self.connection is None and direction == "up" and chunk.startswith(STORING):
            self.connection = connection
        if direction != self.direction or (self.storing and self.connection is not connection):
            return None
        if len(chunk) < self.after:
            self.after -= len(chunk)
            return None
        return self.after


class Connection:
    """One connection of the browser and the one to the service that belongs to it."""

    def __init__(self, browser: asyncio.StreamWriter, service: asyncio.StreamWriter) -> None:
        self.browser, self.service = browser, service
        self.dead = False
        self.unanswered = False

    def close(self, *, reset: bool) -> None:
        """End both sides at once."""
        for writer in (self.browser, self.service):
            known: socket.socket | None = writer.get_extra_info("socket")
            if reset and known is not None and known.fileno() >= 0:
                known.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            writer.transport.abort()


class Line:
    """A port that leads to one of several services; all deeds hit whatever goes through it.

    `delay` is in seconds for each piece on its way; `storing_lost` cuts whoever stores something, half of
    them only when the service has answered.
    """

    def __init__(self, services: Sequence[int], chance: random.Random) -> None:
        """Lead to the first of these ports; `chance` decides how connections end."""
        self.services = list(services)
        self.chance = chance
        self.port = 0
        self.delay = 0.0
        self.storing_lost = False
        self.trap: Trap | None = None
        self._up_to = self.services[0]
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._server: asyncio.Server | None = None
        self._connections: set[Connection] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Where the browser finds the service."""
        return f"http://{HOST}:{self.port}"

    async def open(self) -> None:
        """Take connections, on the same port every time."""
        if self._server is None:
            self._server = await asyncio.start_server(self._accept, HOST, self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    def shut(self) -> None:
        """Refuse connections and cut those that are open."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.cut()

    async def close(self) -> None:
        """End for good."""
        self.shut()
        self._flowing.set()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> int:
        """Cut every connection, and return how many there were."""
        cut = len(self._connections)
        for connection in tuple(self._connections):
            connection.close(reset=self.chance.random() < 0.5)
        self._connections.clear()
        return cut

    def stall(self) -> None:
        """Let nothing through, and keep what comes until `flow`."""
        self._flowing.clear()

    def flow(self) -> None:
        """Let everything through again."""
        self._flowing.set()

    def deaden(self) -> int:
        """Swallow whatever the open connections carry from now on, without closing them; return how many."""
        for connection in self._connections:
            connection.dead = True
        return len(self._connections)

    def switch(self) -> None:
        """Cut, and lead to another service."""
        others = [port for port in self.services if port != self._up_to]
        self._up_to = self.chance.choice(others or self.services)
        self.cut()

    async def mend(self) -> None:
        """Make the line whole."""
        self.delay, self.storing_lost, self.trap = 0.0, False, None
        # What was swallowed is missing: such a connection can only end.
        for connection in [each for each in self._connections if each.dead]:
            self._end(connection)
        self.flow()
        await self.open()

    def _accept(self, reader: asyncio.StreamReader, browser: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._lead(reader, browser))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _lead(self, browser_reader: asyncio.StreamReader, browser: asyncio.StreamWriter) -> None:
        try:
            reader, service = await asyncio.open_connection(HOST, self._up_to)
        except OSError:
            browser.transport.abort()
            return
        connection = Connection(browser, service)
        self._connections.add(connection)
        pumps = [
            asyncio.create_task(self._pump(connection, "up", browser_reader, service)),
            asyncio.create_task(self._pump(connection, "down", reader, browser)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            self._connections.discard(connection)
            for writer in (browser, service):
                writer.close()

    async def _pump(
        self, connection: Connection, direction: Direction, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with contextlib.suppress(OSError):
            async for chunk in _chunks(reader):
                if self.delay:
                    await asyncio.sleep(self.delay)
                await self._flowing.wait()
                if connection.dead:
                    continue
                room = self._room(connection, direction, chunk)
                writer.write(chunk[:room])
                await writer.drain()
                if room is not None:
                    self._end(connection)
                    return

    def _room(self, connection: Connection, direction: Direction, chunk: bytes) -> int | None:
        """Return how many bytes of the chunk pass before its connection is cut, None when it is not."""
        if connection.unanswered and direction == "down":
            return 0
        if self.storing_lost and direction == "up" and chunk.startswith(STORING):
            if self.chance.random() < 0.5:
                return self.chance.randrange(len(chunk))
            connection.unanswered = True
        if self.trap is None:
            return None
        room = self.trap.room(connection, direction, chunk)
        if room is not None:
            self.trap.sprung.set()
        return room

    def _end(self, connection: Connection) -> None:
        # In order, so that what has been let through arrives first.
        self._connections.discard(connection)
        if self.chance.random() < 0.5:
            connection.close(reset=False)
        for writer in (connection.service, connection.browser):
            writer.close()


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while chunk := await reader.read(CHUNK):
        yield chunk
