"""What the plain page says in the visitor's language: days and times, opening hours, and texts with their links."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from clinic.practice.hours import Hours

Texts = Mapping[str, str]
# A text without an address, or one that is a link to it.
Part = tuple[str, str]
PLACE = re.compile(r"\{(\w+)\}")
ADDRESS = r"https?://[^\s<>\"']*[^\s<>\"'.,;:!?)]"


def fill(text: str, **values: Any) -> str:
    """Return a text with its `{name}` places filled; one that nobody fills stays."""
    return PLACE.sub(lambda place: str(values.get(place[1], place[0])), text)


def moment(at: datetime, now: datetime, texts: Texts) -> str:
    """Return a moment as "9:00 am today" or "Monday, November 23 at 9:00 am"; both moments are of the same zone."""
    time = f"{at.hour % 12 or 12}:{at.minute:02} {texts['am' if at.hour < 12 else 'pm']}"
    if at.date() == now.date():
        return fill(texts["today"], time=time)
    weekday, month = texts["weekdays"].split()[at.weekday()], texts["months"].split()[at.month - 1]
    return fill(texts["moment"], weekday=weekday, month=month, day=at.day, time=time)


def opening(hours: Hours, now: datetime, texts: Texts) -> str:
    """Return whether the clinic is open, and when that changes; "" for a clinic that has told no hours at all."""
    now = now.astimezone(hours.zone)
    if hours.is_open(now):
        closes = hours.closes(now)
        return fill(texts["openUntil"], time=moment(closes, now, texts)) if closes else texts["openNow"]
    opens = hours.next_opening(now)
    return fill(texts["closedUntil"], time=moment(opens, now, texts)) if opens else ""


def link_pattern(phones: Iterable[str]) -> re.Pattern[str]:
    """Return what finds web addresses and exactly these phone numbers."""
    numbers = "|".join(re.escape(phone) for phone in phones if phone)
    return re.compile(rf"({ADDRESS}|(?<![\d+])(?:{numbers})(?!\d))" if numbers else f"({ADDRESS})")


def lines(text: str, links: re.Pattern[str] | None) -> list[list[Part]]:
    """Return each line of a text as its parts, (text, address), without links where there is no pattern for them."""
    if links is None:
        return [[(line, "")] for line in text.splitlines()]
    return [
        [(part, _address(part) if position % 2 else "") for position, part in enumerate(links.split(line)) if part]
        for line in text.splitlines()
    ]


def _address(part: str) -> str:
    return part if part.startswith("http") else "tel:" + re.sub(r"[^\d+]", "", part)
