"""Taking a form's values out of what a visitor wrote: plain text in, plain text out, whatever the script."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Optional

# An e-mail address, or seven digits and more as in a phone number, with what leads up to it.
CONTACT = re.compile(
    r"(?i)(?:\b(?:my|the|phone|cell|mobile|number|e-?mail|address|is|it's|at|on|or|and|call|text|reach|me)\s+){0,6}"
    r"(?:[^\s@]{1,64}@\S*|[+(]*\d(?:[\s().+-]*\d){6,}\)?)"
)
_WORD = r"[^\W\d_][^\W\d_'’ʼ.-]*(?:['’ʼ.-][^\W\d_]*)*"
_NAME = rf"{_WORD}(?:\s+{_WORD}){{0,4}}"
STATED = re.compile(rf"(?i:\b(?:my (?:full |first |last )?|the )?name(?: is|'s|’s))[\s:]+({_NAME})")
# "I'm …" is a name only when it is written like one: "I'm pregnant" and "I'M WORRIED" are not.
SAID = re.compile(r"\b(?i:i'm|i’m|i am|im|this is)\s+([^\W\d_a-z][\w'’ʼ.-]*(?:\s+[^\W\d_a-z][\w'’ʼ.-]*){0,4})")
LEAD_IN = re.compile(
    r"(?i)^\s*(?:(?:hi|hello|hey|ok|okay|sure|yes|well|oh|sorry|thanks|no)[\s,.!]+)*"
    r"(?:(?:my|the) (?:full |first |last )?name(?:\s+is|'s|’s)?|i'm|i’m|i am|im|it's|it’s|it is|this is|call me|"
    r"you can call me|just)\b[\s:,]*"
)
NAME_ENDS = re.compile(
    r"(?i)\s+(?:and|but|here|speaking|my|phone|number|email|at|on|call|text|from|with|because)\b.*$|[,;:\n].*$"
)
TIMES = re.compile(
    r"(?i)\b(?:mornings?|afternoons?|evenings?|noon|midday|lunch|weekdays?|weekends?|today|tonight|tomorrow|any\s?time|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|(?:before|after|between|until)\s+\w+|\d{1,2}\s?[ap]\.?m)\b"
)
# Who writes more than this, and not in capitals throughout, tells something else than a name.
MOST_WORDS = 12
EDGES = " \t\r\n.,;:!-–—|/"


def shortened(text: str, most: int) -> str:
    """Return a text on one line, cut after a whole word where it is longer than `most` characters."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    cut = line[: most + 1]
    return (cut[: cut.rindex(" ")] if " " in cut[1:] else line[:most]).strip()


def without_contacts(text: str) -> str:
    """Return a text without its phone numbers and e-mail addresses and without marks at its ends."""
    return CONTACT.sub(" ", text).strip(EDGES)


def stated_name(text: str, beside_contact: bool) -> Optional[str]:
    """Return the name that a text states by itself: "my name is …", and "I'm …" beside a phone number or an address."""
    match = STATED.search(text) or (SAID.search(text) if beside_contact else None)
    if not match:
        return None
    name = NAME_ENDS.sub("", match[1]).strip(EDGES)
    return name if name and not (len(name) > 3 and name.isupper()) else None


def name_in(text: str) -> str:
    """Return the name in an answer to the question for it; "" for a whole story, and when no letter is left of it."""
    words = text.split()
    if len(words) > MOST_WORDS and any(word.islower() for word in words):
        return ""
    left = without_contacts(text)
    stated = stated_name(left, beside_contact=True)
    name = stated or NAME_ENDS.sub("", LEAD_IN.sub("", left, count=1)).strip(EDGES)
    name = name or left
    return name if any(character.isalpha() for character in name) else ""


def name_beside_contact(text: str) -> bool:
    """Tell whether something that may be a name stands beside a phone number or an address: not a time, not nothing."""
    name = name_in(text)
    return bool(name) and not TIMES.search(name)


def time_in(text: str) -> str:
    """Return the time in an answer to the question for it; "" when neither letter nor digit is left of it."""
    left = without_contacts(text)
    return left if any(character.isalnum() for character in left) else ""


def stated_time(text: str) -> Optional[str]:
    """Return the sentence beside a phone number or an address that names a time, or None."""
    pieces = [piece.strip(EDGES) for piece in re.split(r"[,;\n]|\.\s", without_contacts(text))]
    return next((piece for piece in pieces if TIMES.search(piece)), None)


def reach_in(readings: Mapping[str, Sequence[str]], known: Any) -> dict[str, str]:
    """Return the newest phone number and address of a message, over those known before; {} when there is none."""
    before = known if isinstance(known, dict) else {}
    found = {
        "phone": next(iter(reversed(readings.get("phones") or [])), ""),
        "email": next(iter(reversed(readings.get("emails") or [])), ""),
    }
    new = {name: value for name, value in found.items() if value}
    return {**before, **new} if new else {}
