"""Reads the whole request back and asks whether to send it."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.effects import plan_of
from rasa_ext.forms import CHANGE, NO

# Said where the visitor left something open.
NOTHING = "–"


class ActionAskBookingConfirm(Action):
    """Reads the whole request back and asks whether to send it."""

    def name(self) -> str:
        """Return the name that the form looks for."""
        return "action_ask_booking_confirm"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Ask."""
        slots = tracker.slots
        if _is_something_wrong(tracker):
            dispatcher.utter_message(response="utter_ask_booking_change")
            return []
        reach = slots.get("booking_reach") or {}
        said = {
            "booking_kind": slots.get("booking_wish"),
            "booking_preferred": (slots.get("booking_when") or {}).get("text"),
            "booking_who": slots.get("booking_visitor"),
            "booking_called": slots.get("booking_name"),
            "booking_contact": ", ".join(filter(None, (reach.get("phone"), reach.get("email")))),
        }
        values = {name: value or NOTHING for name, value in said.items()}
        dispatcher.utter_message(response="utter_ask_booking_confirm", **values)
        return []


def _is_something_wrong(tracker: Tracker) -> bool:
    """Tell whether the visitor wants to change something and has not said what, or not so that it was taken."""
    plan = plan_of(tracker)
    name = str(tracker.slots.get("booking_name") or "").casefold()
    took_name = bool(name) and name in plan["answer"].casefold()
    return plan["form"] == CHANGE or (plan["form"] == NO and bool(plan["answer"]) and not took_name)
