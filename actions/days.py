"""Days and times that a visitor picks by button, whose titles no fixed text can say."""

from __future__ import annotations

from typing import Any, Optional

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.effects import context_of

Values = dict[str, Any]
TITLE_LENGTH = 120
CHOICE = "choice:"


def ask_for_day(dispatcher: CollectingDispatcher, tracker: Tracker, slot: str) -> None:
    """Ask for a day and time, with the next open half-days as buttons, or which of several meanings is meant."""
    choices = tracker.slots.get("booking_choices") or []
    if choices:
        buttons = [_button(slot, one["text"], f"{CHOICE}{number}") for number, one in enumerate(choices)]
        dispatcher.utter_message(response="utter_ask_booking_when_which", buttons=buttons)
        return
    offered = context_of(tracker).get("half_days") or []
    buttons = [_button(slot, half["title"], f"{half['begins']}/{half['ends']}") for half in offered]
    dispatcher.utter_message(response="utter_ask_booking_when", buttons=buttons)


def picked(value: str, title: str, choices: list[Values]) -> Optional[Values]:
    """Return the day of a pressed button: one of the choices asked between, or a half-day as "begin/end"."""
    if value.startswith(CHOICE):
        number = int(value.removeprefix(CHOICE))
        return dict(choices[number]) if number < len(choices) else None
    begins, _, ends = value.partition("/")
    return {"text": title, "windows": [{"start": begins, "end": ends, "label": title}]} if ends else None


def _button(slot: str, title: str, value: str) -> dict[str, str]:
    return {"intent": f"pick_{slot}", "title": title[:TITLE_LENGTH], "value": value}
