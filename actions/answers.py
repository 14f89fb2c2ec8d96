"""Taking a form's values out of what a visitor wrote: plain text in, plain text out, whatever the script."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, Optional

from rasa_ext.phrases import NAME_AND_NOT

# An e-mail address, or seven digits and more as in a phone number, with what leads up to it.
CONTACT = re.compile(
    r"(?i)(?:\b(?:my|the|phone|cell|mobile|number|e-?mail|address|is|it's|at|on|or|and|call|text|reach|me)\s+){0,6}"
    r"(?:[^\s@]{1,64}@\S*|[+(]*\d(?:[\s().+-]*\d){6,}\)?)"
)
_WORD = r"[^\W\d_][^\W\d_'’ʼ.-]*(?:['’ʼ.-][^\W\d_]*)*"
_NAME = rf"{_WORD}(?:\s+{_WORD}){{0,4}}"
STATED = re.compile(
    rf"(?i:\b(?:(?:my (?:full |first |last )?|the )?name(?: is|'s|’s)|(?:i am|i'm|i’m|im) called))[\s:]+({_NAME})"
)
# "I'm …" is a name only when it is written like one: "I'm pregnant" and "I'M WORRIED" are not.
SAID = re.compile(r"\b(?i:i'm|i’m|i am|im|this is)\s+([^\W\d_a-z][\w'’ʼ.-]*(?:\s+[^\W\d_a-z][\w'’ʼ.-]*){0,4})")
# "i'm ana, 916 555 0100", typed in a hurry: one or two words right before a mark, unless they say how somebody is.
SAID_SMALL = re.compile(r"(?i:\b(?:i'm|i’m|i am|im|this is)\s+)([a-z][a-z'’-]+(?:\s+[a-z][a-z'’-]+)?)(?=\s*[,;]|\s*$)")
STATE = re.compile(
    r"(?i)\b(?:new|free|sure|sorry|here|ok|okay|fine|good|well|back|late|busy|not|a|an|the|in|on|at|from|to|with|so|very|"
    r"really|just|old|sick|ill|open|happy|available|your|my|about|for|ready|nervous|afraid|scared|first|last|next|"
    r"able|unable|pregnant|worried|patient|client|out|off|still|now|\w+(?:ing|ed|ful|ous|able|ible|less))\b"
)
FILLERS = re.compile(
    r"(?i)^\s*(?:(?:hi|hello|hey|ok|okay|sure|yes|yeah|well|sorry|thanks|actually|wait|um+|hm+|please)\b"
    r"(?:[\s,.!:]+|$)|(?:oh|no)\s*[,.!:]+\s*)+"
)
LEAD_IN = re.compile(
    r"(?i)^\s*(?:(?:my|the) (?:full |first |last )?name(?:\s+is|'s|’s)?|i'm|i’m|i am|im|it's|it’s|it is|this is|"
    r"call me|you can call me|just)\b[\s:,]*"
)
# "Lopez, Ana": the family name first.
FAMILY_FIRST = re.compile(rf"{_NAME},\s*[^\W\d_a-z][\w'’ʼ.-]*(?:\s+[^\W\d_a-z][\w'’ʼ.-]*)?")
# What is written like this is no sentence that a name could end in: a formula, mark-up.
CODE = re.compile(r"[=<>{}]")
# Spelled as one says it: "sam at mail dot com".
SPELLED = re.compile(r"(?i)^(?:.*?)\b([\w.+-]+)\s*(?:\(at\)|\[at\]|\bat\b)\s*([\w-]+(?:(?:\s+dot\s+|\.)[\w-]+)+)\W*$")
DOT = re.compile(r"(?i)\s+dot\s+")
NAME_ENDS = re.compile(
    r"(?i)\s+(?:and|but|here|speaking|my|phone|number|email|at|on|call|text|from|with|because)\b.*$|[,;:\n].*$"
)
TIMES = re.compile(
    r"(?i)\b(?:mornings?|afternoons?|evenings?|noon|midday|lunch|weekdays?|weekends?|today|tonight|tomorrow|any\s?time|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|(?:before|after|between|until)\s+\w+|\d{1,2}\s?[ap]\.?m)\b"
)
WRONG = re.compile(r"(?i)^(?:is )?(?:wrong|not|incorrect|missing|misspell?ed|private)\b")
# "I don't have a phone" is no name.
REFUSED = re.compile(r"(?i)^\W*i (?:don['’]?t|do not|can['’]?t|cannot|won['’]?t|have no)\b")
# From here on two spellings are one name.
ALIKE = 0.7
# Who writes more than this, and not in capitals throughout, tells something else than a name.
MOST_WORDS = 12
SPELLED_LENGTH = 200
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
    if not match and beside_contact:
        match = next((one for one in SAID_SMALL.finditer(text) if not STATE.search(one[1])), None)
    if not match or WRONG.search(match[1]):
        return None
    name = NAME_ENDS.sub("", match[1]).strip(EDGES)
    return name if name and not (len(name) > 3 and name.isupper()) else None


def corrected_name(text: str, known: str) -> Optional[str]:
    """Return the name that a correction of the known one leaves: "it's John, not Jon", "no, Ana Lopes"; None else."""
    match = NAME_AND_NOT.search(text)
    if match and match["wrong"].casefold() in known.casefold().split():
        return " ".join(
            match["right"] if word.casefold() == match["wrong"].casefold() else word for word in known.split()
        )
    name = LEAD_IN.sub("", FILLERS.sub("", text), count=1).strip(EDGES)
    is_like = known and SequenceMatcher(None, name.casefold(), known.casefold()).ratio() >= ALIKE
    return name if is_like and name.casefold() != known.casefold() and name != text.strip(EDGES) else None


def name_in(text: str) -> str:
    """Return the name in an answer to the question for it; "" for a whole story, and when no letter is left of it."""
    if REFUSED.match(text):
        return ""
    if CODE.search(CONTACT.sub("", text)):
        return LEAD_IN.sub("", CONTACT.sub("", text), count=1).strip()
    words = text.split()
    if len(words) > MOST_WORDS and any(word.islower() for word in words):
        return ""
    left = without_contacts(text)
    stated = stated_name(left, beside_contact=True)
    left = FILLERS.sub("", left)
    own = LEAD_IN.sub("", left, count=1).strip(EDGES)
    name = stated or (own if FAMILY_FIRST.fullmatch(own) else NAME_ENDS.sub("", own).strip(EDGES))
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


def spelled_address(text: str) -> str:
    """Return the e-mail address that a text spells as it is said, such as "sam at mail dot com", or ""."""
    match = SPELLED.match(text[:SPELLED_LENGTH])
    return f"{match[1]}@{DOT.sub('.', match[2])}" if match else ""


def reach_in(readings: Mapping[str, Sequence[str]], known: Any) -> dict[str, str]:
    """Return the newest phone number and address of a message, over those known before; {} when there is none."""
    before = known if isinstance(known, dict) else {}
    found = {
        "phone": next(iter(reversed(readings.get("phones") or [])), ""),
        "email": next(iter(reversed(readings.get("emails") or [])), ""),
    }
    new = {name: value for name, value in found.items() if value}
    return {**before, **new} if new else {}
