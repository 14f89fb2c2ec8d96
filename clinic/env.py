"""The deployment's settings: read once from `.env` and the environment, typed, and refused loudly when wrong.

Every name stands in `SETTINGS` together with how its text becomes a value. The process environment wins over
`.env`. A wrong value, or an unknown name that begins like one of ours, raises `SettingError`, whose text is one
sentence that names the setting.
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

import dj_database_url
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from dotenv import dotenv_values
from phonenumbers import SUPPORTED_REGIONS

from clinic.outbox.addresses import is_refused
from clinic.practice import public_holidays
from clinic.practice.hours import parse_week

BASE_DIR = Path(__file__).resolve().parent.parent
PREFIXES = ("ALERT_", "CLINIC_", "TURN_", "MEASURING_", "LIMIT_", "ALLOWED_", "BOOKING_")


class SettingError(Exception):
    """A setting is wrong or unknown; the text is one sentence for the person who starts the clinic."""


@dataclass(frozen=True)
class Setting:
    """One name: `read` turns its text into a value and raises ValueError with the end of a sentence when it cannot."""

    default: str
    read: Callable[[str], Any]


def _text(value: str) -> str:
    if any(ord(character) < 32 for character in value):
        raise ValueError("must be a single line of text")
    return value


def _said(value: str) -> str:
    """Read something that visitors are told as it stands."""
    if "{" in _text(value) or "}" in value:
        raise ValueError("must not hold { or }, which would stand in answers as they are")
    return value


def _dialled(value: str) -> str:
    if value and not re.search(r"\d", _said(value)):
        raise ValueError("must hold a phone number")
    return value


def _boolean(value: str) -> bool:
    try:
        return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}[value.lower()]
    except KeyError:
        raise ValueError("must be true or false") from None


def _number(low: int, high: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not re.fullmatch(r"\d{1,9}", value) or not low <= int(value) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(value)

    return read


def _names(value: str) -> list[str]:
    return [name for name in (part.strip() for part in value.split(",")) if name]


def _origins(value: str) -> list[str]:
    origins = _names(value)
    for origin in origins:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or f"{parts.scheme}://{parts.netloc}" != origin:
            raise ValueError("must be a comma-separated list of origins such as https://www.example.com")
    return origins


def _addresses(value: str) -> list[str]:
    addresses = _names(value)
    for address in addresses:
        try:
            ipaddress.ip_network(address)
        except ValueError:
            raise ValueError("must be a comma-separated list of IP addresses or networks") from None
    return addresses


def _address(value: str) -> str:
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        raise ValueError("must be an IP address such as 127.0.0.1") from None


def _url(value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"\s", value)):
        raise ValueError("must be an address that begins with http:// or https://")
    return value.rstrip("/")


def webhook(value: str) -> str:
    """Read a webhook's address."""
    try:
        parts = urlsplit(value)
        is_whole = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and not parts.fragment
    except ValueError:
        is_whole = False
    if value and (not is_whole or re.search(r"[\s@]", value)):
        raise ValueError("must be an address that begins with https:// and has neither a password nor a #")
    return value


def _shared_secret(value: str) -> str:
    if value and len(value) < 32:
        raise ValueError("must have at least 32 characters, or be empty")
    return value


def _one_of(*names: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in names:
            raise ValueError(f"must be one of {', '.join(names)}")
        return value

    return read


def _public_url(value: str) -> str:
    parts = urlsplit(_url(value))
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("must be an address such as https://chat.example.com, without a name, a query or a fragment")
    return parts.geturl()


def _is_email(value: str) -> bool:
    try:
        validate_email(value)
    except ValidationError:
        return False
    return True


def _email(value: str) -> str:
    if value and not _is_email(value):
        raise ValueError("must be an e-mail address such as desk@clinic.example")
    return value


def _emails(value: str) -> list[str]:
    addresses = list(dict.fromkeys(_names(value)))
    if not all(map(_is_email, addresses)):
        raise ValueError("must be a comma-separated list of e-mail addresses")
    return addresses


def _sender(value: str) -> str:
    if value and not _is_email(parseaddr(_text(value))[1]):
        raise ValueError('must be an e-mail address, alone or as "Name <address>"')
    return value


# Scheme of EMAIL_URL → the port that goes without saying: no TLS, STARTTLS, TLS from the first byte.
MAIL_SCHEMES = {"smtp": 25, "submission": 587, "smtps": 465}


def _mail_server(value: str) -> dict[str, Any]:
    """Return scheme, host, port, user and password of a mail server's address, nothing for ""."""
    if not value:
        return {}
    form = "must be a mail server such as smtps://user:password@mail.example.com:465, with smtp, submission or smtps"
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise ValueError(form) from None
    # Nothing may stand where it would be ignored, and a name without a password is a slip.
    rest = parts.path.strip("/") or parts.query or parts.fragment or port == 0 or re.search(r"\s", value)
    if parts.scheme not in MAIL_SCHEMES or not parts.hostname or rest or bool(parts.username) != bool(parts.password):
        raise ValueError(form)
    return {
        "scheme": parts.scheme,
        "host": parts.hostname,
        "port": port or MAIL_SCHEMES[parts.scheme],
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
    }


def _database(value: str) -> dict[str, Any]:
    try:
        return dict(dj_database_url.parse(value)) if value else {}
    except (ValueError, KeyError):
        raise ValueError("must be a database address such as postgresql://user:password@host/name") from None


def _secret(value: str) -> str:
    if value and len(value) < 32:
        raise ValueError("must have at least 32 characters, or be empty so that one is made")
    return value


def _key(value: str) -> str:
    if value and not re.fullmatch(r"[A-Za-z0-9_\-]{16,200}", value):
        raise ValueError("must have 16 or more letters, digits, - or _, or be empty to switch measuring off")
    return value


def _zone(value: str) -> str:
    try:
        return ZoneInfo(value).key
    except (KeyError, ValueError, OSError):
        raise ValueError("must be a time zone name such as America/Los_Angeles") from None


def _region(value: str) -> str:
    if value not in SUPPORTED_REGIONS:
        raise ValueError("must be a country's code of two capital letters such as US or GB")
    return value


def _hours(value: str) -> str:
    parse_week(value)
    return value


def _folder(value: str) -> Path:
    return (BASE_DIR / _text(value)).resolve()


SETTINGS: dict[str, Setting] = {
    "SECRET_KEY": Setting("", _secret),
    "DATABASE_URL": Setting("", _database),
    "BIND": Setting("127.0.0.1", _address),
    "PORT": Setting("8000", _number(1, 65535)),
    "ALLOWED_HOSTS": Setting("localhost,127.0.0.1,[::1]", _names),
    "ALLOWED_ORIGINS": Setting("", _origins),
    "TRUSTED_PROXIES": Setting("", _addresses),
    "PUBLIC_URL": Setting("", _public_url),
    "ALERT_EMAILS": Setting("", _emails),
    "ALERT_WEBHOOK_SECRET": Setting("", _shared_secret),
    "ALERT_WEBHOOK_ALLOW_PRIVATE": Setting("false", _boolean),
    "EMAIL_URL": Setting("", _mail_server),
    "EMAIL_FROM": Setting("", _sender),
    "RASA_URL": Setting("http://127.0.0.1:5005", _url),
    "TURN_TIMEOUT_SECONDS": Setting("8", _number(1, 60)),
    "MEASURING_KEY": Setting("", _key),
    "VAR_DIR": Setting("var", _folder),
    "DEBUG": Setting("false", _boolean),
    "LIMIT_MESSAGES_PER_MINUTE": Setting("20", _number(1, 100_000)),
    "LIMIT_MESSAGES_PER_MINUTE_AND_ADDRESS": Setting("120", _number(1, 100_000)),
    "LIMIT_CONVERSATIONS_PER_HOUR_AND_ADDRESS": Setting("120", _number(1, 100_000)),
    "LIMIT_STAFF_IDLE_MINUTES": Setting("15", _number(2, 60)),
    "LIMIT_STAFF_SESSION_HOURS": Setting("12", _number(1, 24)),
    "CLINIC_NAME": Setting("the clinic", _said),
    "CLINIC_PHONE": Setting("", _dialled),
    "CLINIC_EMAIL": Setting("", _email),
    "CLINIC_ADDRESS": Setting("", _said),
    "CLINIC_TIME_ZONE": Setting("America/Los_Angeles", _zone),
    "CLINIC_REGION": Setting("US", _region),
    "CLINIC_HOURS": Setting("mon-fri 09:00-17:00", _hours),
    "CLINIC_HOLIDAYS": Setting("", public_holidays.check),
    "CLINIC_URGENT_PHONE": Setting("", _dialled),
    "EMERGENCY_NUMBER": Setting("911", _dialled),
    "CRISIS_LINE": Setting("988", _dialled),
    "CLINIC_PRICE_LINE": Setting("", _said),
    "CLINIC_PAYMENT": Setting("", _said),
    "CLINIC_DEPOSIT_POLICY": Setting("", _said),
    "CLINIC_CONSULTATION_FEE": Setting("", _said),
    "CLINIC_PARKING": Setting("", _said),
    "CLINIC_PRACTITIONERS": Setting("", _said),
    "BOOKING_URL": Setting("", _url),
    "BOOKING_ADAPTER": Setting("request", _one_of("request", "link", "webhook", "ics")),
    "BOOKING_EXPIRY_HOURS": Setting("72", _number(1, 10_000)),
    "BOOKING_WEBHOOK_URL": Setting("", webhook),
    "BOOKING_WEBHOOK_SECRET": Setting("", _shared_secret),
    "BOOKING_WEBHOOK_ALLOW_PRIVATE": Setting("false", _boolean),
}


def read(values: Mapping[str, str]) -> dict[str, Any]:
    """Return the typed value of every setting; raise `SettingError` for the first that is wrong or unknown."""
    for name in values:
        if name.startswith(PREFIXES) and name not in SETTINGS:
            near = difflib.get_close_matches(name, SETTINGS, n=1)
            hint = f"; did you mean {near[0]}?" if near else "; .env.example lists them all."
            raise SettingError(f"The setting {name} does not exist{hint}")
    typed: dict[str, Any] = {}
    for name, setting in SETTINGS.items():
        try:
            typed[name] = setting.read(values.get(name, "").strip() or setting.default)
        except ValueError as error:
            raise SettingError(f"The setting {name} {error}.") from None
    _check_booking(typed)
    if typed["ALERT_EMAILS"] and not (typed["EMAIL_URL"] and typed["EMAIL_FROM"]):
        raise SettingError("The setting ALERT_EMAILS needs EMAIL_URL and EMAIL_FROM, by which the alerts are sent.")
    if typed["EMAIL_URL"] and not typed["EMAIL_FROM"]:
        raise SettingError("The setting EMAIL_URL needs EMAIL_FROM, the sender of every mail.")
    return typed


# What each way to take bookings needs besides its name.
BOOKING_NEEDS = {
    "link": ("BOOKING_URL",),
    "webhook": ("BOOKING_WEBHOOK_URL", "BOOKING_WEBHOOK_SECRET"),
    "ics": ("CLINIC_EMAIL",),
}


def _check_booking(typed: Mapping[str, Any]) -> None:
    """Raise `SettingError` when the settings for bookings do not go together."""
    adapter, url = typed["BOOKING_ADAPTER"], typed["BOOKING_WEBHOOK_URL"]
    for name in BOOKING_NEEDS.get(adapter, ()):
        if not typed[name]:
            raise SettingError(f"The setting {name} must not be empty when BOOKING_ADAPTER is {adapter}.")
    if problem := webhook_problem(url, "BOOKING_WEBHOOK", typed):
        raise SettingError(f"The setting BOOKING_WEBHOOK_URL {problem}.")


def webhook_problem(url: str, settings_of: str, typed: Mapping[str, Any]) -> str:
    """Return why a webhook with these settings may not go to an address, as the end of a sentence; "" when it may."""
    allowing = f"{settings_of}_ALLOW_PRIVATE"
    if not url or typed[allowing]:
        return ""
    if not url.startswith("https://"):
        return f"must begin with https:// unless {allowing} is true"
    return f"must not lead into a private network unless {allowing} is true" if is_refused(url) else ""


def load() -> dict[str, Any]:
    """Read `.env` (or the file that ENV_FILE names) and the process environment, which wins."""
    file = Path(os.environ.get("ENV_FILE") or BASE_DIR / ".env")
    from_file = {name: value or "" for name, value in dotenv_values(file, interpolate=False).items()}
    return read({**from_file, **os.environ})
