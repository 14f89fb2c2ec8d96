"""The texts of the widget's interface, which all stand in `widget/strings.json`."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from django.conf import settings

SOURCE = settings.BASE_DIR / "widget"
FALLBACK = "en"


@cache
def by_language() -> dict[str, Any]:
    """Return {language: {"direction": "ltr" | "rtl", "launcher": {…}, "chat": {…}, "plain": {…}}}."""
    found: dict[str, Any] = json.loads((SOURCE / "strings.json").read_bytes())
    return found


def language(wanted: str) -> str:
    """Return the language of ours that is nearest to the one that is wanted, such as "es" for "es-MX"."""
    first = wanted.replace("_", "-").partition("-")[0].lower()
    return first if first in by_language() else FALLBACK


def of(part: str, language: str) -> dict[str, str]:
    """Return the texts of one part of the interface."""
    found: dict[str, str] = by_language()[language][part]
    return found
