"""What a visitor agrees to by writing, and how its wording is named: by a hash, which outlives the wording.

The texts are those of the chat's string file, one for each language. A page says which wording it showed; only one that
stands in the file today is taken.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache

from django.conf import settings

from clinic.conversations.book import Consent

TEXT_ID = "widget.consent"
FILE = settings.BASE_DIR / "widget" / "strings.json"
# So many hexadecimal digits of its hash name a wording.
LENGTH = 16


@cache
def _wordings() -> dict[str, str]:
    """Return the wording of each language."""
    strings = json.loads(FILE.read_bytes())
    return {language: _hash(texts["chat"]["consent"]) for language, texts in strings.items()}


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:LENGTH]


def wording(language: str = "en") -> str:
    """Return what names the text that visitors agree to in a language; raises KeyError for one without texts."""
    return _wordings()[language]


def agreed(named: str) -> Consent | None:
    """Return the consent to the wording of this name, None when no language has it today."""
    for language, known in _wordings().items():
        if known == named:
            return Consent(TEXT_ID, language, known)
    return None
