"""The booking form of the chat as a visitor fills it in."""

from __future__ import annotations

import re

from tests.e2e.chatting import Chat, beginnings

WANTING = "I would like to book a visit"
PHONE = "(202) 555-0142"
HALF_DAY = re.compile(r"[A-Z][a-z]{2}, [A-Z][a-z]{2} \d{1,2}, (?:morning|afternoon)")


def begin(chat: Chat, visit: str = "Consultation") -> None:
    """Ask for a visit and come to the question for the day."""
    chat.ask(WANTING)
    assert chat.press(visit)[-1].startswith(beginnings("utter_ask_booking_when"))


def choose_half_day(chat: Chat) -> str:
    """Press the last half-day on offer and return its title."""
    title = chat.log.get_by_role("button", name=HALF_DAY).last.inner_text()
    assert chat.press(title)[-1].startswith(beginnings("utter_ask_booking_visitor"))
    return title


def leave_details(chat: Chat, name: str) -> None:
    """Give a name and a number, agree, and come to the read-back."""
    assert chat.ask(name)[-1].startswith(beginnings("utter_ask_booking_reach"))
    assert chat.ask(PHONE)[-1].startswith(beginnings("utter_ask_booking_consent"))
    assert chat.press("Yes, that is fine")[-1].startswith(beginnings("utter_ask_booking_confirm"))


def fill_in(chat: Chat, name: str) -> str:
    """Go through the form up to the read-back, by typing and by buttons, and return the half-day."""
    begin(chat)
    title = choose_half_day(chat)
    assert chat.press("No, I am new")[-1].startswith(beginnings("utter_ask_booking_name"))
    leave_details(chat, name)
    return title
