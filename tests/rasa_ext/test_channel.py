"""What goes out of the brain, from trackers written by hand; scenarios test the channel on the real stack."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.events import ActionExecuted, BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from rasa_ext.channel import take_turn, turn_result, without_command_prefix

READING = {"text": "hi", "question": False, "ranking": [], "known": False, "medical": 0.1, "emergency": 0.0}
PARSED: dict[str, Any] = {
    "intent": {"name": "safety", "confidence": 0.9},
    "intent_ranking": [{"name": "safety", "confidence": 0.9}],
    "understood": {
        "whole": READING,
        "parts": [READING],
        "areas": [],
        "products": [],
        "language": "en",
        "follow_up": None,
    },
    "plan": {
        "route": "answer",
        "topics": ["safety"],
        "intents": ["safety"],
        "actions": [],
        "buttons": ["onset"],
        "reason": "",
    },
}


def result_of(*uttered: dict[str, Any]) -> dict[str, Any]:
    before = [BotUttered("", {"custom": {"response": "utter_old", "values": {}}}), ActionExecuted("action_listen")]
    spoken = [BotUttered("", {"custom": custom}) for custom in uttered]
    message = UserUttered("hi", PARSED["intent"], parse_data=PARSED)  # type: ignore[arg-type]
    return turn_result(DialogueStateTracker.from_events("c", [*before, message, *spoken], []))


@pytest.mark.parametrize("typed", ["/restart", " /foo bar", '/safety{"x":1}', "// /", "\n/a"])
def test_typed_text_is_never_a_command(typed: str) -> None:
    assert not without_command_prefix(typed).startswith("/")


@given(st.text())
def test_no_text_becomes_a_command(typed: str) -> None:
    assert not without_command_prefix(typed).startswith("/")


def test_plain_text_is_left_as_it_is() -> None:
    assert without_command_prefix("and/or both?") == "and/or both?"


def test_replies_and_effects_are_told_apart() -> None:
    effect = {"type": "hand_off", "kind": "staff_other"}
    reply = {"response": "utter_hand_off_open", "values": {}}
    out = result_of({"effect": effect}, reply)
    assert out["effects"] == [effect]
    assert [r["response"] for r in out["replies"]] == ["utter_hand_off_open"]


def test_only_this_turns_replies_go_out() -> None:
    out = result_of({"response": "utter_safety", "values": {}})
    assert [r["response"] for r in out["replies"]] == ["utter_safety"]


def test_buttons_go_with_the_last_reply() -> None:
    out = result_of({"response": "utter_safety", "values": {}}, {"response": "utter_safety_label", "values": {}})
    assert [r["buttons"] for r in out["replies"]] == [[], [{"intent": "onset"}]]


def test_a_forms_question_keeps_its_own_buttons() -> None:
    out = result_of({"response": "utter_safety", "values": {}}, {"response": "utter_resume_contact_name", "values": {}})
    assert [r["buttons"] for r in out["replies"]] == [[{"intent": "onset"}], []]


def test_the_planner_learns_what_the_form_waits_for() -> None:
    taken: list[UserMessage] = []

    async def take(message: UserMessage) -> None:
        taken.append(message)

    state = {"slots": {"contact_status": "given"}, "active_form": "contact_form", "requested_slot": "contact_name"}
    body = {"text": "Ana", "message_id": "m", "choice": None, "state": state}
    context = {"recent": ["my number is 916 555 0100 ok"], "open": True}
    asyncio.run(take_turn(take, {**body, "context": context}))
    metadata = taken[0].metadata or {}
    assert {key: metadata[key] for key in ("active_form", "requested_slot", "contact_status", "open")} == {
        "active_form": "contact_form",
        "requested_slot": "contact_name",
        "contact_status": "given",
        "open": True,
    }
    assert metadata["recent"] == ["my number is   ok"]


def test_what_was_understood_is_reported() -> None:
    understood = result_of()["understood"]
    assert (understood["route"], understood["topics"], understood["confidence"]) == ("answer", ["safety"], 0.9)
    assert understood["parts"] == [{"text": "hi", "intent": None, "confidence": 0.0, "known": False}]
