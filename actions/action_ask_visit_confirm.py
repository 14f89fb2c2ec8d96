"""Asks for a yes before anything about a request changes."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher


class ActionAskVisitConfirm(Action):
    """Asks for a yes before anything about a request changes."""

    def name(self) -> str:
        """Return the name that the form looks for."""
        return "action_ask_visit_confirm"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Ask."""
        if tracker.slots.get("visit_what") == "withdraw":
            dispatcher.utter_message(response="utter_ask_visit_withdraw")
        else:
            when = (tracker.slots.get("visit_when") or {}).get("text")
            dispatcher.utter_message(response="utter_ask_visit_change", booking_preferred=when)
        return []
