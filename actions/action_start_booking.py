"""Opens the booking form, or hands a visitor over to staff where none is asked."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.effects import hours_of, plan_of, send_effect

RESPONSES = {"book": "utter_booking", "reschedule_cancel": "utter_reschedule"}


class ActionStartBooking(Action):
    """Passes the wish for an appointment to staff and says how it goes on; it never says that anything is booked."""

    def name(self) -> str:
        """Return the name that the rules use."""
        return "action_start_booking"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Send the hand-off's effect and the reply for a new or an existing appointment."""
        intent = next(name for name in plan_of(tracker)["intents"] if name in RESPONSES)
        send_effect(dispatcher, {"type": "hand_off", "kind": "booking", "reason": plan_of(tracker)["reason"]})
        asks_now = "booking_form" in plan_of(tracker)["after"]
        response = "utter_booking_start" if asks_now else RESPONSES[intent]
        dispatcher.utter_message(response=f"{response}_{hours_of(tracker)}")
        return []
