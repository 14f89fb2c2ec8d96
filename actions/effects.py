"""How an action tells the clinic service to do something: an effect, written with the replies in one transaction."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher


def context_of(tracker: Tracker) -> dict[str, Any]:
    """Return the context that came with the visitor's message; see docs/architecture.md."""
    return tracker.latest_message.get("metadata") or {}


def plan_of(tracker: Tracker) -> dict[str, Any]:
    """Return the turn's plan."""
    plan: dict[str, Any] = tracker.latest_message["plan"]
    return plan


def hours_of(tracker: Tracker) -> str:
    """Return "open" or "closed" by the clinic's hours, the ending of responses that come in both forms."""
    return "open" if context_of(tracker).get("open") else "closed"


def send_effect(dispatcher: CollectingDispatcher, effect: dict[str, Any]) -> None:
    """Send an effect along with the replies.

    Args:
        dispatcher: the action's dispatcher.
        effect: `{"type": …}` and what that type needs.
    """
    dispatcher.utter_message(json_message={"effect": effect})
