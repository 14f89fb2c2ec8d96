"""Changes the way to be reached that a visitor has left before."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.answers import reach_in
from actions.effects import context_of, send_effect


class ActionUpdateContact(Action):
    """Passes a new phone number or e-mail address on; the visitor's consent covers it."""

    def name(self) -> str:
        """Return the name that the planner uses."""
        return "action_update_contact"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Send the effect and the reply."""
        send_effect(dispatcher, {"type": "contact", "update": True, **reach_in(context_of(tracker)["readings"], None)})
        dispatcher.utter_message(response="utter_contact_updated")
        return []
