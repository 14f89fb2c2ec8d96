"""How a stream ends, whoever ends it."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from clinic.streaming import event, tell_until_left
from clinic.visitors.http import Scope


def run(telling: Any, leaves: bool) -> list[Any]:
    """Run a stream whose reader leaves at once, or never; return what was sent."""
    sent: list[Any] = []

    async def receive() -> Scope:
        if not leaves:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(asyncio.wait_for(tell_until_left(telling, receive, send), 5))
    return sent


END = {"type": "http.response.body", "body": b"", "more_body": False}


def test_a_reader_who_leaves_ends_it() -> None:
    async def for_ever() -> None:
        await asyncio.Event().wait()

    assert run(for_ever(), leaves=True) == [END]


def test_what_breaks_it_is_logged_by_its_kind_alone(caplog: pytest.LogCaptureFixture) -> None:
    async def breaks() -> None:
        raise ValueError("what a visitor wrote")

    with caplog.at_level(logging.ERROR):
        assert run(breaks(), leaves=False) == [END]
    assert caplog.messages == ["A stream broke off: ValueError."]


def test_an_event_is_one_block_whatever_it_holds() -> None:
    block = event("message", {"text": "a\n\nevent: b"}, 7)
    assert block == b'id: 7\nevent: message\ndata: {"text":"a\\n\\nevent: b"}\n\n'
