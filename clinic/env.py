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
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import dj_database_url
from dotenv import dotenv_values

from clinic.practice.hours import parse_week

BASE_DIR = Path(__file__).resolve().parent.parent
PREFIXES = ("CLINIC_", "TURN_", "MEASURING_", "LIMIT_", "ALLOWED_")


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
    "RASA_URL": Setting("http://127.0.0.1:5005", _url),
    "TURN_TIMEOUT_SECONDS": Setting("8", _number(1, 60)),
    "MEASURING_KEY": Setting("", _key),
    "VAR_DIR": Setting("var", _folder),
    "DEBUG": Setting("false", _boolean),
    "LIMIT_MESSAGES_PER_MINUTE": Setting("20", _number(1, 100_000)),
    "LIMIT_MESSAGES_PER_MINUTE_AND_ADDRESS": Setting("120", _number(1, 100_000)),
    "LIMIT_CONVERSATIONS_PER_HOUR_AND_ADDRESS": Setting("120", _number(1, 100_000)),
    "CLINIC_NAME": Setting("the clinic", _text),
    "CLINIC_PHONE": Setting("", _text),
    "CLINIC_EMAIL": Setting("", _text),
    "CLINIC_ADDRESS": Setting("", _text),
    "CLINIC_TIME_ZONE": Setting("America/Los_Angeles", _zone),
    "CLINIC_HOURS": Setting("mon-fri 09:00-17:00", _hours),
    "CLINIC_URGENT_PHONE": Setting("", _text),
    "EMERGENCY_NUMBER": Setting("911", _text),
    "CRISIS_LINE": Setting("988", _text),
    "CLINIC_PRICE_LINE": Setting("", _text),
    "CLINIC_PAYMENT": Setting("", _text),
    "CLINIC_DEPOSIT_POLICY": Setting("", _text),
    "CLINIC_CONSULTATION_FEE": Setting("", _text),
    "CLINIC_PARKING": Setting("", _text),
    "CLINIC_PRACTITIONERS": Setting("", _text),
    "BOOKING_URL": Setting("", _url),
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
    return typed


def load() -> dict[str, Any]:
    """Read `.env` (or the file that ENV_FILE names) and the process environment, which wins."""
    file = Path(os.environ.get("ENV_FILE") or BASE_DIR / ".env")
    from_file = {name: value or "" for name, value in dotenv_values(file, interpolate=False).items()}
    return read({**from_file, **os.environ})
