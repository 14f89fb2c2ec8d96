"""Asks for another time for a request that was sent before."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.days import ask_for_day


class ActionAskVisitWhen(Action):
    """Asks for another time for a request that was sent before."""

    def name(self) -> str:
        """Return the name that the form looks for."""
        return "action_ask_visit_when"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Ask."""
        ask_for_day(dispatcher, tracker, "visit_when")
        return []
