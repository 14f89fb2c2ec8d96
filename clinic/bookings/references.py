"""References of booking requests: short, readable aloud, and impossible to guess one from another."""

from __future__ import annotations

import secrets

# No two signs look alike, and without vowels, or digits that stand for them, no word comes about.
ALPHABET = "25679CDFGHJKMNPQRTWX"
LENGTH = 6


def new() -> str:
    """Return a random reference."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def spoken(reference: str) -> str:
    """Return the reference as people read it, "K7M-5QX"."""
    return f"{reference[:3]}-{reference[3:]}"


def read(text: str) -> str:
    """Return the reference that somebody typed, without the signs they put between; "" when it can be none."""
    found = "".join(sign for sign in text[:40].upper() if sign.isalnum())
    return found if len(found) == LENGTH and set(found) <= set(ALPHABET) else ""
