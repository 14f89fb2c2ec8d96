"""Runs one action with a turn's plan and context, or a form's validation with its slots."""

from __future__ import annotations

import asyncio
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

# When the messages of the tests were written.
NOW = "2026-11-21T09:00:00-08:00"


def run_action(action: Action, plan: dict[str, Any], context: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """Return the effects and the responses' names, in order."""
    message = {"intent": {"name": plan["intents"][-1]}, "plan": plan, "metadata": context}
    tracker = Tracker("m1", {}, message, [], False, None, {}, None)
    dispatcher = CollectingDispatcher()
    assert action.run(dispatcher, tracker, {}) == []
    effects = [m["custom"]["effect"] for m in dispatcher.messages if m.get("custom")]
    responses = [m["response"] for m in dispatcher.messages if m.get("response")]
    return effects, responses


def run_form(
    action: Action, plan: dict[str, Any], slots: dict[str, Any], context: dict[str, Any]
) -> tuple[dict[str, Any], list[Any], list[Any]]:
    """Return the slots that a form's validation sets, its effects and the responses' names, in order."""
    message = {"intent": {"name": "affirm"}, "plan": {"answer": "", **plan}, "metadata": {"now": NOW, **context}}
    tracker = Tracker("m1", dict(slots), message, [], False, None, {"name": "a_form"}, None)
    dispatcher = CollectingDispatcher()
    # The form's policy does not send the domain along.
    events = asyncio.run(action.run(dispatcher, tracker, {}))
    effects = [m["custom"]["effect"] for m in dispatcher.messages if m.get("custom")]
    responses = [m["response"] for m in dispatcher.messages if m.get("response")]
    return {event["name"]: event["value"] for event in events}, effects, responses


def run_ask(
    action: Action, slots: dict[str, Any], plan: dict[str, Any] | None = None, **context: Any
) -> dict[str, Any]:
    """Return the one message with which an action asks a form's question."""
    message = {"metadata": context, "plan": plan or {"form": "answer", "answer": ""}}
    tracker = Tracker("m1", slots, message, [], False, None, {"name": "a_form"}, None)
    dispatcher = CollectingDispatcher()
    assert action.run(dispatcher, tracker, {}) == []
    [message] = dispatcher.messages
    return dict(message)
