"""Server-sent events as every stream of ours sends them, and the end that each comes to."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from contextlib import suppress
from typing import Any

logger = logging.getLogger(__name__)

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
CONTENT_TYPE = "text/event-stream"


def event(kind: str, data: Any, number: int | None = None) -> bytes:
    """Return one server-sent event with JSON data; with a `number`, that is its id."""
    identity = "" if number is None else f"id: {number}\n"
    return f"{identity}event: {kind}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()


async def tell_until_left(telling: Coroutine[Any, Any, None], receive: Receive, send: Send) -> None:
    """Run `telling`, which sends a stream that has begun, until it ends or its reader goes; then end the answer.

    What breaks a stream is logged by its kind alone: its reader asks anew and then hears why.
    """
    told, left = asyncio.ensure_future(telling), asyncio.ensure_future(_left(receive))
    try:
        await asyncio.wait((told, left), return_when=asyncio.FIRST_COMPLETED)
    finally:
        left.cancel()
        told.cancel()
        try:
            await told
        except (asyncio.CancelledError, OSError):
            pass
        except Exception as error:
            logger.error("A stream broke off: %s.", type(error).__name__)
    with suppress(OSError):
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _left(receive: Receive) -> None:
    """Return when the reader has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
