"""Taking out of a text what points at a person: phone numbers, e-mail addresses, dates, and names that we know."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.conf import settings
from phonenumbers import Leniency, PhoneNumberMatcher

EMAIL, PHONE, DATE, NAME = "[e-mail]", "[phone]", "[date]", "[name]"

_EMAIL = re.compile(r"[^\s@<>()\[\]\",;:]{1,64}@[^\s@<>()\[\]\",;:]{2,190}")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_YEAR = r"(?:19|20)\d\d"
_DATE = re.compile(
    rf"""\b(?:
        \d{{1,4}}\s?[-/.]\s?\d{{1,2}}\s?[-/.]\s?\d{{1,4}}
      | \d{{1,2}}/\d{{1,2}}
      | {_MONTH}\s{{0,3}}{_DAY}\b(?:,?\s{{0,3}}{_YEAR})?
      | {_DAY}\s{{0,3}}(?:of\s{{1,3}})?{_MONTH}\b(?:,?\s{{0,3}}{_YEAR})?
      | {_MONTH}\s{{0,3}}{_YEAR}
      | {_YEAR}
    )(?!\w)""",
    re.IGNORECASE | re.VERBOSE,
)
# What is left of a number that no country's plan knows, such as one with a digit too few, and other long numbers.
_DIGITS = re.compile(r"\+?\d(?:[\s().-]{0,2}\d){6,}")
SHORTEST_NAME = 2


def redacted(text: str, names: Iterable[str] = ()) -> str:
    """Return the text with such places replaced by `[phone]` and the like.

    `names` are what is known of the visitor; each of their words is taken out where it stands as a word. A name that
    nobody has told us stays.
    """
    text = _EMAIL.sub(EMAIL, text)
    text = _DATE.sub(DATE, _without_phones(text))
    text = _DIGITS.sub(PHONE, text)
    words = {word for name in names for word in name.split() if len(word) >= SHORTEST_NAME}
    if words:
        longest_first = sorted(words, key=len, reverse=True)
        text = re.sub(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", NAME, text, flags=re.IGNORECASE)
    return text


def _without_phones(text: str) -> str:
    found = list(PhoneNumberMatcher(text, settings.CLINIC_REGION, Leniency.POSSIBLE))
    for match in reversed(found):
        if not _DATE.fullmatch(match.raw_string):
            text = text[: match.start] + PHONE + text[match.end :]
    return text
