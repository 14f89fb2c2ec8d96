"""What a visitor does under load, against the stand-in."""

from __future__ import annotations

import asyncio

import pytest

from bench.load import TEXTS, Bot, Ours, StockBot, run_long, run_opened, run_visitors, texts
from bench.wire import Wire, WireFailed
from tests.bench.fake import KEY, FakeApi, fake_api


def bots(api: FakeApi) -> tuple[Bot, Bot]:
    return Ours(api.port, KEY), StockBot(api.port)


def test_every_message_is_sent_once_in_a_conversation_of_its_own() -> None:
    with fake_api() as api:
        for bot in bots(api):
            block = asyncio.run(run_visitors(bot, 3, texts(7)))
            assert len(block.milliseconds) == 7
            assert block.seconds > 0
        assert sorted(api.asked.values()) == sorted([text] for text in texts(7))


def test_conversations_can_be_opened_before_the_clock_starts() -> None:
    with fake_api() as api:
        for bot in bots(api):
            assert len(asyncio.run(run_opened(bot, 3, texts(7))).milliseconds) == 7
        assert sorted(text for asked in api.asked.values() for text in asked) == sorted(texts(7))


def test_late_and_early_messages_are_taken_in_pairs() -> None:
    with fake_api() as api:
        growth = asyncio.run(run_long(Ours(api.port, KEY), 12, 2))
        lengths = sorted(len(asked) for asked in api.asked.values())
    assert len(growth.early) == len(growth.late) == 20
    assert lengths == [13, 13, 31]


def test_texts_repeat_in_the_same_order() -> None:
    assert texts(len(TEXTS) + 1) == [*TEXTS, TEXTS[0]]


def test_a_closed_port_is_a_failure_of_the_wire() -> None:
    with fake_api() as api:
        port = api.port

    async def connect() -> None:
        async with Wire(port):
            pass

    with pytest.raises(WireFailed):
        asyncio.run(connect())
