"""What clinic reads in a visitor's message for the brain: phone numbers and e-mail addresses, and what apps add."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from email_validator import EmailNotValidError, validate_email
from phonenumbers import (
    Leniency,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberMatcher,
    ValidationResult,
    format_number,
    is_possible_number_with_reason,
)

from clinic.conversations.models import Conversation

# A message is read this far, and of each kind this many are told.
MOST_CHARACTERS = 2000
MOST = 5
FEWEST_DIGITS = 7
ADDRESS = re.compile(r"[^\s@<>()\[\]\",;:]{1,64}@[^\s@<>()\[\]\",;:]{3,190}")

# Called before each turn with the conversation, the message's text and now; returns entries of the turn's context.
Reader = Callable[[Conversation, str, datetime], dict[str, Any]]
_readers: list[Reader] = []


def register(reader: Reader) -> None:
    """Let `reader` add to the context of every turn."""
    if reader not in _readers:
        _readers.append(reader)


def added(conversation: Conversation, text: str, now: datetime) -> dict[str, Any]:
    """Return what the registered readers add to a turn's context."""
    found: dict[str, Any] = {}
    for reader in _readers:
        found |= reader(conversation, text[:MOST_CHARACTERS], now)
    return found


def readings(text: str) -> dict[str, list[str]]:
    """Return `{"phones": […], "emails": […]}`: numbers as E.164, addresses normalised, in the order written.

    A number without a country's code belongs to the region of the setting CLINIC_REGION. Nothing is looked up.
    """
    text = text[:MOST_CHARACTERS]
    emails = _emails(text) if "@" in text else []
    # Digits inside an address are no phone number.
    bare = ADDRESS.sub(" ", text)
    phones = _phones(bare) if sum(character.isdigit() for character in bare) >= FEWEST_DIGITS else []
    return {"phones": phones, "emails": emails}


def _emails(text: str) -> list[str]:
    found: dict[str, None] = {}
    for match in ADDRESS.finditer(text):
        try:
            address = validate_email(match[0].strip(".!?'"), check_deliverability=False)
        except EmailNotValidError:
            continue
        found[address.normalized] = None
    return list(found)[:MOST]


def _phones(text: str) -> list[str]:
    found: dict[str, None] = {}
    for leniency in (Leniency.VALID, Leniency.POSSIBLE):
        for match in PhoneNumberMatcher(text, settings.CLINIC_REGION, leniency=leniency):
            if _is_whole(match.number):
                found[format_number(match.number, PhoneNumberFormat.E164)] = None
        if found:
            break
    return list(found)[:MOST]


def _is_whole(number: PhoneNumber) -> bool:
    """Tell whether a number can be called from anywhere: not a local one without its area code."""
    return bool(is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE)
