"""Runs one action with a turn's plan and context."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher


def run_action(action: Action, plan: dict[str, Any], context: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """Return the effects and the responses' names, in order."""
    message = {"intent": {"name": plan["intents"][-1]}, "plan": plan, "metadata": context}
    tracker = Tracker("m1", {}, message, [], False, None, {}, None)
    dispatcher = CollectingDispatcher()
    assert action.run(dispatcher, tracker, {}) == []
    effects = [m["custom"]["effect"] for m in dispatcher.messages if m.get("custom")]
    responses = [m["response"] for m in dispatcher.messages if m.get("response")]
    return effects, responses
