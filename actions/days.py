"""Days and times that a visitor picks by button, whose titles no fixed text can say."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Optional

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.effects import context_of

Values = dict[str, Any]
TITLE_LENGTH = 120
CHOICE = "choice:"
# How the clinic words a time of no certain day, and a certain day's time at the end.
ANY_DAY = "any day, "
TIME = re.compile(
    r", (?:in the \w+|at (?:\d.*|noon|lunchtime|the end of the day)|noon|between .+|after .+|before .+|"
    r"first thing in the morning)$"
)


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


def on_known_day(day: Values, known: Any) -> Values:
    """Return a newly read day; a time that comes without a day is meant for the day known before."""
    before = (known or {}).get("text") or ""
    text = day["text"]
    is_one = before and " or " not in before and not before.startswith("any day")
    if not is_one or not text.startswith(ANY_DAY) or " or " in text:
        return day
    # Kept in words: the clinic reads no time of its own for a day that another message named.
    return {"text": f"{TIME.sub('', before)}, {text.removeprefix(ANY_DAY)}", "windows": []}


def is_over(day: Any, now: datetime) -> bool:
    """Tell whether a day that was read once has gone by, for visitors who come back much later."""
    windows = (day or {}).get("windows") or []
    try:
        return bool(windows) and all(datetime.fromisoformat(window["end"]) < now for window in windows)
    except ValueError:
        return False


def _button(slot: str, title: str, value: str) -> dict[str, str]:
    return {"intent": f"pick_{slot}", "title": title[:TITLE_LENGTH], "value": value}
