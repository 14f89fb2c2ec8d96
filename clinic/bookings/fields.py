"""What visitors type into a booking request, read: harmless text stays as it is, the rest is refused by name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import phonenumbers
from django.conf import settings
from email_validator import EmailNotValidError, validate_email

NAME_LENGTH = 300
TEXT_LENGTH = 1000
PHONE_LENGTH = 40
EMAIL_LENGTH = 254
WINDOWS = 12
LABEL_LENGTH = 200


class BadPhone(ValueError):
    """The text is no phone number that could be called."""


class BadEmail(ValueError):
    """The text is no e-mail address."""


def line(text: Any, length: int) -> str:
    """Return what was typed as one line of at most `length` characters, without signs that show nothing.

    Letters of any script, apostrophes, emoji and mark-up stay as they are: pages and mails show them as plain text.
    Anything that is no text becomes "".
    """
    if not isinstance(text, str):
        return ""
    # A zero-width joiner holds many an emoji and some scripts together; the other invisible signs only hide text.
    shown = "".join(
        " " if sign.isspace() else sign
        for sign in text
        if sign.isspace() or sign == "\u200d" or unicodedata.category(sign)[0] != "C"
    )
    return " ".join(shown.split())[:length].rstrip()


def phone(text: Any) -> str:
    """Return a phone number in E.164, such as "+19165550100"; raises `BadPhone`.

    One that is in E.164 already was read in a message and read back to the visitor: it need not be in use anywhere.
    """
    typed = re.sub(r"^\s*00(?=[1-9])", "+", line(text, PHONE_LENGTH))
    try:
        number = phonenumbers.parse(typed, settings.ENV["CLINIC_REGION"])
    except phonenumbers.NumberParseException:
        raise BadPhone from None
    number.extension = None
    found = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    was_read = typed == found and phonenumbers.is_possible_number(number)
    if not was_read and not phonenumbers.is_valid_number(number):
        raise BadPhone
    return found


def email(text: Any) -> str:
    """Return an e-mail address in its normal form, without asking any server about it; raises `BadEmail`."""
    try:
        return validate_email(line(text, EMAIL_LENGTH + 1), check_deliverability=False).normalized
    except EmailNotValidError:
        raise BadEmail from None


def windows(found: Any) -> list[dict[str, str]]:
    """Return the windows of a visitor's preferred times that can be used: `{"start", "end", "label"}`, ISO and aware.

    What has another shape, or ends before it begins, is left out; the words of the visitor are kept beside it anyway.
    """
    read = (_window(one) for one in (found if isinstance(found, list) else [])[:WINDOWS])
    return [one for one in read if one]


def _window(raw: Any) -> dict[str, str] | None:
    if not isinstance(raw, Mapping):
        return None
    try:
        start, end = (datetime.fromisoformat(str(raw.get(name))) for name in ("start", "end"))
    except ValueError:
        return None
    if start.tzinfo is None or end.tzinfo is None or end <= start:
        return None
    return {
        "start": start.isoformat(timespec="minutes"),
        "end": end.isoformat(timespec="minutes"),
        "label": line(raw.get("label"), LABEL_LENGTH),
    }
