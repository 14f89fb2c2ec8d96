"""Sending questions through the visitor API."""

from __future__ import annotations

import asyncio

import pytest

from bench.client import ask_all
from bench.evaluate import ask_questions
from ops.errors import Stop
from tests.bench.fake import KEY, fake_api


def test_each_text_gets_its_own_conversation_and_its_answer_in_order() -> None:
    texts = [f"question {number}" for number in range(20)]
    told: list[int] = []
    with fake_api() as api:
        found = asyncio.run(ask_all(f"http://127.0.0.1:{api.port}", KEY, texts, told=told.append))
    assert [prediction.reply for prediction in found] == [f"{text} 1\n{text} 2" for text in texts]
    assert sorted(api.asked.values()) == sorted([text] for text in texts)
    assert api.most_at_once <= 8
    assert told[-1] == 20


def test_a_prediction_carries_what_measuring_adds() -> None:
    with fake_api() as api:
        (found,) = asyncio.run(ask_all(f"http://127.0.0.1:{api.port}", KEY, ["when"]))
    assert (found.route, found.topics, found.confidence, found.handoff) == (
        "answer",
        ("onset", "safety"),
        0.9,
        "booking",
    )
    assert found.ms > 0


def test_a_refused_message_has_no_route_but_the_refusal_as_reply() -> None:
    with fake_api() as api:
        (found,) = asyncio.run(ask_all(f"http://127.0.0.1:{api.port}", KEY, ["   "]))
    assert (found.route, found.reply) == (None, "Please write something.")


def test_a_wrong_measuring_key_is_said_in_one_sentence() -> None:
    with fake_api() as api, pytest.raises(Stop, match="does not take the measuring key"):
        ask_questions(f"http://127.0.0.1:{api.port}", "another-key", ["when", "where"])


def test_no_server_is_said_in_one_sentence() -> None:
    with fake_api() as api:
        port = api.port
    with pytest.raises(Stop, match="got no answer"):
        ask_questions(f"http://127.0.0.1:{port}", KEY, ["when"])
