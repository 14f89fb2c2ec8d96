"""A small HTTP/1.1 client for loopback: the load it makes must not be felt on the machine that it measures."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from types import TracebackType
from typing import Any, Self

ANSWER_SECONDS = 60.0


class WireFailed(Exception):
    """The connection could not be made or broke, or the answer was no HTTP."""


class Wire:
    """One kept-open connection to a port of this machine; a context manager."""

    def __init__(self, port: int, headers: dict[str, str] | None = None) -> None:
        self.port = port
        common = {"Host": f"127.0.0.1:{port}", "Accept": "*/*", **(headers or {})}
        self._common = "".join(f"{name}: {value}\r\n" for name, value in common.items())
        self._opened: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def __aenter__(self) -> Self:
        """Connect. Raises WireFailed."""
        await self._connect()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        self._close()

    async def call(self, method: str, path: str, body: object | None = None, token: str = "") -> tuple[int, bytes]:
        """Send a request and return status and body; connects anew where the server has closed. Raises WireFailed."""
        if self._opened is None:
            await self._connect()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                status, headers = await self._begin(method, path, body, token)
                if "chunked" in headers.get("transfer-encoding", ""):
                    content = b"".join([chunk async for chunk in self._chunks()])
                else:
                    content = await self._reader.readexactly(int(headers.get("content-length", 0)))
        except (OSError, EOFError, ValueError) as problem:
            self._close()
            raise WireFailed(f"{method} {path}: {type(problem).__name__}") from None
        if headers.get("connection", "").lower() == "close":
            self._close()
        return status, content

    async def events(self, path: str, token: str) -> AsyncGenerator[tuple[str, Any], None]:
        """Yield ("open", None), then (kind, data) of each server-sent event of an endless answer. Raises WireFailed."""
        rest = b""
        try:
            status, _ = await self._begin("GET", path, None, token)
            if status != 200:
                raise WireFailed(f"GET {path}: status {status}")
            yield "open", None
            async for chunk in self._chunks():
                *whole, rest = (rest + chunk).split(b"\n\n")
                for event in whole:
                    fields = dict(line.split(b": ", 1) for line in event.split(b"\n") if not line.startswith(b":"))
                    if b"data" in fields:
                        yield fields[b"event"].decode(), json.loads(fields[b"data"])
        except (OSError, EOFError, ValueError) as problem:
            raise WireFailed(f"GET {path}: {type(problem).__name__}") from None
        finally:
            self._close()

    @property
    def _reader(self) -> asyncio.StreamReader:
        return self._streams()[0]

    def _streams(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._opened is None:
            raise WireFailed(f"port {self.port}: not connected")
        return self._opened

    async def _connect(self) -> None:
        try:
            self._opened = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError as problem:
            raise WireFailed(f"port {self.port}: {type(problem).__name__}") from None

    def _close(self) -> None:
        if self._opened is not None:
            self._opened[1].close()
        self._opened = None

    async def _begin(self, method: str, path: str, body: object | None, token: str) -> tuple[int, dict[str, str]]:
        """Send the request and return the answer's status and headers."""
        reader, writer = self._streams()
        content = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1\r\n", self._common]
        if token:
            lines.append(f"Authorization: Bearer {token}\r\n")
        if method == "POST":
            lines.append(f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n")
        writer.write("".join(lines).encode("latin-1") + b"\r\n" + content)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in head[1:] if line)
        return int(head[0].split(" ", 2)[1]), {name.strip().lower(): value.strip() for name, _, value in pairs}

    async def _chunks(self) -> AsyncIterator[bytes]:
        reader = self._reader
        while size := int(await reader.readline() or b"0", 16):
            yield (await reader.readexactly(size + 2))[:-2]
        await reader.readline()
