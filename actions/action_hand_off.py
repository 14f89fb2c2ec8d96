"""Hands a conversation to staff."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.effects import context_of, hours_of, plan_of, send_effect

# What the visitor is told, by the kind of hand-off; `_open` or `_closed` is added by the clinic's hours.
RESPONSES = {
    "emergency": "utter_emergency_staff",
    "staff_medical": "utter_staff_medical",
    "staff_other": "utter_hand_off",
}
# While the clinic has switched the bot off.
BOT_OFF = "utter_bot_off"


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
        response = BOT_OFF if kind == "staff_other" and context_of(tracker).get("bot_off") else RESPONSES[kind]
        dispatcher.utter_message(response=f"{response}_{hours_of(tracker)}")
        return []
