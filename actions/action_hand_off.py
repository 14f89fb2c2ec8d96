"""Hands a conversation to staff."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.effects import hours_of, plan_of, send_effect

# What the visitor is told, by the kind of hand-off; `_open` or `_closed` is added by the clinic's hours.
RESPONSES = {
    "emergency": "utter_emergency_staff",
    "staff_medical": "utter_staff_medical",
    "staff_other": "utter_hand_off",
}


class ActionHandOff(Action):
    """Makes the hand-off and tells the visitor the truth about when staff will read it."""

    def name(self) -> str:
        """Return the name that the rules use."""
        return "action_hand_off"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Send the hand-off's effect and its reply."""
        plan = plan_of(tracker)
        kind = plan["route"]
        send_effect(dispatcher, {"type": "hand_off", "kind": kind, "reason": plan["reason"]})
        dispatcher.utter_message(response=f"{RESPONSES[kind]}_{hours_of(tracker)}")
        return []
